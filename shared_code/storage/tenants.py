"""Tenants in table `tenants`: one row each, its state a property of its own."""

from collections.abc import Callable, Sequence

import msgspec

from shared_code.core.errors import NotPermitted
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.storage.document import Document
from shared_code.storage.table import Properties, Stored, Table, deleting

_ROW = "tenant"
_TENANT = Document("tenant", Tenant)


class TableTenants:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def get(self, tenant_id: TenantId) -> Tenant | None:
        stored = await self._table.get(tenant_id, _ROW)
        return _tenant(stored.properties) if stored else None

    async def all(self) -> Sequence[Tenant]:
        found = self._table.query("RowKey eq @row", row=_ROW)
        return [_tenant(stored.properties) async for stored in found]

    async def save(self, tenant: Tenant) -> None:
        while not await self._saved(tenant):
            pass

    async def _saved(self, tenant: Tenant) -> bool:
        stored = await self._table.get(tenant.id, _ROW)
        if stored is None:
            return await self._table.insert(_whole(tenant))
        is_leaving = stored.properties["state"] == TenantState.OFFBOARDING
        if is_leaving and tenant.state is not TenantState.OFFBOARDING:
            raise NotPermitted(f"{tenant.id} is being offboarded")
        return await self._table.replace(_whole(tenant), etag=stored.etag) is not None

    async def set_state(
        self, tenant_id: TenantId, state: TenantState, *, was: TenantState | None = None
    ) -> bool:
        """A tenant that was removed meanwhile stays removed."""
        if was is None:
            return await self._table.merge(_row(tenant_id, state))
        while stored := await self._in_state(tenant_id, was):
            if await self._table.merge(_row(tenant_id, state), etag=stored.etag):
                return True
        return False

    async def change(
        self, tenant_id: TenantId, to: Callable[[Tenant], Tenant]
    ) -> tuple[Tenant, Tenant] | None:
        tried: tuple[Tenant, Tenant] | None = None
        while stored := await self._table.get(tenant_id, _ROW):
            before = _tenant(stored.properties)
            if tried and tried[1] == before:
                # The SDK retried a request that had gone through.
                return tried
            tried = before, to(before)
            if await self._table.replace(_whole(tried[1]), etag=stored.etag):
                return tried
        return None

    async def remove(self, tenant_id: TenantId, *, was: TenantState) -> bool:
        while stored := await self._in_state(tenant_id, was):
            if await self._table.commit([deleting(_key(tenant_id), etag=stored.etag)]):
                return True
        return False

    async def _in_state(self, tenant_id: TenantId, state: TenantState) -> Stored | None:
        stored = await self._table.get(tenant_id, _ROW)
        return stored if stored and stored.properties["state"] == state.value else None


def _key(tenant_id: TenantId) -> dict[str, str]:
    return {"PartitionKey": tenant_id, "RowKey": _ROW}


def _row(tenant_id: TenantId, state: TenantState) -> dict[str, str]:
    return _key(tenant_id) | {"state": state.value}


def _whole(tenant: Tenant) -> dict[str, str]:
    return _row(tenant.id, tenant.state) | _TENANT.written(tenant)


def _tenant(row: Properties) -> Tenant:
    tenant = _TENANT.read(row)
    return msgspec.structs.replace(tenant, state=TenantState(row["state"]))
