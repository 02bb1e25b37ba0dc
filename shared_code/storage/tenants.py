"""Tenants in table `tenants`: one row each, its state a property of its own."""

from collections.abc import Sequence

import msgspec

from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.storage.keys import joined_text, split_text
from shared_code.storage.table import Properties, Table

_ROW = "tenant"

_decode = msgspec.json.Decoder(Tenant).decode


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
        text = msgspec.json.encode(tenant).decode()
        await self._table.put(_row(tenant.id, tenant.state) | split_text("tenant", text))

    async def set_state(self, tenant_id: TenantId, state: TenantState) -> None:
        """A tenant that was removed meanwhile stays removed."""
        await self._table.merge(_row(tenant_id, state))


def _row(tenant_id: TenantId, state: TenantState) -> dict[str, str]:
    return {"PartitionKey": tenant_id, "RowKey": _ROW, "state": state.value}


def _tenant(row: Properties) -> Tenant:
    tenant = _decode(joined_text("tenant", row))
    return msgspec.structs.replace(tenant, state=TenantState(row["state"]))
