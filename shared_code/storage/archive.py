"""Archive in blob container `reports`; large files are fetched from there by a signed address."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from shared_code.core.loopback import LOOPBACK
from shared_code.core.ports import Clock
from shared_code.storage.blobs import Blobs

if TYPE_CHECKING:
    from azure.storage.blob import UserDelegationKey
    from azure.storage.blob.aio import BlobServiceClient

_LIFETIME = timedelta(minutes=5)
_KEY_LIFETIME = timedelta(hours=2)


class BlobArchive:
    """Raises FileNotFoundError for what is not filed."""

    def __init__(self, blobs: Blobs, signer: "Signer") -> None:
        self._blobs = blobs
        self._signer = signer

    async def put(self, path: str, file: Path, *, media_type: str) -> None:
        await self._blobs.upload(path, file, media_type=media_type)

    async def fetch(self, path: str, target: BinaryIO) -> None:
        await self._blobs.download(path, target)

    async def read(self, path: str) -> bytes:
        return await self._blobs.read(path)

    async def redirect(self, path: str, *, file_name: str, media_type: str) -> str | None:
        signature = await self._signer.sign(path, file_name=file_name, media_type=media_type)
        return f"{self._blobs.address(path)}?{signature}" if signature else None

    async def keep_only(self, folder: str, attempt: str) -> None:
        async for name in self._blobs.names(folder):
            if not name.startswith(f"{folder}/{attempt}/"):
                await self._blobs.delete(name)


class Signer:
    """Signs addresses of single blobs that open for five minutes, for reading only."""

    def __init__(self, service: "BlobServiceClient", clock: Clock, *, is_keyless: bool) -> None:
        self._service = service
        self._clock = clock
        self._is_keyless = is_keyless
        self._delegated: tuple[datetime, UserDelegationKey] | None = None

    async def sign(self, path: str, *, file_name: str, media_type: str) -> str | None:
        """None where readers could not follow it: an emulator that only we can reach."""
        from azure.storage.blob import BlobSasPermissions, generate_blob_sas  # noqa: PLC0415

        account = self._service.account_name
        key = await self._key()
        if key is None or account is None:
            return None
        return generate_blob_sas(
            account_name=account,
            container_name="reports",
            blob_name=path,
            permission=BlobSasPermissions(read=True),
            expiry=self._clock() + _LIFETIME,
            content_disposition=f'attachment; filename="{file_name}"',
            content_type=media_type,
            **key,
        )

    async def _key(self) -> dict[str, Any] | None:
        if self._is_keyless:
            return {"user_delegation_key": await self._delegation_key()}
        if urlsplit(self._service.url).hostname not in LOOPBACK:
            return None
        return {"account_key": self._service.credential.account_key}

    async def _delegation_key(self) -> "UserDelegationKey":
        now = self._clock()
        if self._delegated is None or self._delegated[0] < now + _LIFETIME:
            expiry = now + _KEY_LIFETIME
            # A start of now would be in the future for a server whose clock is a little behind.
            start = now - _LIFETIME
            self._delegated = expiry, await self._service.get_user_delegation_key(start, expiry)
        return self._delegated[1]
