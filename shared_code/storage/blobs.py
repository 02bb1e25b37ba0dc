"""Blobs: Blob Storage as the other adapters see it; files go up and down in blocks, never whole."""
# pyright: reportUnknownMemberType=false
# The SDK leaves its keyword arguments without types.

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from azure.core.exceptions import ResourceNotFoundError

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient


class Blobs:
    """One container. Raises FileNotFoundError for a blob that is not there."""

    def __init__(self, container: "ContainerClient") -> None:
        self._container = container

    def address(self, name: str) -> str:
        return self._container.get_blob_client(name).url

    async def upload(self, name: str, file: Path, *, media_type: str) -> None:
        from azure.storage.blob import ContentSettings  # noqa: PLC0415 - cold start

        with file.open("rb") as content:
            await self._container.upload_blob(
                name,
                content,
                overwrite=True,
                max_concurrency=2,
                content_settings=ContentSettings(content_type=media_type),
            )

    async def write(self, name: str, content: bytes) -> None:
        await self._container.upload_blob(name, content, overwrite=True)

    async def download(self, name: str, target: BinaryIO, *, most: int | None = None) -> None:
        """All of it, or its first `most` bytes."""
        try:
            start = None if most is None else 0
            download = await self._container.download_blob(name, offset=start, length=most)
        except ResourceNotFoundError as error:
            raise FileNotFoundError(name) from error
        await download.readinto(target)

    async def read(self, name: str) -> bytes:
        try:
            download = await self._container.download_blob(name)
        except ResourceNotFoundError as error:
            raise FileNotFoundError(name) from error
        return await download.readall()

    async def names(self, folder: str) -> AsyncIterator[str]:
        async for name in self._container.list_blob_names(name_starts_with=f"{folder}/"):
            yield name

    async def listed(self, prefix: str) -> AsyncIterator[tuple[str, datetime]]:
        """Names, and when each was written."""
        async for blob in self._container.list_blobs(name_starts_with=prefix):
            yield blob.name, blob.last_modified

    async def delete(self, name: str) -> None:
        # Somebody else may be cleaning up the same folder.
        with suppress(ResourceNotFoundError):
            await self._container.delete_blob(name)
