"""What the partner's tenant says of its delegated access (GDAP) to the customers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec
from aiohttp import web

from dev.sandbox.clock import DAY, graph_time, seconds
from dev.sandbox.errors import bad_query, permission_missing
from dev.sandbox.population import FOUNDED, Customer

PATH = "/tenantRelationships/delegatedAdminRelationships"
PERMISSION = "DelegatedAdminRelationship.Read.All"
_OPTIONS = frozenset({"$select", "$top", "$skiptoken"})
_LARGEST_PAGE = 300
_TERM = 730 * DAY
_ROLES = (
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451",  # Global Reader
    "f023fd81-a637-4b56-95fd-791ac0226033",  # Service Support Administrator
)


@dataclass
class Relationships:
    """One of two years with each customer, and the one before it, which expired.

    `ends` moves the end of a customer's, `permissions` are those granted in the partner's tenant.
    """

    customers: Mapping[str, Customer]
    now: Callable[[], datetime]
    permissions: frozenset[str] = frozenset({PERMISSION})
    ends: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def answer(self, request: web.Request) -> web.Response:
        if PERMISSION not in self.permissions:
            raise permission_missing()
        if unknown := set(request.query) - _OPTIONS:
            raise bad_query(f"The query option '{min(unknown)}' is not allowed.")
        first, size = int(request.query.get("$skiptoken", "0")), self._size(request)
        rows = self.rows()
        body: dict[str, Any] = {"value": [_selected(r, request) for r in rows[first:][:size]]}
        if first + size < len(rows):
            following = request.url.update_query({"$skiptoken": str(first + size)})
            body["@odata.nextLink"] = str(following)
        return web.Response(body=msgspec.json.encode(body), content_type="application/json")

    def rows(self) -> Sequence[dict[str, Any]]:
        return [row for customer in self.customers.values() for row in self._of(customer)]

    def _size(self, request: web.Request) -> int:
        size = int(request.query.get("$top", _LARGEST_PAGE))
        if not 0 < size <= _LARGEST_PAGE:
            raise bad_query("The limit of '300' for Top query has been exceeded.")
        return size

    def _of(self, customer: Customer) -> Sequence[dict[str, Any]]:
        at = seconds(self.now())
        phase = (FOUNDED + customer.seed * 53 * DAY) % _TERM
        end = at + _TERM - (at - phase) % _TERM
        moved = self.ends.get(customer.tenant_id)
        end = seconds(moved) if moved else end
        status = "active" if end > at else "expired"
        return [
            _row(customer, end=end, status=status),
            _row(customer, end=end - _TERM, status="expired"),
        ]


def _row(customer: Customer, *, end: int, status: str) -> dict[str, Any]:
    began = timedelta(seconds=end - _TERM).days
    return {
        "id": f"{uuid5(UUID(customer.tenant_id), str(began))}-{customer.tenant_id}",
        "displayName": f"{customer.name} {began}",
        "duration": "P730D",
        "autoExtendDuration": "PT0S",
        "customer": {"tenantId": customer.tenant_id.upper(), "displayName": customer.name},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": role} for role in _ROLES]},
        "status": status,
        "createdDateTime": graph_time(end - _TERM),
        "lastModifiedDateTime": graph_time(end - _TERM),
        "activatedDateTime": graph_time(end - _TERM),
        "endDateTime": graph_time(end),
    }


def _selected(row: dict[str, Any], request: web.Request) -> dict[str, Any]:
    select = request.query.get("$select")
    return {n: row[n] for n in ("id", *select.split(",")) if n in row} if select else row
