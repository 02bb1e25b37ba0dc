"""The ledger: planned once, claimed by one, settled as a whole."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from shared_code.core.errors import LeaseLost, MessageMalformed
from shared_code.core.metric import Point
from shared_code.core.period import Period
from shared_code.core.ports import Claim, Held, Ledger
from shared_code.core.run import Run, RunRequest, RunState
from shared_code.core.tenant import TenantId
from tests.fakes import FakeClock
from tests.storage import LEASE, MONDAY, contoso, request

WEEK = timedelta(days=7)


async def _claimed(ledger: Ledger, asked: RunRequest) -> Claim:
    claim = await ledger.claim(asked, lease=LEASE)
    assert isinstance(claim, Claim)
    return claim


def _delivered(claim: Claim) -> Run:
    return replace(claim.run, state=RunState.DELIVERED, delivered=MONDAY)


async def _found(ledger: Ledger, asked: RunRequest) -> Run | None:
    return await ledger.find(asked.tenant_id, asked.report, asked.end)


async def test_planning_again_changes_nothing(ledger: Ledger, clock: FakeClock) -> None:
    asked = request()
    await ledger.plan(Run.planned(asked, clock()))
    claim = await _claimed(ledger, asked)

    await ledger.plan(Run.planned(asked, clock()))

    assert await _found(ledger, asked) == claim.run


async def test_a_claim_makes_the_run_running(ledger: Ledger, clock: FakeClock) -> None:
    asked = replace(request(), attempt=3)
    await ledger.plan(Run.planned(asked, clock()))
    clock.advance(WEEK)

    claim = await _claimed(ledger, asked)

    expected = replace(
        Run.planned(asked, clock()), state=RunState.RUNNING, attempt=3, updated=clock()
    )
    assert claim.run == expected == await _found(ledger, asked)


@pytest.mark.parametrize(
    "impossible",
    [
        replace(request(), tenant_id=TenantId("../x")),
        replace(request(), tenant_id=TenantId("")),
        replace(request(), report="x" * 600),
    ],
)
async def test_what_no_row_can_be_written_of_is_a_malformed_message(
    ledger: Ledger, impossible: RunRequest
) -> None:
    with pytest.raises(MessageMalformed):
        await ledger.claim(impossible, lease=LEASE)


async def test_a_run_that_was_never_planned_can_be_claimed(ledger: Ledger) -> None:
    asked = request()

    claim = await _claimed(ledger, asked)

    assert claim.run.id == asked.run_id
    assert await _found(ledger, asked) == claim.run


async def test_of_twenty_claims_at_once_one_wins(ledger: Ledger, clock: FakeClock) -> None:
    asked = request()

    claims = await asyncio.gather(*(ledger.claim(asked, lease=LEASE) for _ in range(20)))

    assert sum(isinstance(claim, Claim) for claim in claims) == 1
    assert claims.count(Held(clock() + LEASE)) == 19


async def test_a_settled_run_is_final_and_its_points_are_kept(
    ledger: Ledger, clock: FakeClock
) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)
    points = [Point("guests", asked.end, 12.5), Point("share/ä#1", asked.end, 3)]

    await ledger.settle(claim, _delivered(claim), points)

    assert await _found(ledger, asked) == _delivered(claim)
    assert await ledger.points(asked.tenant_id, asked.report) == points
    clock.advance(2 * LEASE)
    assert await ledger.claim(asked, lease=LEASE) is None


async def test_a_run_given_back_can_be_claimed_at_once(ledger: Ledger) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)

    await ledger.settle(claim, replace(claim.run, state=RunState.PLANNED))

    assert (await _claimed(ledger, asked)).token != claim.token


async def test_who_lost_the_lease_settles_nothing(ledger: Ledger, clock: FakeClock) -> None:
    asked = request()
    late = await _claimed(ledger, asked)
    clock.advance(LEASE)
    winner = await _claimed(ledger, asked)

    with pytest.raises(LeaseLost):
        await ledger.settle(late, _delivered(late), [Point("guests", asked.end, 1)])
    with pytest.raises(LeaseLost):
        await ledger.renew(late, lease=LEASE)

    assert await _found(ledger, asked) == winner.run
    assert await ledger.points(asked.tenant_id, asked.report) == []
    await ledger.settle(winner, _delivered(winner))


async def test_a_settled_run_is_not_taken_back(ledger: Ledger) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)
    await ledger.settle(claim, _delivered(claim))

    with pytest.raises(LeaseLost):
        await ledger.settle(claim, replace(claim.run, state=RunState.PLANNED))

    assert await _found(ledger, asked) == _delivered(claim)


async def test_settling_twice_alike_is_settling_once(ledger: Ledger) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)
    points = [Point("guests", asked.end, 1)]

    for _ in range(2):
        await ledger.settle(claim, _delivered(claim), points)

    assert await ledger.points(asked.tenant_id, asked.report) == points


async def test_a_renewed_lease_lasts_longer(ledger: Ledger, clock: FakeClock) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)
    clock.advance(LEASE - timedelta(seconds=1))

    await ledger.renew(claim, lease=LEASE)

    clock.advance(LEASE - timedelta(seconds=1))
    assert isinstance(await ledger.claim(asked, lease=LEASE), Held)


async def test_a_heartbeat_in_between_does_not_spoil_the_settling(ledger: Ledger) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)
    await ledger.renew(claim, lease=LEASE)
    await ledger.renew(claim, lease=LEASE)

    await ledger.settle(claim, _delivered(claim))

    assert await _found(ledger, asked) == _delivered(claim)


async def test_heartbeats_and_settling_at_once_end_settled(ledger: Ledger) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)

    *_, settled = await asyncio.gather(
        ledger.renew(claim, lease=LEASE),
        ledger.settle(claim, _delivered(claim)),
        return_exceptions=True,
    )

    assert settled is None
    assert await _found(ledger, asked) == _delivered(claim)


async def test_runs_are_newest_first_within_each_report(ledger: Ledger, clock: FakeClock) -> None:
    tenant = contoso()
    for report in ("guest-users", "guest", "roles"):
        for weeks in (1, 3, 2):
            asked = request(tenant, report=report, end=MONDAY + weeks * WEEK)
            await ledger.plan(Run.planned(asked, clock()))
    await ledger.plan(Run.planned(request(report="guest"), clock()))

    guests = await ledger.runs(tenant.id, report="guest", limit=2)
    everything = await ledger.runs(tenant.id, limit=2)

    assert [run.end for run in guests] == [MONDAY + 3 * WEEK, MONDAY + 2 * WEEK]
    assert [run.report for run in everything] == [
        *["guest"] * 2,
        *["guest-users"] * 2,
        *["roles"] * 2,
    ]


async def test_runs_within_a_period_end_in_it_but_not_at_its_end(
    ledger: Ledger, clock: FakeClock
) -> None:
    tenant = contoso()
    for weeks in range(4):
        await ledger.plan(Run.planned(request(tenant, end=MONDAY + weeks * WEEK), clock()))

    within = Period(MONDAY + WEEK, MONDAY + 3 * WEEK)
    found = await ledger.runs(tenant.id, report="guest-users", within=within)

    assert [run.end for run in found] == [MONDAY + 2 * WEEK, MONDAY + WEEK]


async def test_points_are_oldest_first_and_of_one_report(ledger: Ledger) -> None:
    tenant = contoso()
    points = [Point("guests", MONDAY + weeks * WEEK, weeks) for weeks in range(3)]
    for point in (points[2], points[0], points[1]):
        claim = await _claimed(ledger, request(tenant, end=point.end))
        await ledger.settle(claim, _delivered(claim), [point])
    other = await _claimed(ledger, request(tenant, report="guest-users-x"))
    await ledger.settle(other, _delivered(other), [Point("guests", MONDAY, 99)])

    assert await ledger.points(tenant.id, "guest-users") == points


async def test_a_large_run_is_kept_whole(ledger: Ledger) -> None:
    asked = request()
    claim = await _claimed(ledger, asked)
    large = replace(_delivered(claim), headline={"de": "ä😀" * 40_000, "en": "x"})

    await ledger.settle(claim, large)

    assert await _found(ledger, asked) == large


@pytest.mark.parametrize("state", [RunState.BLOCKED, RunState.FAILED])
async def test_a_refused_run_is_planned_again_and_can_be_claimed(
    ledger: Ledger, clock: FakeClock, state: RunState
) -> None:
    asked = request()
    refused = await _settled(ledger, asked, state)

    planned = await ledger.reopen(refused, at=clock())

    assert planned
    assert (planned.state, planned.reason, planned.attempt) == (RunState.PLANNED, "", 0)
    assert await ledger.find(asked.tenant_id, asked.report, asked.end) == planned
    assert isinstance(await ledger.claim(asked, lease=LEASE), Claim)


async def test_what_is_delivered_or_changed_since_is_not_planned_again(
    ledger: Ledger, clock: FakeClock
) -> None:
    asked, other = request(), request()
    delivered = await _settled(ledger, asked, RunState.DELIVERED)
    refused = await _settled(ledger, other, RunState.FAILED)
    unknown = Run.planned(request(), MONDAY)

    assert await ledger.reopen(delivered, at=clock()) is None
    assert await ledger.reopen(replace(refused, attempt=7), at=clock()) is None
    assert await ledger.reopen(replace(unknown, state=RunState.FAILED), at=clock()) is None
    for run in (delivered, refused):
        assert await ledger.find(run.tenant_id, run.report, run.end) == run


async def _settled(ledger: Ledger, asked: RunRequest, state: RunState) -> Run:
    claim = await ledger.claim(asked, lease=LEASE)
    assert isinstance(claim, Claim)
    run = replace(claim.run, state=state, reason="Poison" if state.is_refused else "")
    await ledger.settle(claim, run)
    return run


async def test_a_settled_run_is_forgotten_and_its_points_are_kept(ledger: Ledger) -> None:
    asked, other = request(), request()
    for each in (asked, other):
        claim = await _claimed(ledger, each)
        assert not await ledger.forget(claim.run), "it is not settled yet"
        points = [Point("guests", asked.end, 5)]
        await ledger.settle(claim, _delivered(claim), points)
    run = await _found(ledger, asked)
    assert run

    assert await ledger.forget(run)

    assert await _found(ledger, asked) is None
    assert len(await ledger.points(asked.tenant_id, asked.report)) == 1
    assert await _found(ledger, other)
    assert not await ledger.forget(run)


async def test_points_before_a_moment_are_forgotten_in_all_reports(ledger: Ledger) -> None:
    tenant = contoso()
    for name in ("guest-users", "usage"):
        for weeks in range(3):
            asked = request(tenant, report=name, end=MONDAY + weeks * WEEK)
            claim = await _claimed(ledger, asked)
            await ledger.settle(claim, _delivered(claim), [Point("n", asked.end, weeks)])

    assert await ledger.forget_points(tenant.id, before=MONDAY) == 0
    assert await ledger.forget_points(tenant.id, before=MONDAY + WEEK) == 2

    for name in ("guest-users", "usage"):
        assert [p.value for p in await ledger.points(tenant.id, name)] == [1, 2]
    assert len(await ledger.runs(tenant.id)) == 6
