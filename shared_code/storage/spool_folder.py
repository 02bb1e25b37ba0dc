"""SpoolFolder: local spools, and the container `spool` where an unfinished one waits."""

import asyncio
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import msgspec
from isal import igzip

from shared_code.core.ports import Progress, Spool
from shared_code.core.run import RunRequest
from shared_code.storage.blobs import Blobs
from shared_code.storage.spool import LocalSpool, open_spool

_PROGRESS = "progress.json"
_CHUNK = 2**18


class _Saved(msgspec.Struct, frozen=True):
    """Written last, so that progress never claims pages that were not saved."""

    folder: str
    datasets: tuple[str, ...]
    progress: dict[str, Progress]


class BlobSpoolFolder:
    def __init__(self, root: Path, blobs: Blobs) -> None:
        self._root = root
        self._blobs = blobs

    def open(self) -> AbstractContextManager[LocalSpool]:
        return open_spool(self._root)

    async def save(
        self, request: RunRequest, spool: Spool, progress: Mapping[str, Progress]
    ) -> None:
        collected = _local(spool).collected()
        place = _place(request)
        # Each time a folder of its own: the saved state changes as a whole or not at all.
        folder = f"{place}/{uuid4().hex}"
        for name, file in collected.items():
            packed = spool.path("packed.gz")
            await asyncio.to_thread(_pack, file, packed)
            await self._blobs.upload(f"{folder}/{name}", packed, media_type="application/gzip")
        saved = _Saved(folder, tuple(collected), dict(progress))
        await self._blobs.write(f"{place}/{_PROGRESS}", msgspec.json.encode(saved))
        await self._delete(place, but=(f"{folder}/", f"{place}/{_PROGRESS}"))

    async def load(self, request: RunRequest, spool: Spool) -> dict[str, Progress]:
        """Starts anew if a worker that had lost its lease cleaned up what was saved."""
        try:
            body = await self._blobs.read(f"{_place(request)}/{_PROGRESS}")
            saved = msgspec.json.decode(body, type=_Saved)
            files = [(name, await self._fetch(saved, name, spool)) for name in saved.datasets]
        except FileNotFoundError:
            return {}
        for name, file in files:
            _local(spool).restore(name, file)
        return saved.progress

    async def drop(self, request: RunRequest) -> None:
        await self._delete(_place(request), but=())

    async def _fetch(self, saved: _Saved, name: str, spool: Spool) -> Path:
        packed, file = spool.path("packed.gz"), spool.path(f"{name}.saved")
        with packed.open("wb") as target:
            await self._blobs.download(f"{saved.folder}/{name}", target)
        await asyncio.to_thread(_unpack, packed, file)
        return file

    async def _delete(self, place: str, *, but: tuple[str, ...]) -> None:
        async for name in self._blobs.names(place):
            if not name.startswith(but):
                await self._blobs.delete(name)


def _place(request: RunRequest) -> str:
    return f"{request.tenant_id}/{request.run_id}"


def _local(spool: Spool) -> LocalSpool:
    if not isinstance(spool, LocalSpool):
        raise TypeError("a spool of another folder")
    return spool


def _pack(file: Path, packed: Path) -> None:
    with file.open("rb") as source, igzip.IGzipFile(packed, "wb", compresslevel=1) as target:
        shutil.copyfileobj(source, target, _CHUNK)


def _unpack(packed: Path, file: Path) -> None:
    with igzip.IGzipFile(packed, "rb") as source, file.open("wb") as target:
        shutil.copyfileobj(source, target, _CHUNK)
    packed.unlink()
