"""The archive: filed, fetched, cleaned up; and addresses for what is too large to pass through."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from azure.storage.blob import UserDelegationKey

from shared_code.core.ports import Archive
from shared_code.storage.accounts import BLOCK, Accounts
from shared_code.storage.archive import BlobArchive, Signer
from tests.fakes import FakeArchive, FakeClock
from tests.storage import request

LARGE = b"Contoso, " * (BLOCK // 8)


@pytest.fixture
def folder() -> str:
    asked = request()
    return f"{asked.tenant_id}/{asked.report}/{asked.run_id}"


def _file(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "file"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("content", [b"", b"short", LARGE], ids=["empty", "short", "blocks"])
async def test_what_was_put_is_fetched(
    archive: Archive, folder: str, tmp_path: Path, content: bytes
) -> None:
    path = f"{folder}/one/report.html"
    await archive.put(path, _file(tmp_path, content), media_type="text/html")

    fetched = tmp_path / "fetched"
    with fetched.open("wb") as target:
        await archive.fetch(path, target)

    assert fetched.read_bytes() == content == await archive.read(path)


async def test_putting_again_replaces(archive: Archive, folder: str, tmp_path: Path) -> None:
    for content in (LARGE, b"second"):
        await archive.put(f"{folder}/x", _file(tmp_path, content), media_type="text/plain")

    assert await archive.read(f"{folder}/x") == b"second"


async def test_what_was_not_filed_is_not_found(
    archive: Archive, folder: str, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await archive.read(f"{folder}/none")
    with (tmp_path / "x").open("wb") as target, pytest.raises(FileNotFoundError):
        await archive.fetch(f"{folder}/none", target)


async def test_only_the_kept_attempt_stays(archive: Archive, folder: str, tmp_path: Path) -> None:
    file = _file(tmp_path, b"x")
    for attempt in ("one", "two", "twofold"):
        await archive.put(f"{folder}/{attempt}/report.html", file, media_type="text/html")
    await archive.put(f"{folder}-other/one/report.html", file, media_type="text/html")

    await archive.keep_only(folder, "two")

    assert await archive.read(f"{folder}/two/report.html") == b"x"
    assert await archive.read(f"{folder}-other/one/report.html") == b"x"
    for attempt in ("one", "twofold"):
        with pytest.raises(FileNotFoundError):
            await archive.read(f"{folder}/{attempt}/report.html")


async def test_a_redirect_opens_for_five_minutes_under_a_good_name(
    accounts: Accounts, folder: str, tmp_path: Path, clock: FakeClock
) -> None:
    archive = BlobArchive(accounts.container("reports"), accounts.signer(clock))
    path = f"{folder}/one/report.de.xlsx"
    await archive.put(path, _file(tmp_path, b"sheet"), media_type="application/x")
    # The emulator has a real clock.
    clock.now = clock.now.now(clock.now.tzinfo)

    address = await archive.redirect(path, file_name="a_b.xlsx", media_type="text/csv")

    assert address
    async with httpx.AsyncClient() as reader:
        answer = await reader.get(address)
    assert answer.content == b"sheet"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a_b.xlsx"'
    assert answer.headers["Content-Type"] == "text/csv"


async def test_no_redirect_to_an_emulator_that_readers_cannot_reach(clock: FakeClock) -> None:
    text = (
        "DefaultEndpointsProtocol=http;AccountName=emulated;AccountKey=c2VjcmV0;"
        "BlobEndpoint=http://azurite:10000/emulated;QueueEndpoint=http://azurite:10001/emulated;"
        "TableEndpoint=http://azurite:10002/emulated;"
    )
    async with Accounts.of_connection_string(text) as accounts:
        archive = BlobArchive(accounts.container("reports"), accounts.signer(clock))

        assert await archive.redirect("a/b", file_name="b", media_type="text/csv") is None
    assert await FakeArchive().redirect("a/b", file_name="b", media_type="text/csv") is None


@dataclass
class KeylessService:
    """A storage account that hands out delegation keys."""

    account_name: str = "reportscontoso"
    url: str = "https://reportscontoso.blob.core.windows.net/"
    handed_out: list[tuple[datetime, datetime]] = field(
        default_factory=list[tuple[datetime, datetime]]
    )

    async def get_user_delegation_key(self, start: datetime, expiry: datetime) -> UserDelegationKey:
        self.handed_out.append((start, expiry))
        key: Any = UserDelegationKey()
        key.signed_oid = key.signed_tid = "00000000-0000-4000-8000-000000000000"
        key.signed_start, key.signed_expiry = start.isoformat(), expiry.isoformat()
        key.signed_service, key.signed_version, key.value = "b", "2026-02-06", "c2VjcmV0"
        return key


async def test_without_account_keys_a_delegation_key_signs_and_outlives_every_address(
    clock: FakeClock,
) -> None:
    service: Any = KeylessService()
    signer = Signer(service, clock, is_keyless=True)

    for _ in range(40):
        signature = await signer.sign("a/b.xlsx", file_name="b.xlsx", media_type="text/csv")
        assert signature
        said = parse_qs(urlsplit(f"?{signature}").query)
        expiry = datetime.fromisoformat(said["se"][0])
        assert expiry == clock() + timedelta(minutes=5) <= service.handed_out[-1][1]
        assert said["sp"] == ["r"]
        assert said["sr"] == ["b"]
        assert said["skoid"]
        clock.advance(timedelta(minutes=6))

    assert len(service.handed_out) == 2
