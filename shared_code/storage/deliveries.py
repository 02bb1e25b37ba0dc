"""Table `deliveries`: a tenant's digests, newest first, and one row per mail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from shared_code.core.delivery import Delivery, Dispatch
from shared_code.core.tenant import TenantId
from shared_code.storage.keys import below, descending, row_key
from shared_code.storage.table import Properties, Table

_WHERE = "PartitionKey eq @tenant and RowKey gt @low and RowKey lt @high"


class TableDeliveries:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def plan(self, delivery: Delivery) -> None:
        await self._table.insert(_delivery_row(delivery))

    async def recent(self, tenant_id: TenantId, *, limit: int = 60) -> Sequence[Delivery]:
        low, high = below("delivery")
        found = self._table.query(_WHERE, limit=limit, tenant=tenant_id, low=low, high=high)
        return [_of(stored.properties, Delivery) async for stored in found]

    async def find(self, tenant_id: TenantId, due: datetime) -> tuple[Delivery, str] | None:
        stored = await self._table.get(tenant_id, _delivery_key(due))
        return (_of(stored.properties, Delivery), stored.etag) if stored else None

    async def change(self, delivery: Delivery, *, etag: str) -> bool:
        return await self._table.replace(_delivery_row(delivery), etag=etag) is not None

    async def dispatch(
        self, tenant_id: TenantId, due: datetime, contact: str
    ) -> tuple[Dispatch, str] | None:
        stored = await self._table.get(tenant_id, _mail_key(due, contact))
        return (_of(stored.properties, Dispatch), stored.etag) if stored else None

    async def put(self, dispatch: Dispatch, *, etag: str | None) -> str | None:
        row = _row(dispatch.tenant_id, _mail_key(dispatch.due, dispatch.contact), dispatch)
        if etag is not None:
            return await self._table.replace(row, etag=etag)
        if not await self._table.insert(row):
            return None
        stored = await self._table.get(dispatch.tenant_id, row["RowKey"])
        is_ours = stored and _of(stored.properties, Dispatch) == dispatch
        return stored.etag if stored and is_ours else None

    async def dispatches(self, tenant_id: TenantId, due: datetime) -> Sequence[Dispatch]:
        low, high = below("mail", descending(due))
        found = self._table.query(_WHERE, tenant=tenant_id, low=low, high=high)
        return [_of(stored.properties, Dispatch) async for stored in found]

    async def forget(self, tenant_id: TenantId, *, before: datetime) -> int:
        # Newest first: what is older has a greater key than any of that instant.
        ranges = [
            (row_key(kind, descending(before)) + "~~", below(kind)[1])
            for kind in ("mail", "delivery")
        ]
        swept = [
            await self._table.sweep(_WHERE, tenant=tenant_id, low=low, high=high)
            for low, high in ranges
        ]
        return sum(swept)


def _delivery_key(due: datetime) -> str:
    return row_key("delivery", descending(due))


def _mail_key(due: datetime, contact: str) -> str:
    return row_key("mail", descending(due), contact)


def _delivery_row(delivery: Delivery) -> dict[str, Any]:
    return _row(delivery.tenant_id, _delivery_key(delivery.due), delivery)


def _row(tenant_id: TenantId, key: str, value: Delivery | Dispatch) -> dict[str, Any]:
    text = msgspec.json.encode(value).decode()
    return {"PartitionKey": tenant_id, "RowKey": key, "state": value.state.value, "value": text}


def _of[T](row: Properties, kind: type[T]) -> T:
    return msgspec.json.decode(row["value"], type=kind)
