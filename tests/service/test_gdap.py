"""Delegated access is watched in the partner's tenant: one warning 60, 30 days before, one at the end."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from shared_code.core.audit import Act
from shared_code.core.errors import (
    ConsentMissing,
    ContractBroken,
    PermissionMissing,
    Throttled,
    UpstreamDown,
)
from shared_code.core.gdap import Relationship, Stage
from shared_code.core.readiness import Cause
from shared_code.core.tenant import TenantId, TenantState
from shared_code.service.gdap import GdapMonitor
from tests.fakes import FakeAudit, FakeClock, FakeDelegations, FakePartnership, FakeTenants
from tests.service.stage import CONTOSO, FABRIKAM, tenant

PARTNER = TenantId("0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60")
VIENNA = ZoneInfo("Europe/Vienna")
NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def relationship(days: float | None = 400, **changes: Any) -> Relationship:
    """That ends so many days after noon."""
    ends = None if days is None else NOON + days * DAY
    plain = Relationship(
        id="one", tenant_id=CONTOSO, name="Reading", status="active", ends=ends, roles=("reader",)
    )
    return replace(plain, **changes)


@dataclass
class Bench:
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    partnership: FakePartnership = field(default_factory=FakePartnership)
    tenants: FakeTenants = field(default_factory=lambda: FakeTenants.of(tenant()))
    delegations: FakeDelegations = field(default_factory=FakeDelegations)
    audit: FakeAudit = field(default_factory=FakeAudit)

    @property
    def watch(self) -> GdapMonitor:
        return GdapMonitor(
            partnership=self.partnership,
            partner=PARTNER,
            tenants=self.tenants,
            delegations=self.delegations,
            audit=self.audit,
            clock=self.clock,
        )

    async def warned(self, *found: Relationship, after: timedelta = timedelta()) -> list[str]:
        """What this check warned of."""
        self.clock.advance(after)
        self.partnership.found = list(found)
        before = len(self.audit.kept)
        await self.watch.check()
        new = self.audit.kept[before:]
        assert all(entry.act is Act.DELEGATION_ENDING for entry in new)
        return [entry.detail.split()[0] for entry in new]

    @property
    def told(self) -> list[str]:
        kept = self.delegations.kept[CONTOSO]
        return [each.id for each in kept.ending(self.clock(), VIENNA)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (61, None),
        (60, Stage.SIXTY),
        (59, Stage.SIXTY),
        (31, Stage.SIXTY),
        (30, Stage.THIRTY),
        (29, Stage.THIRTY),
        (0, Stage.THIRTY),
        (-1, Stage.ENDED),
    ],
)
async def test_each_boundary_has_its_warning_once(
    bench: Bench, days: int, stage: Stage | None
) -> None:
    ending = relationship(days)
    assert await bench.warned(ending) == ([stage] if stage else [])
    assert await bench.warned(ending) == []
    assert bench.told == (["one"] if stage else [])


async def test_one_relationship_earns_three_warnings_in_its_life(bench: Bench) -> None:
    ending = relationship(70)
    warned = [await bench.warned(ending, after=DAY) for _ in range(80)]
    assert [w for w in warned if w] == [["60-days"], ["30-days"], ["ended"]]
    assert [n for n, w in enumerate(warned, 1) if w] == [10, 40, 71]


@pytest.mark.parametrize(
    ("zone", "stage"), [("Pacific/Kiritimati", Stage.SIXTY), ("Europe/Vienna", None)]
)
async def test_days_are_those_of_the_tenants_calendar(
    bench: Bench, zone: str, stage: Stage | None
) -> None:
    # On Kiritimati it is the 23rd already, and the end is on the 22nd as in Vienna.
    bench.tenants = FakeTenants.of(tenant(time_zone=zone))
    ending = relationship(61, ends=datetime(2027, 1, 22, 9, 59, tzinfo=UTC))
    assert await bench.warned(ending) == ([stage] if stage else [])


def test_summer_time_takes_no_day() -> None:
    before = datetime(2027, 3, 27, 23, 30, tzinfo=VIENNA)
    ending = relationship(ends=datetime(2027, 3, 29, 0, 30, tzinfo=VIENNA))
    assert ending.days_left(before, VIENNA) == 2


async def test_a_prolonged_relationship_earns_new_warnings(bench: Bench) -> None:
    assert await bench.warned(relationship(20)) == ["30-days"]
    assert await bench.warned(relationship(500)) == []
    assert bench.told == []
    assert await bench.warned(relationship(500), after=450 * DAY) == ["60-days"]


async def test_the_first_warning_seen_late_is_one(bench: Bench) -> None:
    assert await bench.warned(relationship(12)) == ["30-days"]


@pytest.mark.parametrize(
    "quiet",
    [
        relationship(None),
        relationship(10, extends=True),
        relationship(10, status="approvalPending"),
        relationship(-400, status="expired"),
        relationship(-400, status="Terminated"),
    ],
)
async def test_nobody_needs_to_act(bench: Bench, quiet: Relationship) -> None:
    assert await bench.warned(quiet) == []
    assert bench.told == []


async def test_an_unknown_status_is_taken_for_live(bench: Bench) -> None:
    assert await bench.warned(relationship(10, status="unknownFutureValue")) == ["30-days"]


async def test_access_that_ends_early_is_warned_of_but_no_customers_business(bench: Bench) -> None:
    await bench.warned(relationship(400))
    assert await bench.warned(relationship(400, status="terminated")) == ["ended"]
    assert await bench.warned(relationship(400, status="terminated")) == []
    assert bench.told == []


async def test_what_another_one_grants_longer_may_end(bench: Bench) -> None:
    longer = relationship(500, id="two", roles=("reader", "helpdesk"))
    assert await bench.warned(relationship(10), longer) == []
    less = replace(longer, roles=("helpdesk",))
    assert await bench.warned(relationship(10), less) == ["30-days"]


@pytest.mark.parametrize("status", ["terminated", "expired", "approvalPending"])
async def test_what_does_not_count_any_more_or_yet_replaces_nothing(
    bench: Bench, status: str
) -> None:
    other = relationship(400, id="other", status=status)

    assert "30-days" in await bench.warned(relationship(10), other)


async def test_of_two_alike_one_is_warned_of(bench: Bench) -> None:
    assert await bench.warned(relationship(10), relationship(10, id="two")) == ["30-days"]


async def test_readers_are_told_no_more_once_another_one_replaces_it(bench: Bench) -> None:
    ending = relationship(10)
    await bench.warned(ending)
    assert bench.told == ["one"]

    await bench.warned(ending, relationship(500, id="two"))

    assert bench.told == []


@pytest.mark.parametrize("state", TenantState)
async def test_whoever_is_not_gone_is_watched(bench: Bench, state: TenantState) -> None:
    bench.tenants = FakeTenants.of(tenant(state=state))

    warned = await bench.warned(relationship(10))

    assert warned == ([] if state.is_gone else ["30-days"])


async def test_readers_are_told_until_a_month_after_the_end(bench: Bench) -> None:
    ending = relationship(2)
    await bench.warned(ending)
    expired = replace(ending, status="expired")
    assert await bench.warned(expired, after=3 * DAY) == ["ended"]
    for days, told in ((29, ["one"]), (1, [])):
        bench.clock.advance(days * DAY)
        assert bench.told == told


async def test_each_tenant_has_its_own(bench: Bench) -> None:
    bench.tenants = FakeTenants.of(
        tenant(), tenant(FABRIKAM), tenant(TenantId("gone"), state=TenantState.OFFBOARDING)
    )
    await bench.warned(
        relationship(10, tenant_id=FABRIKAM), relationship(10, tenant_id=TenantId("gone"))
    )
    assert set(bench.delegations.kept) == {FABRIKAM, PARTNER}
    assert [entry.tenant_id for entry in bench.audit.kept] == [FABRIKAM]


async def test_a_relationship_that_is_no_longer_listed_is_forgotten(bench: Bench) -> None:
    await bench.warned(relationship(10))
    await bench.warned()
    kept = bench.delegations.kept[CONTOSO]
    assert (kept.relationships, kept.warned) == ((), ())


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (PermissionMissing("gdap", "DelegatedAdminRelationship.Read.All"), Cause.PERMISSION),
        (ConsentMissing("x"), Cause.CONSENT),
        (ContractBroken("gdap", "$ lacks id"), Cause.CONTRACT),
    ],
)
async def test_what_keeps_the_partners_tenant_from_answering_is_said_once(
    bench: Bench, error: Exception, cause: Cause, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.warned(relationship(10))
    caplog.clear()
    bench.partnership.failure = error
    for _ in range(2):
        await bench.watch.check()
    assert bench.delegations.kept[PARTNER].problem is cause
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    assert bench.told == ["one"]

    bench.partnership.failure = None
    await bench.watch.check()
    assert bench.delegations.kept[PARTNER].problem is None


@pytest.mark.parametrize("error", [Throttled("x"), UpstreamDown("x")])
async def test_silence_changes_nothing(bench: Bench, error: Exception) -> None:
    await bench.warned(relationship(10))
    before = dict(bench.delegations.kept)
    bench.partnership.failure = error
    with pytest.raises(type(error)):
        await bench.watch.check()
    bench.clock.advance(DAY)
    await bench.watch.check_due()
    assert bench.delegations.kept == before


async def test_it_is_checked_once_a_day_and_hourly_after_a_failure(bench: Bench) -> None:
    checked: list[bool] = []
    for hour in range(50):
        bench.partnership.failure = PermissionMissing("x", "y") if hour in (23, 24) else None
        last = bench.delegations.kept.get(PARTNER)
        await bench.watch.check_due()
        checked.append(bench.delegations.kept[PARTNER] is not last)
        bench.clock.advance(timedelta(hours=1))
    assert [hour for hour, is_checked in enumerate(checked) if is_checked] == [0, 23, 24, 25, 48]


async def test_the_warning_names_no_person(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    await bench.warned(relationship(10))
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == f"gdap tenant={CONTOSO} stage=30-days ends=2026-12-02"
