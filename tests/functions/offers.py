"""Offers to Northwind, as engineers send them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from dev.host.worker import Answer
from tests.functions.house import CONTOSO, NORTHWIND, PARTNER, House

TODAY = datetime.now(UTC).date()
START = TODAY + timedelta(days=9)


def offer(tenant: str = NORTHWIND, **changes: Any) -> dict[str, Any]:
    plain = {
        "tenant": tenant,
        "customer": "Northwind <Traders>",
        "subscriptions": {"guest-users": {"since": f"{TODAY - timedelta(days=20)}T00:00:00+01:00"}},
        "contacts": [{"address": "it@northwindtraders.example", "language": "en"}],
        "service_start": f"{START}",
    }
    return plain | changes


async def post(house: House, body: object, role: str = "Reports.Engineer") -> Answer:
    tenant_id = PARTNER if role == "Reports.Engineer" else CONTOSO
    return await house.ask(
        "POST",
        "/api/invitations",
        house.bearer(tid=tenant_id, roles=[role]),
        body if isinstance(body, bytes) else json.dumps(body).encode(),
    )
