"""The audit in table `audit`: only appended to, newest first."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

import msgspec

from shared_code.core.audit import Entry
from shared_code.core.tenant import TenantId
from shared_code.storage.keys import descending
from shared_code.storage.table import Table


class TableAudit:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def record(self, entry: Entry) -> None:
        await self._table.insert(
            {
                "PartitionKey": entry.tenant_id,
                "RowKey": f"{descending(entry.at)}~{uuid4().hex}",
                **msgspec.to_builtins(entry),
            }
        )

    async def entries(self, tenant_id: TenantId, *, limit: int = 200) -> Sequence[Entry]:
        found = self._table.query("PartitionKey eq @tenant", limit=limit, tenant=tenant_id)
        return [msgspec.convert(dict(e.properties), Entry) async for e in found]

    async def forget(self, tenant_id: TenantId, *, before: datetime) -> int:
        # Newest first: what is older has a greater key than any of that instant.
        return await self._table.sweep(
            "PartitionKey eq @tenant and RowKey gt @key",
            tenant=tenant_id,
            key=descending(before) + "~~",
        )
