"""A tenant's life: only where its state permits, each step written down, and nobody overwritten."""

import dataclasses
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared_code.core.audit import SERVICE, Act
from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import FieldInvalid, NotPermitted
from shared_code.core.ports import Page, Source
from shared_code.core.privacy import Privacy
from shared_code.core.run import RunState
from shared_code.core.tenant import Subscription, Tenant, TenantId, TenantState
from shared_code.service.change import change_of
from shared_code.service.lifecycle import Lifecycle
from shared_code.service.plan import Planner
from tests.fakes import FakeAudit, FakeClock, FakeLedger, FakeQueue, FakeTenants
from tests.service.stage import CONTOSO, FABRIKAM, MONDAY, TINY, WEEK, Stage, request, tenant

ENGINEER = "9d6f2f1e-0000-4000-8000-00000000e001"


class Office:
    def __init__(self) -> None:
        self.clock = FakeClock(MONDAY)
        self.tenants, self.audit = FakeTenants.of(tenant()), FakeAudit()
        self.lifecycle = Lifecycle(
            tenants=self.tenants, audit=self.audit, reports={TINY.name: TINY}, clock=self.clock
        )

    @property
    def state(self) -> TenantState:
        return self.tenants.kept[CONTOSO].state

    async def change(self, body: bytes) -> None:
        assert await self.lifecycle.change(CONTOSO, change_of(body), by=ENGINEER)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_suspended_nothing_is_planned_and_resumed_one_run_covers_the_time_between(
    office: Office,
) -> None:
    ledger, queue = FakeLedger(office.clock), FakeQueue()
    planner = Planner(office.tenants, ledger, queue, office.clock)
    await planner.plan(TINY)
    [planned] = ledger.kept.values()
    ledger.kept[planned.id] = replace(planned, state=RunState.DELIVERED)
    await office.lifecycle.suspend(CONTOSO, by=ENGINEER)
    office.clock.advance(6 * WEEK + timedelta(days=2))
    assert await planner.plan(TINY) == 0

    await office.lifecycle.resume(CONTOSO, by=ENGINEER)
    assert await planner.plan(TINY) == 0
    office.clock.advance(timedelta(days=5))
    assert await planner.plan(TINY) == 1

    assert queue.requests[-1].start == MONDAY
    assert queue.requests[-1].end == MONDAY + 7 * WEEK
    assert [(e.act, e.actor) for e in office.audit.kept] == [
        (Act.SUSPENDED, ENGINEER),
        (Act.RESUMED, ENGINEER),
    ]


@dataclass
class Meanwhile:
    """Something happens after each page."""

    source: Source
    happens: Callable[[], Awaitable[object]]

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        async for page in self.source.pages(tenant_id, dataset, cursor, parent=parent):
            yield page
            await self.happens()


async def test_a_run_under_way_when_its_tenant_is_suspended_is_delivered_and_is_the_last(
    office: Office, stage: Stage
) -> None:
    stage.tenants = office.tenants

    async def suspend() -> None:
        if office.state is TenantState.ACTIVE:
            await office.lifecycle.suspend(CONTOSO, by=ENGINEER)

    run = await stage.producer(Meanwhile(stage.source, suspend)).produce(request(), TINY)

    assert run
    assert (run.state, office.state) == (RunState.DELIVERED, TenantState.SUSPENDED)
    assert (await stage.shown(run))["names"]
    assert await stage.measured("people") == 5
    queue = FakeQueue()
    stage.clock.advance(6 * WEEK)
    assert await Planner(office.tenants, stage.ledger, queue, stage.clock).plan(TINY) == 0
    assert queue.requests == []
    assert await stage.produce(request(weeks=1)) is None
    assert await stage.ledger.runs(CONTOSO) == [run]


@pytest.mark.parametrize("state", TenantState)
async def test_what_the_state_does_not_permit_is_refused_and_changes_nothing(
    office: Office, state: TenantState
) -> None:
    served = state in (TenantState.ACTIVE, TenantState.CONSENT_WITHDRAWN)
    permitted = {
        "suspend": served,
        "resume": state is TenantState.SUSPENDED,
        "change": not state.is_gone,
    }
    for step, is_permitted in permitted.items():
        before = tenant(state=state)
        office.tenants.kept[CONTOSO] = before
        office.audit.kept.clear()
        doing = {
            "suspend": lambda: office.lifecycle.suspend(CONTOSO, by=ENGINEER),
            "resume": lambda: office.lifecycle.resume(CONTOSO, by=ENGINEER),
            "change": lambda: office.lifecycle.change(
                CONTOSO, change_of(b'{"language": "en"}'), by=ENGINEER
            ),
        }[step]
        if is_permitted:
            assert await doing()
            assert len(office.audit.kept) == 1
        else:
            with pytest.raises(NotPermitted, match=state):
                await doing()
            assert office.tenants.kept[CONTOSO] == before
            assert office.audit.kept == []


async def test_a_tenant_there_is_not_is_none(office: Office) -> None:
    nobody = TenantId("nobody")

    assert await office.lifecycle.suspend(nobody, by=ENGINEER) is None
    assert await office.lifecycle.change(nobody, change_of(b"{}"), by=ENGINEER) is None
    assert await office.lifecycle.entries(nobody) is None
    assert office.audit.kept == []


@pytest.mark.parametrize("state", TenantState)
async def test_the_audit_goes_with_its_tenant(office: Office, state: TenantState) -> None:
    await office.lifecycle.suspend(CONTOSO, by=ENGINEER)
    office.tenants.kept[CONTOSO] = tenant(state=state)

    entries = await office.lifecycle.entries(CONTOSO)

    assert entries is None if state.is_gone else entries


async def test_what_changes_nothing_is_not_written_down(office: Office) -> None:
    await office.change(b'{"language": "de"}')

    assert office.audit.kept == []


async def test_parts_are_changed_and_the_rest_stays(office: Office) -> None:
    office.tenants.kept[CONTOSO] = replace(
        tenant(), subscriptions={TINY.name: Subscription(since=MONDAY, cadence="0 5 * * *")}
    )
    await office.change(b'{"subscriptions": {"tiny-report": {"retention": 12}}}')
    now = office.tenants.kept[CONTOSO]
    assert now.subscriptions[TINY.name] == Subscription(
        since=MONDAY, cadence="0 5 * * *", retention=12
    )
    assert (now.months_of(TINY.name), now.months_of("other")) == (12, 24)

    await office.change(b'{"subscriptions": {"tiny-report": {"cadence": null}}}')
    assert office.tenants.kept[CONTOSO].subscriptions[TINY.name].cadence is None
    await office.change(b'{"subscriptions": {"tiny-report": null}}')
    assert office.tenants.kept[CONTOSO].subscriptions == {}
    await office.change(b'{"subscriptions": {"tiny-report": {}}}')
    assert office.tenants.kept[CONTOSO].subscriptions == {TINY.name: Subscription(since=MONDAY)}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"subscriptions": {"tiny-report": {"cadence": "* * * * *"}}}', "cadence"),
        (b'{"subscriptions": {"tiny-report": {"cadence": "0 0 30 2 *"}}}', "cadence"),
        (b'{"subscriptions": {"tiny-report": {"since": "2016-11-23T05:00:00Z"}}}', "since"),
        (b'{"subscriptions": {"tiny-report": {"since": "2026-11-23T05:00:00"}}}', "since"),
        (b'{"digest": "hourly"}', "digest"),
        (b'{"customer": "\\u0000"}', "customer"),
        (b'{"customer": "A\\u202eB"}', "customer"),
        (b'{"customer": "A\\u2028B"}', "customer"),
        (b'{"customer": " \\u200b "}', "customer"),
        (b'{"contacts": [{"address": "a\\u0000@b.example"}]}', "address"),
        (b'{"contacts": [{"address": "a\\u202e@b.example"}]}', "address"),
        (b'{"contacts": [{"address": "a@b.example", "reports": ["other"]}]}', "reports"),
    ],
)
async def test_what_would_flood_or_confuse_is_refused(
    office: Office, body: bytes, field: str
) -> None:
    with pytest.raises(FieldInvalid) as refused:
        await office.lifecycle.change(CONTOSO, change_of(body), by=ENGINEER)

    assert refused.value.field.endswith(field)
    assert office.tenants.kept[CONTOSO] == tenant()


async def test_names_that_a_report_does_not_show_need_an_approval(office: Office) -> None:
    reports = {TINY.name: TINY.__replace__(privacy=Privacy.AGGREGATE)}
    life = Lifecycle(
        tenants=office.tenants, audit=office.audit, reports=reports, clock=office.clock
    )
    named = b'{"privacy": {"tiny-report": {"mode": "named"%s}}}'

    with pytest.raises(FieldInvalid, match="approved"):
        await life.change(CONTOSO, change_of(named % b""), by=ENGINEER)
    approved = named % b', "approved_by": "Works council", "approved_on": "2026-11-01"'
    assert await life.change(CONTOSO, change_of(approved), by=ENGINEER)


class Late(FakeTenants):
    """What it lists has changed since."""

    async def all(self) -> Sequence[Tenant]:
        return [replace(each, state=TenantState.ACTIVE) for each in await super().all()]


async def test_who_was_suspended_by_hand_meanwhile_keeps_no_other_service_from_ending(
    office: Office,
) -> None:
    over = replace(tenant(), service_end=MONDAY.date() - timedelta(days=1))
    other = replace(over, id=FABRIKAM)
    tenants = Late.of(replace(over, state=TenantState.SUSPENDED), other)
    office.lifecycle = dataclasses.replace(office.lifecycle, tenants=tenants)

    assert await office.lifecycle.end_services() == 1

    assert tenants.kept[FABRIKAM].state is TenantState.SUSPENDED
    assert [entry.tenant_id for entry in office.audit.kept] == [FABRIKAM]


async def test_tenants_are_listed_by_customer(office: Office) -> None:
    office.tenants.kept[FABRIKAM] = replace(tenant(), id=FABRIKAM, customer="Adatum")

    assert [each.id for each in await office.lifecycle.all()] == [FABRIKAM, CONTOSO]


async def test_a_reason_that_the_audit_cannot_hold_is_refused_before_anything_is_done(
    office: Office,
) -> None:
    with pytest.raises(FieldInvalid, match="why"):
        await office.lifecycle.suspend(CONTOSO, by=ENGINEER, why="x" * 501)

    assert (office.state, office.audit.kept) == (TenantState.ACTIVE, [])


async def test_a_last_day_that_is_over_is_refused_with_what_to_do_instead(office: Office) -> None:
    office.clock.now = datetime(2026, 11, 30, 23, 1, tzinfo=UTC)  # the first of December in Vienna

    with pytest.raises(FieldInvalid, match=r"suspend .* offboard"):
        await office.change(b'{"service_end": "2026-11-30"}')

    await office.change(b'{"service_end": "2026-12-01"}')
    office.clock.advance(timedelta(days=2))
    # What was agreed before may be sent along with something else.
    await office.change(b'{"service_end": "2026-12-01", "customer": "Contoso GmbH"}')
    assert office.tenants.kept[CONTOSO].customer == "Contoso GmbH"


async def test_a_service_ends_with_its_last_day_where_the_customer_is(office: Office) -> None:
    office.tenants.kept[CONTOSO] = replace(tenant(), service_end=date(2026, 11, 30))
    office.clock.now = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)
    assert await office.lifecycle.end_services() == 0
    office.clock.now = datetime(2026, 11, 30, 23, 1, tzinfo=UTC)

    assert await office.lifecycle.end_services() == 1
    assert await office.lifecycle.end_services() == 0

    assert office.state is TenantState.SUSPENDED
    [entry] = office.audit.kept
    assert (entry.act, entry.actor, entry.detail) == (Act.SUSPENDED, SERVICE, "service_end")
    with pytest.raises(NotPermitted, match="service_end"):
        await office.lifecycle.resume(CONTOSO, by=ENGINEER)
    await office.change(b'{"service_end": null}')
    assert await office.lifecycle.resume(CONTOSO, by=ENGINEER)
