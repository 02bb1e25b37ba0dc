"""An unfinished collection is saved as a whole and goes on where it stopped."""

from pathlib import Path

import pytest

from shared_code.core.ports import Progress, SpoolFolder
from shared_code.core.run import RunRequest
from shared_code.storage.accounts import Accounts
from shared_code.storage.frames import Frames
from shared_code.storage.spool_folder import BlobSpoolFolder
from tests.storage import PEOPLE, Person, listing, request

EMPTY = listing("empty")
PROGRESS = {"people": Progress(cursor="2", pages=1), "empty": Progress(is_complete=True)}
ADA, BOB = Person(id="1", display_name="Ada"), Person(id="2", display_name="Bob")


async def _save(folder: SpoolFolder, asked: RunRequest, *people: Person) -> None:
    with folder.open() as spool:
        spool.dataset(PEOPLE).append(people)
        spool.dataset(EMPTY)
        await folder.save(asked, spool, PROGRESS)


async def test_nothing_saved_is_nothing_loaded(folder: SpoolFolder) -> None:
    with folder.open() as spool:
        assert await folder.load(request(), spool) == {}


async def test_a_collection_goes_on_where_it_stopped(folder: SpoolFolder) -> None:
    asked = request()
    await _save(folder, asked, ADA)

    with folder.open() as spool:
        assert await folder.load(asked, spool) == PROGRESS
        spool.dataset(PEOPLE).append([BOB])
        snapshot = spool.snapshot({})
        assert list(snapshot.rows(PEOPLE)) == [ADA, BOB]
        assert list(snapshot.rows(EMPTY)) == []


async def test_the_last_save_counts_alone(folder: SpoolFolder) -> None:
    asked = request()
    await _save(folder, asked, ADA)
    await _save(folder, asked, BOB)

    with folder.open() as spool:
        await folder.load(asked, spool)
        assert list(spool.snapshot({}).rows(PEOPLE)) == [BOB]


async def test_what_was_dropped_is_gone(folder: SpoolFolder) -> None:
    asked, other = request(), request()
    await _save(folder, asked, ADA)
    await _save(folder, other, ADA)

    await folder.drop(asked)

    with folder.open() as spool:
        assert await folder.load(asked, spool) == {}
    with folder.open() as spool:
        assert await folder.load(other, spool) == PROGRESS


async def test_a_save_whose_files_are_gone_starts_anew(accounts: Accounts, tmp_path: Path) -> None:
    blobs = accounts.container("spool")
    folder, asked = BlobSpoolFolder(tmp_path, blobs), request()
    await _save(folder, asked, ADA)
    place = f"{asked.tenant_id}/{asked.run_id}"
    names = [name async for name in blobs.names(place)]
    assert len(names) == 3
    for name in names:
        if name.endswith("/people"):
            await blobs.delete(name)

    with folder.open() as spool:
        assert await folder.load(asked, spool) == {}
        with pytest.raises(Exception, match="not collected"):
            spool.snapshot({}).rows(PEOPLE)


def test_a_block_cut_short_by_a_crash_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "x.frames"
    whole = Frames(path)
    whole.append(b"first")
    whole.append(b"second")
    whole.close()
    path.write_bytes(path.read_bytes()[:-2])

    frames = Frames(path)
    assert [block for _, block in frames] == [b"first"]
    position = frames.append(b"third")
    assert [block for _, block in frames] == [b"first", b"third"]
    assert frames.read(position, 5) == b"third"
    frames.close()
