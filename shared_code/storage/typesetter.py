"""Typesetter: typst and its fonts in a package of their own, fetched by the first PDF of an instance.

root/<hash>.lock    whoever holds it fetches; it is free again when its holder dies
root/....part       what is being fetched and unpacked; whoever comes next sweeps it away
root/<hash>/        whole, or not there
"""

import asyncio
import fcntl
import hashlib
import logging
import os
import shutil
import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO
from zipfile import ZipFile

import msgspec
from azure.core.exceptions import AzureError

from shared_code.core.errors import TypesetterMissing
from shared_code.core.ports import Clock
from shared_code.storage.blobs import Blobs

_log = logging.getLogger(__name__)

_PATIENCE = 120.0  # seconds
_BEAT = 0.1  # seconds

# What is not there will not be there for the next report either.
_PAUSE = timedelta(minutes=5)


class TypesetterPackage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which file it is; the app's package holds it as typesetter.json."""

    name: str
    size: int
    sha256: str


class _Altered(Exception):
    """Not what the app was deployed with, or not in a folder of ours alone."""


class BlobTypesetter:
    def __init__(self, blobs: Blobs, package: TypesetterPackage, root: Path, clock: Clock) -> None:
        self._blobs = blobs
        self._package = package
        self._root = root
        self._clock = clock
        self._turn = asyncio.Lock()
        self._failed: datetime | None = None

    @property
    def folder(self) -> Path:
        return self._root / self._package.sha256

    async def fetch(self) -> None:
        async with self._turn:
            if self.folder.is_dir() and _is_ours(self._root):
                return
            if self._failed and self._clock() < self._failed + _PAUSE:
                raise TypesetterMissing(self._package.name)
            try:
                await self._fetch()
            except (AzureError, OSError, _Altered) as error:
                self._failed = self._clock()
                cause = type(error).__name__
                _log.error("typesetter not fetched: file=%s cause=%s", self._package.name, cause)
                raise TypesetterMissing(self._package.name) from error

    async def _fetch(self) -> None:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(self._root):
            raise _Altered
        async with _alone(self.folder.with_suffix(".lock")):
            if self.folder.is_dir():
                return
            for part in self._root.glob("*.part"):
                await asyncio.to_thread(shutil.rmtree, part)
            part = Path(mkdtemp(suffix=".part", dir=self._root))
            try:
                packed = part / "typesetter.zip"
                await self._download(packed)
                await asyncio.to_thread(_unpack, packed, self._package, part / "site")
                (part / "site").rename(self.folder)
            finally:
                await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)

    async def _download(self, packed: Path) -> None:
        async with asyncio.timeout(_PATIENCE):
            with packed.open("wb") as target:
                # One byte more shows that it is another file; how large that is does not matter.
                await self._blobs.download(self._package.name, target, most=self._package.size + 1)


def _is_ours(folder: Path) -> bool:
    """Nobody else could put anything there: what lies in it is run."""
    found = folder.lstat()
    is_closed = not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and is_closed


@asynccontextmanager
async def _alone(file: Path) -> AsyncGenerator[None]:
    """Of all processes on this instance."""
    with file.open("wb") as lock:
        async with asyncio.timeout(_PATIENCE):
            # Another process holds it: no event of ours can tell.
            while not _locked(lock):  # noqa: ASYNC110
                await asyncio.sleep(_BEAT)
        yield


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unpack(packed: Path, package: TypesetterPackage, site: Path) -> None:
    with packed.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    if (packed.stat().st_size, digest) != (package.size, package.sha256):
        raise _Altered
    with ZipFile(packed) as archive:
        archive.extractall(site)
