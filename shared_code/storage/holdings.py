"""Holdings: whatever is stored of a tenant, in every table and container that accounts.py declares."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Protocol

from shared_code.core.proof import Found
from shared_code.core.tenant import TenantId
from shared_code.storage.accounts import CONTAINERS, TABLES, Accounts, Holds
from shared_code.storage.blobs import Blobs
from shared_code.storage.table import Key, Table

_OF_TENANT = "PartitionKey eq @tenant"

# The tenant's own row keeps it from coming back until whoever ends the deletion takes it away.
_BUT_LAST = {"tenants": f"{_OF_TENANT} and RowKey ne 'tenant'"}


class _Kind(Protocol):
    def written(self, tenant_id: TenantId) -> AsyncIterator[datetime]: ...

    async def purge(self, tenant_id: TenantId, until: datetime) -> None: ...


class StoredHoldings:
    """Kinds are named as they are declared: `table runs`, `container reports`."""

    def __init__(self, accounts: Accounts) -> None:
        tables = {
            f"table {name}": _of_table(accounts.table(name), holds, _BUT_LAST.get(name, _OF_TENANT))
            for name, holds in TABLES.items()
            if holds is not Holds.PARTNER
        }
        containers = {
            f"container {name}": _of_container(accounts.container(name), holds)
            for name, holds in CONTAINERS.items()
            if holds is not Holds.PARTNER
        }
        self._kinds: Mapping[str, _Kind] = tables | containers

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._kinds)

    async def found(self, kind: str, tenant_id: TenantId) -> Found:
        written = [moment async for moment in self._kinds[kind].written(tenant_id)]
        return Found(
            count=len(written), oldest=min(written, default=None), newest=max(written, default=None)
        )

    async def purge(self, kind: str, tenant_id: TenantId, *, until: datetime) -> None:
        await self._kinds[kind].purge(tenant_id, until)


def _of_table(table: Table, holds: Holds, where: str) -> _Kind:
    return _Partition(table, where) if holds is Holds.TENANT else _Rows(table)


def _of_container(blobs: Blobs, holds: Holds) -> _Kind:
    return _Folder(blobs) if holds is Holds.TENANT else _Blobs(blobs)


class _Partition:
    def __init__(self, table: Table, where: str) -> None:
        self._table = table
        self._where = where

    async def written(self, tenant_id: TenantId) -> AsyncIterator[datetime]:
        async for key in self._table.keys(self._where, tenant=tenant_id):
            yield key.written

    async def purge(self, tenant_id: TenantId, until: datetime) -> None:
        await self._table.sweep(self._where, until=until, tenant=tenant_id)


class _Rows:
    """All tenants' in one partition, or keyed by something else."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def written(self, tenant_id: TenantId) -> AsyncIterator[datetime]:
        async for key in self._keys(tenant_id):
            yield key.written

    async def purge(self, tenant_id: TenantId, until: datetime) -> None:
        async for key in self._keys(tenant_id):
            if key.written <= until:
                await self._table.delete(key.partition, key.row)

    async def _keys(self, tenant_id: TenantId) -> AsyncIterator[Key]:
        async for stored in self._table.query("PartitionKey ge @first", first=""):
            if any(tenant_id in str(value).lower() for value in stored.properties.values()):
                yield stored.key


class _Folder:
    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def written(self, tenant_id: TenantId) -> AsyncIterator[datetime]:
        async for _, written in self._blobs.listed(f"{tenant_id}/"):
            yield written

    async def purge(self, tenant_id: TenantId, until: datetime) -> None:
        async for name, written in self._blobs.listed(f"{tenant_id}/"):
            if written <= until:
                await self._blobs.delete(name)


class _Blobs:
    """Few and small."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def written(self, tenant_id: TenantId) -> AsyncIterator[datetime]:
        async for _, written in self._naming(tenant_id):
            yield written

    async def purge(self, tenant_id: TenantId, until: datetime) -> None:
        async for name, written in self._naming(tenant_id):
            if written <= until:
                await self._blobs.delete(name)

    async def _naming(self, tenant_id: TenantId) -> AsyncIterator[tuple[str, datetime]]:
        async for name, written in self._blobs.listed(""):
            if await self._names(name, tenant_id):
                yield name, written

    async def _names(self, name: str, tenant_id: TenantId) -> bool:
        try:
            body = await self._blobs.read(name)
        except FileNotFoundError:
            return False
        return tenant_id in name.lower() or tenant_id.encode() in body.lower()
