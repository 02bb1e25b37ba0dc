"""The typesetter's package: whole and as deployed, or not there; whatever happens while it is fetched."""

import asyncio
import hashlib
import io
import json
import logging
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from azure.core.exceptions import ServiceRequestError

from dev.azurite import Azurite
from shared_code.core.errors import TypesetterMissing
from shared_code.storage.accounts import Accounts
from shared_code.storage.blobs import Blobs
from shared_code.storage.typesetter import BlobTypesetter, TypesetterPackage
from tests.fakes import FakeClock
from tests.service.stage import MONDAY

FILES = {"typst/__init__.py": b"", "fonts/files/a.ttf": bytes(range(256)) * 2_000}


def zipped() -> bytes:
    """Another one each time: the emulator is shared."""
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        for name, content in {**FILES, "id": uuid4().bytes}.items():
            archive.writestr(name, content)
    return out.getvalue()


def package_of(content: bytes) -> TypesetterPackage:
    digest = hashlib.sha256(content).hexdigest()
    return TypesetterPackage(name=f"typesetter-{digest[:12]}.zip", size=len(content), sha256=digest)


@dataclass
class Stage:
    root: Path
    blobs: Blobs
    content: bytes = field(default_factory=zipped)
    clock: FakeClock = field(default_factory=lambda: FakeClock(MONDAY))

    @property
    def package(self) -> TypesetterPackage:
        return package_of(self.content)

    def typesetter(self) -> BlobTypesetter:
        """Of a process of its own: nothing is shared but the disk."""
        return BlobTypesetter(self.blobs, self.package, self.root, self.clock)

    async def serve(self, content: bytes) -> None:
        await self.blobs.write(self.package.name, content)

    @property
    def left(self) -> list[str]:
        """What lies on the disk besides the lock."""
        return sorted(path.name for path in self.root.glob("*") if path.suffix != ".lock")

    def assert_whole(self) -> None:
        assert self.left == [self.package.sha256]
        for name, content in FILES.items():
            assert (self.root / self.package.sha256 / name).read_bytes() == content


@pytest.fixture
async def stage(tmp_path: Path, accounts: Accounts) -> Stage:
    return Stage(tmp_path / "typesetter", accounts.container("typesetter"))


async def test_it_is_fetched_once_and_stays(stage: Stage) -> None:
    await stage.serve(stage.content)
    typesetter = stage.typesetter()
    await typesetter.fetch()
    stage.assert_whole()

    await stage.blobs.delete(stage.package.name)
    await typesetter.fetch()
    await stage.typesetter().fetch()

    assert typesetter.folder == stage.root / stage.package.sha256


@pytest.mark.parametrize("change", ["flipped", "short", "long", "empty"])
async def test_what_is_not_the_file_that_was_deployed_is_never_unpacked(
    stage: Stage, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    whole = stage.content
    middle = len(whole) // 2
    served = {
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "short": whole[:-1],
        "long": whole + bytes(5_000_000),
        "empty": b"",
    }
    await stage.serve(served[change])

    with pytest.raises(TypesetterMissing):
        await stage.typesetter().fetch()

    assert stage.left == []
    [record] = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert record.getMessage().startswith(
        f"typesetter not fetched: file={stage.package.name} cause="
    )


def planted(stage: Stage, root: Path) -> None:
    (root / stage.package.sha256).mkdir(parents=True)
    (root / stage.package.sha256 / "typst.py").write_text("raise SystemExit")


async def test_what_somebody_else_could_have_put_there_is_not_taken(stage: Stage) -> None:
    planted(stage, stage.root)
    stage.root.chmod(0o777)
    await stage.serve(stage.content)

    with pytest.raises(TypesetterMissing):
        await stage.typesetter().fetch()


async def test_a_way_to_somewhere_else_is_not_taken(stage: Stage, tmp_path: Path) -> None:
    planted(stage, tmp_path / "elsewhere")
    stage.root.symlink_to(tmp_path / "elsewhere")
    await stage.serve(stage.content)

    with pytest.raises(TypesetterMissing):
        await stage.typesetter().fetch()


async def test_of_a_larger_file_no_more_than_was_deployed_is_read(stage: Stage) -> None:
    await stage.blobs.write("large", bytes(3_000_000))
    target = io.BytesIO()

    await stage.blobs.download("large", target, most=2_000_000)

    assert len(target.getvalue()) == 2_000_000


async def test_what_is_missing_is_asked_for_again_after_some_minutes(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    typesetter = stage.typesetter()
    for _ in range(3):
        with pytest.raises(TypesetterMissing):
            await typesetter.fetch()
    await stage.serve(stage.content)
    with pytest.raises(TypesetterMissing):
        await typesetter.fetch()
    assert [r.getMessage().rpartition("=")[2] for r in caplog.records] == ["FileNotFoundError"]

    stage.clock.advance(timedelta(minutes=5))
    await typesetter.fetch()

    stage.assert_whole()


class Silent(Blobs):
    """Storage that does not answer, after some bytes."""

    def __init__(self) -> None:
        pass

    async def download(self, name: str, target: BinaryIO, *, most: int | None = None) -> None:
        target.write(b"PK")
        raise ServiceRequestError("no answer")


class Full(Silent):
    """The disk is full."""

    async def download(self, name: str, target: BinaryIO, *, most: int | None = None) -> None:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("blobs", [Silent(), Full()], ids=lambda each: type(each).__name__)
async def test_nothing_stays_of_a_fetch_that_failed(stage: Stage, blobs: Blobs) -> None:
    broken = BlobTypesetter(blobs, stage.package, stage.root, stage.clock)
    with pytest.raises(TypesetterMissing):
        await broken.fetch()
    assert stage.left == []

    await stage.serve(stage.content)
    await stage.typesetter().fetch()

    stage.assert_whole()


class Counting(Blobs):
    """How often it was asked; slow enough for others to come meanwhile."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.asked = 0

    async def download(self, name: str, target: BinaryIO, *, most: int | None = None) -> None:
        self.asked += 1
        await asyncio.sleep(0.3)
        await self._blobs.download(name, target, most=most)


async def test_of_several_processes_and_runs_one_fetches_and_all_have_it(stage: Stage) -> None:
    await stage.serve(stage.content)
    counting = Counting(stage.blobs)
    processes = [BlobTypesetter(counting, stage.package, stage.root, stage.clock) for _ in range(3)]

    await asyncio.gather(*(each.fetch() for each in processes for _ in range(4)))

    assert counting.asked == 1
    stage.assert_whole()


_KILLED = """
import asyncio, json, sys, time
from pathlib import Path
from shared_code.storage import typesetter
from shared_code.storage.accounts import Accounts
from shared_code.wiring.build import now

class Stuck(typesetter.ZipFile):
    def extractall(self, path):
        self.extract(self.namelist()[0], path)
        print("unpacking", flush=True)
        time.sleep(60)

async def main(connection, root, package):
    typesetter.ZipFile = Stuck
    async with Accounts.of_connection_string(connection) as accounts:
        blobs = accounts.container("typesetter")
        wanted = typesetter.TypesetterPackage(**json.loads(package))
        await typesetter.BlobTypesetter(blobs, wanted, Path(root), now).fetch()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_killed_in_the_middle_of_unpacking_the_next_one_has_it(
    stage: Stage, azurite: Azurite
) -> None:
    await stage.serve(stage.content)
    package = stage.package
    asked = {"name": package.name, "size": package.size, "sha256": package.sha256}
    arguments = [azurite.connection_string, str(stage.root), json.dumps(asked)]
    with subprocess.Popen(  # noqa: ASYNC220 - it only starts
        [sys.executable, "-c", _KILLED, *arguments], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert await asyncio.to_thread(process.stdout.readline) == b"unpacking\n"
        assert [Path(name).suffix for name in stage.left] == [".part"]
        waiting = asyncio.create_task(stage.typesetter().fetch())
        process.send_signal(signal.SIGKILL)
        process.wait()

    await waiting

    stage.assert_whole()
