"""Who is served, what is ordered, and runs of it as messages of the queue."""

import os
from datetime import UTC, datetime, timedelta

from dev.host.worker import Outcome
from dev.sandbox import Customer, contoso, fabrikam
from shared_code import wiring
from shared_code.core.period import Period
from shared_code.core.run import Run, RunRequest
from shared_code.core.tenant import TenantId
from shared_code.reports import registry
from shared_code.service.onboard import Order
from shared_code.settings import read_settings
from shared_code.sources.graph.limits import Limiter
from shared_code.wiring.app import Services
from shared_code.wiring.build import build
from tests.functions.house import CONTOSO, House

END = datetime(2026, 1, 5, 5, tzinfo=UTC)
WEEK = timedelta(days=7)


def customers() -> tuple[Customer, ...]:
    return contoso(members=24, guests=12, hostile=True), fabrikam(members=12, guests=6)


class Hours:
    """Time for the limits of requests: whoever waits has waited."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def opened_anew() -> Services:
    """As the environment now says; what the one before had to send is sent."""
    await wiring.close()
    hours = Hours()
    limiter = Limiter(clock=hours, sleep=hours.sleep)
    services = build(read_settings(os.environ), limiter=limiter)
    wiring._current.append(services)
    return services


async def ordered(house: House) -> None:
    """Every report, by everybody."""
    for customer in house.sandbox.customers.values():
        since = datetime.now(UTC) - WEEK
        tenant_id = TenantId(customer.tenant_id)
        order = Order(tenant_id=tenant_id, reports=list(registry()), since=since)
        await house.services.onboarding.onboard(order)


def due(report: str, *, week: int, tenant_id: TenantId = CONTOSO) -> RunRequest:
    end = END + week * WEEK
    return RunRequest.due(tenant_id, report, Period(end - WEEK, end))


async def run(house: House, order: RunRequest) -> tuple[Outcome, Run | None]:
    """What the host is told, and what the ledger."""
    return await house.run(order), await house.kept(order)
