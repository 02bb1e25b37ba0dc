"""Delegated access in table `tenants`: one row per tenant, and one of the partner's own."""

from shared_code.core.gdap import Delegation
from shared_code.core.tenant import TenantId
from shared_code.storage.document import Document
from shared_code.storage.table import Table

_ROW = "delegation"
_DELEGATION = Document("delegation", Delegation)


class TableDelegations:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def get(self, tenant_id: TenantId) -> Delegation | None:
        stored = await self._table.get(tenant_id, _ROW)
        return _DELEGATION.read(stored.properties) if stored else None

    async def put(self, delegation: Delegation) -> None:
        key = {"PartitionKey": delegation.tenant_id, "RowKey": _ROW}
        await self._table.put(key | _DELEGATION.written(delegation))
