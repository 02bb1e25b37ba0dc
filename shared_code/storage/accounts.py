"""Accounts: the long-lived clients of tables, blobs and queues that all adapters share."""
# pyright: reportUnknownMemberType=false
# The SDK leaves its keyword arguments without types.

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from shared_code.core.ports import Clock
from shared_code.storage.counting import counting
from shared_code.storage.later import later

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.blob.aio import BlobServiceClient
    from azure.storage.queue.aio import QueueClient, QueueServiceClient

    from shared_code.storage.archive import Signer
    from shared_code.storage.blobs import Blobs
    from shared_code.storage.table import Table


class Holds(StrEnum):
    """Whose things a table or container holds. Offboarding goes by it: say it right."""

    TENANT = "tenant"  # partition key, or first folder, is the tenant's id
    MIXED = "mixed"  # some may be of a tenant: whatever names its id
    PARTNER = "partner"  # nothing of any tenant


TABLES = {
    "tenants": Holds.TENANT,
    "runs": Holds.TENANT,
    "links": Holds.TENANT,
    "opens": Holds.TENANT,
    "audit": Holds.TENANT,
    "invitations": Holds.TENANT,
    "deliveries": Holds.TENANT,
    "limits": Holds.PARTNER,
    "assessments": Holds.PARTNER,
    "proofs": Holds.PARTNER,  # of deletion: they outlive the tenant
}
CONTAINERS = {
    "reports": Holds.TENANT,
    "spool": Holds.TENANT,
    "dead-letters": Holds.MIXED,
    "typesetter": Holds.PARTNER,
}
# Their messages hold ids and instants only, and are dropped when they come for nobody.
QUEUES = (
    *("runs", "runs-poison"),
    *("deliveries", "deliveries-poison"),
    *("probes", "probes-poison"),
    *("upkeep", "upkeep-poison"),
)

# Memory per transfer, whatever the size of the blob. aiohttp sends larger pieces in one go and
# warns that the event loop stands still meanwhile.
BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Accounts:
    """`is_keyless`: signed in with a credential, so SAS are signed with a delegation key."""

    tables: "TableServiceClient"
    blobs: "BlobServiceClient"
    queues: "QueueServiceClient"
    is_keyless: bool

    @classmethod
    def of_connection_string(cls, text: str) -> Self:
        # Here and not at the top: the SDKs take a third of a second to import.
        from azure.data.tables.aio import TableServiceClient  # noqa: PLC0415

        def blobs() -> "BlobServiceClient":
            from azure.storage.blob.aio import BlobServiceClient  # noqa: PLC0415

            return BlobServiceClient.from_connection_string(text, **_BLOBS)

        def queues() -> "QueueServiceClient":
            from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415

            return QueueServiceClient.from_connection_string(text, **_QUEUES)

        tables = TableServiceClient.from_connection_string(text, **_TABLES)
        return cls(tables, later(blobs), later(queues), is_keyless=False)

    @classmethod
    def of_addresses(
        cls, *, tables: str, blobs: str, queues: str, credential: "AsyncTokenCredential"
    ) -> Self:
        """The credential stays the caller's to close."""
        from azure.data.tables.aio import TableServiceClient  # noqa: PLC0415

        def blob_service() -> "BlobServiceClient":
            from azure.storage.blob.aio import BlobServiceClient  # noqa: PLC0415

            return BlobServiceClient(blobs, credential=credential, **_BLOBS)

        def queue_service() -> "QueueServiceClient":
            from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415

            return QueueServiceClient(queues, credential=credential, **_QUEUES)

        service = TableServiceClient(tables, credential=credential, **_TABLES)
        return cls(service, later(blob_service), later(queue_service), is_keyless=True)

    def table(self, name: str) -> "Table":
        """Raises KeyError for one that is not declared."""
        from shared_code.storage.table import Table  # noqa: PLC0415

        return Table(self.tables.get_table_client(_declared(name, TABLES)))

    def container(self, name: str) -> "Blobs":
        """Raises KeyError for one that is not declared."""
        from shared_code.storage.blobs import Blobs  # noqa: PLC0415

        declared = _declared(name, CONTAINERS)
        return Blobs(later(lambda: self.blobs.get_container_client(declared)))

    def signer(self, clock: Clock) -> "Signer":
        from shared_code.storage.archive import Signer  # noqa: PLC0415

        return Signer(self.blobs, clock, is_keyless=self.is_keyless)

    def queue(self, name: str) -> "QueueClient":
        """Messages are base64, as the Functions host expects them. Raises KeyError as above."""
        declared = _declared(name, QUEUES)

        def client() -> "QueueClient":
            from azure.storage.queue import TextBase64EncodePolicy  # noqa: PLC0415

            encoding = TextBase64EncodePolicy()
            return self.queues.get_queue_client(declared, message_encode_policy=encoding)

        return later(client)

    def raw_queues(self) -> "Mapping[str, QueueClient]":
        """All of them, bodies as they are."""
        return {name: later(self._raw_queue(name)) for name in QUEUES}

    def _raw_queue(self, name: str) -> "Callable[[], QueueClient]":
        return lambda: self.queues.get_queue_client(name)

    async def ensure(self) -> None:
        """Create what does not exist. In Azure the template does it."""
        await asyncio.gather(
            *(_unless_there(self.tables.create_table(name)) for name in TABLES),
            *(_unless_there(self.blobs.create_container(name)) for name in CONTAINERS),
            *(_unless_there(self.queues.create_queue(name)) for name in QUEUES),
        )

    async def close(self) -> None:
        await asyncio.gather(self.tables.close(), self.blobs.close(), self.queues.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()


_TABLES, _QUEUES = counting("table"), counting("queue")
_BLOBS: dict[str, Any] = {
    **counting("blob"),
    "max_single_put_size": BLOCK,
    "max_block_size": BLOCK,
    "max_single_get_size": BLOCK,
    "max_chunk_get_size": BLOCK,
}


def _declared(name: str, declared: Collection[str]) -> str:
    if name not in declared:
        raise KeyError(name)
    return name


async def _unless_there(creation: Awaitable[object]) -> None:
    from azure.core.exceptions import ResourceExistsError  # noqa: PLC0415

    with suppress(ResourceExistsError):
        await creation
