"""What only the real ledger can show: transactions fail as a whole, instances race each other."""

from contextlib import suppress

import pytest
from azure.core.exceptions import HttpResponseError
from msgspec.structs import replace

from shared_code.core.errors import LeaseLost
from shared_code.core.metric import Point
from shared_code.core.ports import Claim, Held
from shared_code.core.run import RunState
from shared_code.storage.accounts import Accounts
from shared_code.storage.ledger import TableLedger
from tests.fakes import FakeClock
from tests.storage import LEASE, MONDAY, request
from tests.storage.retrying import Retrying


@pytest.fixture
def table_ledger(accounts: Accounts, clock: FakeClock) -> TableLedger:
    return TableLedger(accounts.table("runs"), clock)


async def test_a_failed_transaction_leaves_neither_points_nor_run(
    table_ledger: TableLedger,
) -> None:
    asked = request()
    claim = await table_ledger.claim(asked, lease=LEASE)
    assert isinstance(claim, Claim)
    # One row twice in a transaction: refused by the service, at the last operation.
    points = [Point("guests", MONDAY, 1), Point("members", MONDAY, 2), Point("guests", MONDAY, 3)]

    with pytest.raises(HttpResponseError):
        await table_ledger.settle(claim, replace(claim.run, state=RunState.DELIVERED), points)

    assert await table_ledger.find(asked.tenant_id, asked.report, asked.end) == claim.run
    assert await table_ledger.points(asked.tenant_id, asked.report) == []
    assert isinstance(await table_ledger.claim(asked, lease=LEASE), Held)


async def test_more_points_than_a_transaction_takes_are_refused(table_ledger: TableLedger) -> None:
    claim = await table_ledger.claim(request(), lease=LEASE)
    assert isinstance(claim, Claim)
    points = [Point(f"m{n}", MONDAY, n) for n in range(99)]

    with pytest.raises(ValueError, match="98 points"):
        await table_ledger.settle(claim, claim.run, points)

    await table_ledger.settle(claim, claim.run, points[:98])


async def test_clocks_of_two_instances_may_differ(accounts: Accounts, clock: FakeClock) -> None:
    ahead = FakeClock(clock() + 2 * LEASE)
    asked = request()
    first = await TableLedger(accounts.table("runs"), clock).claim(asked, lease=LEASE)

    second = await TableLedger(accounts.table("runs"), ahead).claim(asked, lease=LEASE)

    assert isinstance(first, Claim)
    assert isinstance(second, Claim)
    assert first.token != second.token


async def test_requests_that_the_sdk_repeats_lose_no_lease(
    accounts: Accounts, clock: FakeClock
) -> None:
    ledger = TableLedger(Retrying(accounts.table("runs")), clock)
    asked, points = request(), [Point("guests", MONDAY, 1)]
    claim = await ledger.claim(asked, lease=LEASE)
    assert isinstance(claim, Claim)
    delivered = replace(claim.run, state=RunState.DELIVERED)

    # A renewal never gets an answer here, but it gets through each time.
    with suppress(LeaseLost):
        await ledger.renew(claim, lease=2 * LEASE)
    assert await ledger.claim(asked, lease=LEASE) == Held(clock() + 2 * LEASE)
    await ledger.settle(claim, delivered, points)

    assert await ledger.find(asked.tenant_id, asked.report, asked.end) == delivered
    assert await ledger.points(asked.tenant_id, asked.report) == points
