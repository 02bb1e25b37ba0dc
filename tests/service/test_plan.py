"""Planning: every due period exactly once, whatever crashes, repeats or is misspelt in between."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared_code.core.run import Run, RunRequest, RunState
from shared_code.core.tenant import Subscription, Tenant, TenantState
from shared_code.service.plan import Planner
from tests.fakes import FakeClock, FakeLedger, FakeQueue, FakeTenants
from tests.service.stage import CONTOSO, FABRIKAM, LEASE, MONDAY, TINY, WEEK, request, tenant


class Office:
    """A planner and what it works with."""

    def __init__(self, *tenants: Tenant, now: datetime = MONDAY) -> None:
        self.clock = FakeClock(now)
        self.tenants = FakeTenants.of(*(tenants or (tenant(),)))
        self.ledger = FakeLedger(self.clock)
        self.queue = FakeQueue()

    @property
    def planner(self) -> Planner:
        return Planner(self.tenants, self.ledger, self.queue, self.clock)

    async def plan(self, *, at: datetime | None = None) -> list[RunRequest]:
        """What this tick sent."""
        self.clock.now = at or self.clock.now
        before = len(self.queue.sent)
        await self.planner.plan(TINY)
        return self.queue.requests[before:]

    async def finish(self, order: RunRequest) -> None:
        claim = await self.ledger.claim(order, lease=LEASE)
        assert claim
        assert not hasattr(claim, "until")
        run = replace(Run.planned(order, self.clock()), state=RunState.DELIVERED)
        self.ledger.kept[order.run_id] = run
        self.ledger.leases.clear()


def ends(requests: list[RunRequest]) -> list[datetime]:
    return [order.end for order in requests]


async def test_a_weekly_report_is_due_at_six_in_the_tenants_own_zone() -> None:
    tokyo = tenant(since=MONDAY - WEEK, time_zone="Asia/Tokyo")
    office = Office(tokyo)
    six_in_tokyo = datetime(2026, 11, 22, 21, tzinfo=UTC)

    assert await office.plan(at=six_in_tokyo - timedelta(minutes=1)) == []
    assert ends(await office.plan(at=six_in_tokyo)) == [six_in_tokyo]


async def test_summer_time_moves_the_instant_and_not_the_hour_on_the_wall() -> None:
    winter = datetime(2026, 3, 23, 5, tzinfo=UTC)
    office = Office(tenant(since=winter - WEEK))

    sent = await office.plan(at=winter + WEEK)

    assert ends(sent) == [winter, winter + WEEK - timedelta(hours=1)]


async def test_nothing_is_due_before_the_subscription_begins() -> None:
    office = Office(tenant(since=MONDAY))

    assert await office.plan(at=MONDAY + WEEK - timedelta(seconds=1)) == []
    [first] = await office.plan(at=MONDAY + WEEK)

    assert (first.start, first.end) == (MONDAY, MONDAY + WEEK)


async def test_three_missed_weeks_are_three_runs_one_for_each_period() -> None:
    office = Office()
    [first] = await office.plan()
    await office.finish(first)

    missed = await office.plan(at=MONDAY + 3 * WEEK)

    assert [(r.start, r.end) for r in missed] == [
        (MONDAY + n * WEEK, MONDAY + (n + 1) * WEEK) for n in range(3)
    ]
    assert len({r.run_id for r in office.queue.requests}) == 4


async def test_a_timer_that_fires_twice_plans_once() -> None:
    office = Office()

    assert len(await office.plan()) == 1
    assert await office.plan() == []


async def test_two_planners_at_once_plan_the_same_run() -> None:
    office = Office()

    await asyncio.gather(office.planner.plan(TINY), office.planner.plan(TINY))

    assert {r.run_id for r in office.queue.requests} == {request().run_id}
    assert list(office.ledger.kept) == [request().run_id]


class DyingLedger(FakeLedger):
    """The process dies when it is about to write the row of a planned run."""

    dies = True

    async def plan(self, run: Run) -> None:
        if self.dies:
            raise ConnectionError("killed")
        await super().plan(run)


async def test_a_crash_between_message_and_row_sends_twice_and_loses_nothing() -> None:
    office = Office()
    office.ledger = dying = DyingLedger(office.clock)
    with pytest.raises(ExceptionGroup):
        await office.plan()

    dying.dies = False
    await office.plan()

    first, second = office.queue.requests
    assert first == second


class DyingQueue(FakeQueue):
    async def send(self, request: RunRequest, *, delay: timedelta = timedelta()) -> None:
        raise ConnectionError("killed")


async def test_a_message_that_cannot_be_sent_leaves_no_row_that_would_hide_the_run() -> None:
    office = Office()
    office.queue = DyingQueue()
    with pytest.raises(ExceptionGroup):
        await office.plan()

    office.queue = FakeQueue()

    assert await office.plan() == [request()]


@pytest.mark.parametrize("state", [RunState.PLANNED, RunState.RUNNING])
async def test_a_run_that_nobody_works_on_any_more_is_sent_again(state: RunState) -> None:
    office = Office()
    [lost] = await office.plan()
    office.ledger.kept[lost.run_id] = replace(office.ledger.kept[lost.run_id], state=state)

    assert await office.plan(at=MONDAY + timedelta(minutes=119)) == []
    assert await office.plan(at=MONDAY + timedelta(minutes=121)) == [lost]


async def test_a_stuck_run_is_sent_again_once_and_not_at_every_tick() -> None:
    office = Office()
    [lost] = await office.plan()

    sent = [await office.plan(at=MONDAY + timedelta(minutes=121 + 15 * n)) for n in range(8)]

    assert [len(requests) for requests in sent] == [1, 0, 0, 0, 0, 0, 0, 0]
    assert await office.plan(at=MONDAY + timedelta(minutes=121 + 121)) == [lost]


async def test_a_run_whose_worker_still_renews_its_lease_is_not_stuck() -> None:
    office = Office()
    [order] = await office.plan()
    await office.ledger.claim(order, lease=timedelta(hours=3))

    assert await office.plan(at=MONDAY + timedelta(minutes=150)) == []


async def test_what_is_settled_is_never_sent_again() -> None:
    office = Office()
    [order] = await office.plan()
    await office.finish(order)

    assert await office.plan(at=MONDAY + WEEK - timedelta(minutes=1)) == []


@pytest.mark.parametrize(
    ("state", "planned"),
    [
        (TenantState.ACTIVE, 1),
        (TenantState.CONSENT_WITHDRAWN, 1),
        (TenantState.INVITED, 0),
        (TenantState.SUSPENDED, 0),
        (TenantState.OFFBOARDED, 0),
    ],
)
async def test_only_tenants_that_are_served_are_planned(state: TenantState, planned: int) -> None:
    office = Office(tenant(state=state))

    assert len(await office.plan()) == planned


async def test_a_tenant_that_did_not_order_the_report_gets_none() -> None:
    other = Subscription(since=MONDAY - WEEK)
    office = Office(replace(tenant(), subscriptions={"other-report": other}))

    assert await office.plan() == []


async def test_a_subscription_may_have_a_cadence_of_its_own() -> None:
    office = Office(tenant(since=MONDAY, cadence="0 6 * * *"))

    sent = await office.plan(at=MONDAY + timedelta(days=3))

    assert ends(sent) == [MONDAY + timedelta(days=n) for n in (1, 2, 3)]


async def test_an_engineer_who_resumes_a_tenant_later_gets_no_reports_from_before() -> None:
    office = Office()
    [first] = await office.plan()
    await office.finish(first)
    await office.tenants.save(tenant(since=MONDAY + 9 * WEEK))

    sent = await office.plan(at=MONDAY + 10 * WEEK)

    # One run, and it covers the time since the last one: nothing is left out.
    assert [(r.start, r.end) for r in sent] == [(MONDAY, MONDAY + 10 * WEEK)]


@pytest.mark.parametrize("zone", ["Europe/Wien", "", "Europe", "../etc/passwd", "x" * 300])
async def test_a_misspelt_time_zone_stops_only_its_own_tenant(
    zone: str, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(tenant(time_zone=zone), tenant(FABRIKAM))

    assert [r.tenant_id for r in await office.plan()] == [FABRIKAM]
    [logged] = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert CONTOSO in logged.getMessage()


@pytest.mark.parametrize(
    "cadence", ["whenever", "0 25 * * *", "0 6 * *", "0 0 30 2 *", "* * * * * *"]
)
async def test_a_misspelt_cadence_stops_only_its_own_tenant(
    cadence: str, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(tenant(cadence=cadence), tenant(FABRIKAM))

    assert [r.tenant_id for r in await office.plan()] == [FABRIKAM]
    [logged] = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert CONTOSO in logged.getMessage()


async def test_a_beginning_in_another_zone_than_utc_is_an_instant_all_the_same() -> None:
    since = datetime.fromisoformat("2026-11-16T06:00:00+01:00")
    office = Office(tenant(since=since))

    assert await office.plan() == [request()]


async def test_a_beginning_without_a_zone_stops_only_its_own_tenant(
    caplog: pytest.LogCaptureFixture,
) -> None:
    naive = datetime(2026, 11, 16)  # noqa: DTZ001
    office = Office(tenant(since=naive), tenant(FABRIKAM))

    assert [r.tenant_id for r in await office.plan()] == [FABRIKAM]
    assert CONTOSO in caplog.text


class BrokenPartition(FakeLedger):
    """The rows of one tenant cannot be read."""

    async def runs(self, tenant_id: str, **options: object) -> list[Run]:
        if tenant_id == CONTOSO:
            raise ConnectionError("partition moved")
        return []


async def test_a_tenant_whose_rows_cannot_be_read_fails_the_tick_after_the_others() -> None:
    office = Office(tenant(), tenant(FABRIKAM))
    office.ledger = BrokenPartition(office.clock)

    with pytest.raises(ExceptionGroup):
        await office.plan()

    assert [r.tenant_id for r in office.queue.requests] == [FABRIKAM]


async def test_years_of_outage_are_worked_off_in_several_ticks() -> None:
    office = Office(tenant(since=MONDAY, cadence="0 6 * * *"))
    years_later = MONDAY + timedelta(days=250)

    sent = [len(await office.plan(at=years_later)) for _ in range(4)]

    assert sent == [100, 100, 50, 0]
    assert len({r.run_id for r in office.queue.requests}) == 250
