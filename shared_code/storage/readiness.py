"""What probes found, in table `tenants`: one row per tenant, next to the tenant's own."""

from collections.abc import Sequence

import msgspec

from shared_code.core.readiness import Readiness
from shared_code.core.tenant import TenantId
from shared_code.storage.keys import joined_text, split_text
from shared_code.storage.table import Properties, Table

_ROW = "readiness"

_decode = msgspec.json.Decoder(Readiness).decode


class TableReadinesses:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def get(self, tenant_id: TenantId) -> Readiness | None:
        stored = await self._table.get(tenant_id, _ROW)
        return _readiness(stored.properties) if stored else None

    async def all(self) -> Sequence[Readiness]:
        found = self._table.query("RowKey eq @row", row=_ROW)
        return [_readiness(stored.properties) async for stored in found]

    async def put(self, readiness: Readiness) -> None:
        text = msgspec.json.encode(readiness).decode()
        key = {"PartitionKey": readiness.tenant_id, "RowKey": _ROW}
        await self._table.put(key | split_text("readiness", text))


def _readiness(row: Properties) -> Readiness:
    return _decode(joined_text("readiness", row))
