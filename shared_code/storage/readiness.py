"""What probes found, in table `tenants`: one row per tenant, next to the tenant's own."""

from collections.abc import Sequence

from shared_code.core.readiness import Readiness
from shared_code.core.tenant import TenantId
from shared_code.storage.document import Document
from shared_code.storage.table import Table

_ROW = "readiness"
_READINESS = Document("readiness", Readiness)


class TableReadinesses:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def get(self, tenant_id: TenantId) -> Readiness | None:
        stored = await self._table.get(tenant_id, _ROW)
        return _READINESS.read(stored.properties) if stored else None

    async def all(self) -> Sequence[Readiness]:
        found = self._table.query("RowKey eq @row", row=_ROW)
        return [_READINESS.read(stored.properties) async for stored in found]

    async def put(self, readiness: Readiness) -> None:
        key = {"PartitionKey": readiness.tenant_id, "RowKey": _ROW}
        await self._table.put(key | _READINESS.written(readiness))
