"""The port Archive on local disk: what is filed must not count as memory of the service."""

import asyncio
import shutil
from pathlib import Path
from typing import BinaryIO


class DiskArchive:
    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, path: str, file: Path, *, media_type: str) -> None:
        del media_type
        target = self._root / path
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, file, target)

    async def fetch(self, path: str, target: BinaryIO) -> None:
        with (self._root / path).open("rb") as file:
            await asyncio.to_thread(shutil.copyfileobj, file, target)

    async def read(self, path: str) -> bytes:
        return await asyncio.to_thread((self._root / path).read_bytes)

    async def redirect(self, path: str, *, file_name: str, media_type: str) -> str | None:
        del path, file_name, media_type
        return None

    async def keep_only(self, folder: str, attempt: str) -> None:
        others = [each for each in (self._root / folder).iterdir() if each.name != attempt]
        for other in others:
            await asyncio.to_thread(shutil.rmtree, other)
