"""Connections to the tables that break: a run of half an hour is not thrown away for that."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from dev.azurite import Azurite
from shared_code.core.link import Link
from shared_code.core.metric import Point
from shared_code.core.ports import Claim
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import TenantState
from shared_code.storage.accounts import Accounts
from shared_code.storage.ledger import TableLedger
from shared_code.storage.links import TableLinks
from shared_code.storage.tenants import TableTenants
from tests.kill.flaky import Broken, Wire, flaky_tables
from tests.kill.ground import MONDAY, Ground, due

_LEASE = timedelta(minutes=5)


@pytest.fixture(params=list(Broken))
async def broken(
    request: pytest.FixtureRequest, storage: Azurite
) -> AsyncIterator[tuple[Wire, Accounts]]:
    async with (
        flaky_tables(storage, request.param) as (wire, connection),
        Accounts.of_connection_string(connection) as accounts,
    ):
        await accounts.ensure()
        yield wire, accounts


async def test_a_run_is_planned_claimed_and_settled_over_connections_that_break(
    ground: Ground, broken: tuple[Wire, Accounts]
) -> None:
    wire, accounts = broken
    ledger = TableLedger(accounts.table("runs"), lambda: datetime.now(UTC))
    order = due(ground.customer("breaking").tenant_id)

    wire.breaks = 1
    await ledger.plan(Run.planned(order, MONDAY))
    wire.breaks = 1
    claim = await ledger.claim(order, lease=_LEASE)
    assert isinstance(claim, Claim)
    wire.breaks = 1
    run = replace(claim.run, state=RunState.DELIVERED)
    await ledger.settle(claim, run, [Point("total", order.end, 30)])

    assert wire.lost == 3
    assert await ground.run(order) == run
    assert await ground.points(order) == {"total": 30}
    assert await ground.leases(order.tenant_id) == []


async def test_links_are_issued_over_connections_that_break(
    ground: Ground, broken: tuple[Wire, Accounts]
) -> None:
    wire, accounts = broken
    links = TableLinks(accounts.table("links"), accounts.table("opens"))
    order = due(ground.customer("breaking").tenant_id)
    link = Link(
        jti="a" * 22,
        tenant_id=order.tenant_id,
        run_id=order.run_id,
        report=order.report,
        period_end=order.end,
        expires=MONDAY,
        created=MONDAY,
        created_by="test",
    )

    wire.breaks = 1
    await links.add([link])

    assert wire.lost == 1
    assert await ground.services.links.get(order.tenant_id, link.jti) == link


async def test_a_tenants_state_is_noted_over_connections_that_break(
    ground: Ground, broken: tuple[Wire, Accounts]
) -> None:
    wire, accounts = broken
    tenant_id = await ground.settle_in(ground.customer("breaking"))

    wire.breaks = 1
    await TableTenants(accounts.table("tenants")).set_state(tenant_id, TenantState.SUSPENDED)

    assert wire.lost == 1
    assert await ground.state_of(tenant_id) is TenantState.SUSPENDED
