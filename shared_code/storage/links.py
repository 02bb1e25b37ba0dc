"""Links in table `links`, and every use of one in table `opens`, which is only appended to."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any
from uuid import uuid4

import msgspec

from shared_code.core.errors import LinkInvalid
from shared_code.core.link import Link, Opening
from shared_code.core.tenant import TenantId
from shared_code.storage.keys import below, descending, is_key, row_key
from shared_code.storage.table import Properties, Table, merging

_MOST_ROWS = 100  # of one transaction


class TableLinks:
    def __init__(self, links: Table, opens: Table) -> None:
        self._links = links
        self._opens = opens

    async def add(self, links: Sequence[Link]) -> None:
        for some in batched(links, _MOST_ROWS, strict=False):
            # Merged, not inserted: a transaction that the SDK retries may have gone through.
            await self._links.commit([merging(_row(link)) for link in some])

    async def get(self, tenant_id: TenantId, jti: str) -> Link | None:
        stored = await self._links.get(tenant_id, jti) if is_key(jti) else None
        return _link(stored.properties) if stored else None

    async def find(self, jti: str) -> Link | None:
        stored = await anext(self._links.query("RowKey eq @jti", jti=jti), None)
        return _link(stored.properties) if stored else None

    async def starting(self, tenant_id: TenantId, prefix: str) -> Sequence[Link]:
        # The sign after the hyphen is the full stop; uses of links stand beside them.
        where = "PartitionKey eq @tenant and RowKey gt @low and RowKey lt @high"
        found = self._links.query(where, tenant=tenant_id, low=f"{prefix}-", high=f"{prefix}.")
        return [_link(o.properties) async for o in found if "jti" in o.properties]

    async def revoke(self, tenant_id: TenantId, jti: str, *, at: datetime) -> None:
        """The first revocation stands. Raises LinkInvalid if there is no such link."""
        link = await self.get(tenant_id, jti)
        if link is None:
            raise LinkInvalid("unknown link")
        if link.revoked is None:
            row = {"PartitionKey": tenant_id, "RowKey": jti, "revoked": at.isoformat()}
            await self._links.merge(row)

    async def record(self, opening: Opening) -> None:
        # An insert that fails was retried by the SDK after it had gone through.
        await self._opens.insert(
            {
                "PartitionKey": opening.tenant_id,
                "RowKey": f"{descending(opening.at)}~{uuid4().hex}",
                **msgspec.to_builtins(opening),
            }
        )

    async def openings(self, tenant_id: TenantId, jti: str) -> Sequence[Opening]:
        """Newest first."""
        where = "PartitionKey eq @tenant and jti eq @jti"
        found = self._opens.query(where, tenant=tenant_id, jti=jti)
        return [msgspec.convert(dict(o.properties), Opening) async for o in found]

    async def issued(self, tenant_id: TenantId, *, since: datetime) -> Sequence[Link]:
        where = "PartitionKey eq @tenant and created ge @since"
        found = self._links.query(where, tenant=tenant_id, since=msgspec.to_builtins(since))
        links = [_link(stored.properties) async for stored in found]
        return sorted(links, key=lambda link: link.created, reverse=True)

    async def used(self, tenant_id: TenantId, jti: str) -> Sequence[datetime]:
        low, high = below(jti)
        where = "PartitionKey eq @tenant and RowKey gt @low and RowKey lt @high"
        found = self._links.query(where, tenant=tenant_id, low=low, high=high)
        return [datetime.fromisoformat(stored.properties["used"]) async for stored in found]

    async def use(self, link: Link, number: int, *, at: datetime) -> bool:
        # Inserted by one request only, however many come at once and from however many instances.
        return await self._links.insert(
            {
                "PartitionKey": link.tenant_id,
                "RowKey": row_key(link.jti, f"{number:06d}"),
                "used": at.isoformat(),
                "expires": msgspec.to_builtins(link.expires),  # what `forget` goes by
            }
        )

    async def log(self, tenant_id: TenantId, *, limit: int | None = None) -> Sequence[Opening]:
        found = self._opens.query("PartitionKey eq @tenant", limit=limit, tenant=tenant_id)
        return [msgspec.convert(dict(o.properties), Opening) async for o in found]

    async def forget(self, tenant_id: TenantId, *, expired_before: datetime) -> int:
        # ISO 8601 in UTC: the order of texts is that of time.
        return await self._links.sweep(
            "PartitionKey eq @tenant and expires lt @before",
            tenant=tenant_id,
            before=msgspec.to_builtins(expired_before.astimezone(UTC)),
        )

    async def forget_openings(self, tenant_id: TenantId, *, before: datetime) -> int:
        return await self._opens.sweep(
            "PartitionKey eq @tenant and RowKey gt @key",
            tenant=tenant_id,
            key=descending(before) + "~~",
        )


def _row(link: Link) -> dict[str, Any]:
    texts = {name: value for name, value in msgspec.to_builtins(link).items() if value is not None}
    return {"PartitionKey": link.tenant_id, "RowKey": link.jti, **texts}


def _link(row: Properties) -> Link:
    return msgspec.convert(dict(row), Link)
