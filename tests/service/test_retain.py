"""Retention: what was kept long enough goes, what the next run needs stays."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared_code.core.audit import Act, Entry
from shared_code.core.delivery import Delivery, DeliveryState
from shared_code.core.invitation import Invitation, InvitationId, InvitationState
from shared_code.core.link import Link, Opening, Outcome
from shared_code.core.ports import Filed
from shared_code.core.privacy import Privacy
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import (
    Contact,
    PrivacyChoice,
    Retention,
    Tenant,
    TenantId,
    TenantState,
)
from shared_code.core.upkeep import Chore
from shared_code.service.files import folder_of
from shared_code.service.retain import Retaining, months_before
from tests.fakes import (
    NOON,
    FakeArchive,
    FakeAudit,
    FakeDeadLetters,
    FakeInvitations,
    FakeLedger,
    FakeLinks,
    FakeTenants,
    FakeUpkeepQueue,
)
from tests.service.digests import FakeDeliveries
from tests.service.stage import CONTOSO, MONDAY, TINY, WEEK, Stage, request, tenant

PARTNER = TenantId("0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60")
_MONTHS = timedelta(days=31)


class Office:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.links, self.audit, self.queue = FakeLinks(), FakeAudit(), FakeUpkeepQueue()
        self.invitations, self.deliveries = FakeInvitations(), FakeDeliveries()
        self.letters = FakeDeadLetters()

    @property
    def retaining(self) -> Retaining:
        stage = self.stage
        return Retaining(
            tenants=stage.tenants,
            ledger=stage.ledger,
            archive=stage.archive,
            folder=stage.folder,
            links=self.links,
            invitations=self.invitations,
            deliveries=self.deliveries,
            dead_letters=self.letters,
            audit=self.audit,
            queue=self.queue,
            clock=stage.clock,
            partner=PARTNER,
        )

    @property
    def files(self) -> dict[str, bytes]:
        assert isinstance(self.stage.archive, FakeArchive)
        return self.stage.archive.files

    async def weeks(self) -> list[int]:
        """Whose runs are left."""
        return [(r.end - MONDAY) // WEEK for r in await self.stage.ledger.runs(CONTOSO)]


@pytest.fixture
async def office(stage: Stage) -> Office:
    for weeks in range(4):
        await stage.delivered(weeks=weeks)
    return Office(stage)


async def test_old_runs_go_with_their_files_and_the_newest_delivered_one_stays(
    office: Office,
) -> None:
    old = await office.stage.kept(request())
    assert old
    office.stage.clock.now = MONDAY + 25 * _MONTHS

    removed = await office.retaining.apply(CONTOSO)

    assert removed
    assert removed.runs == 3
    assert await office.weeks() == [3]
    assert {path.split("/")[2] for path in office.files} == {request(weeks=3).run_id}
    assert not [path for path in office.files if path.startswith(folder_of(old))]
    [entry] = office.audit.kept
    assert (entry.act, entry.detail.split(",")[0]) == (Act.RETENTION_APPLIED, "runs 3")
    assert await office.stage.measured("people") == 5, "figures are kept longer"
    assert not await office.retaining.apply(CONTOSO)
    assert len(office.audit.kept) == 1


async def test_the_next_run_still_knows_what_was_before(office: Office) -> None:
    office.stage.clock.now = MONDAY + 25 * _MONTHS
    await office.retaining.apply(CONTOSO)
    office.stage.serve("Ada", "Zoe")

    run = await office.stage.produce(request(weeks=120))

    assert run
    assert (await office.stage.shown(run))["compared_with"]
    assert await office.stage.measured("new", weeks=120) == 1


async def test_of_runs_that_failed_since_the_newest_stays_too_for_the_planner(
    office: Office,
) -> None:
    assert isinstance(office.stage.ledger, FakeLedger)
    for weeks in (4, 5):
        order = request(weeks=weeks)
        failed = replace(Run.planned(order, order.end), state=RunState.BLOCKED)
        office.stage.ledger.kept[order.run_id] = failed
    office.stage.clock.now = MONDAY + 30 * _MONTHS

    await office.retaining.apply(CONTOSO)

    assert await office.weeks() == [5, 3]


async def test_what_is_not_settled_is_never_deleted(office: Office) -> None:
    assert isinstance(office.stage.ledger, FakeLedger)
    order = request(weeks=-2)
    office.stage.ledger.kept[order.run_id] = Run.planned(order, order.end)
    office.stage.clock.now = MONDAY + 30 * _MONTHS

    await office.retaining.apply(CONTOSO)

    assert await office.weeks() == [3, -2]


async def test_killed_between_files_and_row_the_next_day_goes_on(office: Office) -> None:
    run = await office.stage.kept(request())
    assert run
    await office.stage.archive.keep_only(folder_of(run), "")
    office.stage.clock.now = MONDAY + 25 * _MONTHS

    removed = await office.retaining.apply(CONTOSO)

    assert removed
    assert removed.runs == 3


async def test_a_tenant_and_a_report_may_agree_on_less(office: Office) -> None:
    assert isinstance(office.stage.tenants, FakeTenants)
    office.stage.clock.now = MONDAY + 4 * _MONTHS
    agreed = replace(tenant(), retention=Retention(runs=6))
    office.stage.tenants.kept[CONTOSO] = agreed
    assert not await office.retaining.apply(CONTOSO)

    subscription = replace(agreed.subscriptions[TINY.name], retention=3)
    shorter = replace(agreed, subscriptions={TINY.name: subscription})
    office.stage.tenants.kept[CONTOSO] = shorter
    await office.retaining.apply(CONTOSO)

    assert await office.weeks() == [3]


async def test_figures_go_after_years(office: Office) -> None:
    office.stage.clock.now = MONDAY + timedelta(days=5 * 366 + 60)

    removed = await office.retaining.apply(CONTOSO)

    assert removed
    assert removed.points == 15
    assert await office.stage.measured("people") is None


async def test_links_go_a_month_after_they_expired_and_records_after_two_years(
    office: Office,
) -> None:
    run = await office.stage.kept(request())
    assert run
    clock, key = office.stage.clock, "jti"
    for jti, days in (("dead", 0), ("living", 40)):
        await office.links.add(
            [
                Link(
                    jti=jti,
                    tenant_id=CONTOSO,
                    run_id=run.id,
                    report=run.report,
                    period_end=run.end,
                    expires=clock.now + timedelta(days=days),
                    created=clock.now,
                    created_by="x",
                )
            ]
        )
    opening = Opening(
        jti=key,
        tenant_id=CONTOSO,
        run_id=run.id,
        at=clock.now,
        method="GET",
        file="",
        outcome=Outcome.OPENED,
    )
    await office.links.record(opening)
    await office.audit.record(Entry(tenant_id=CONTOSO, at=clock.now, act=Act.INVITED, actor="x"))
    clock.advance(timedelta(days=31))
    first = await office.retaining.apply(CONTOSO)
    clock.advance(timedelta(days=710))
    second = await office.retaining.apply(CONTOSO)

    assert first
    assert second
    assert (first.links, first.openings, first.records) == (1, 0, 0)
    assert (second.links, second.openings, second.records) == (1, 1, 1)
    assert [e.act for e in office.audit.kept] == [Act.RETENTION_APPLIED] * 2


@pytest.mark.parametrize("state", [TenantState.OFFBOARDING, TenantState.OFFBOARDED])
async def test_whoever_is_gone_is_left_to_the_deletion(office: Office, state: TenantState) -> None:
    assert isinstance(office.stage.tenants, FakeTenants)
    office.stage.tenants.kept[CONTOSO] = tenant(state=state)

    assert await office.retaining.plan() == 0
    assert [r.tenant_id for r, _ in office.queue.sent] == [PARTNER]
    assert await office.retaining.apply(CONTOSO) is None


async def test_each_tenant_gets_a_message_also_when_it_is_suspended(office: Office) -> None:
    assert isinstance(office.stage.tenants, FakeTenants)
    office.stage.tenants.kept[CONTOSO] = tenant(state=TenantState.SUSPENDED)

    assert await office.retaining.plan() == 1
    assert [(r.chore, r.tenant_id) for r, _ in office.queue.sent] == [
        (Chore.RETENTION, CONTOSO),
        (Chore.RETENTION, PARTNER),
    ]


async def test_the_partner_is_kept_in_order_once_whether_or_not_it_is_served(
    office: Office,
) -> None:
    assert isinstance(office.stage.tenants, FakeTenants)
    clock = office.stage.clock
    await office.audit.record(Entry(tenant_id=PARTNER, at=clock(), act=Act.INVITED, actor="x"))
    clock.advance(25 * _MONTHS)
    removed = await office.retaining.apply(PARTNER)
    office.stage.tenants.kept[PARTNER] = tenant(PARTNER)

    assert removed
    assert removed.records == 1
    assert await office.retaining.plan() == 2
    assert len(office.queue.sent) == 2


async def test_messages_that_nobody_can_read_go_after_ninety_days(office: Office) -> None:
    await office.letters.keep("old", b"{}")
    office.stage.clock.now = NOON + timedelta(days=90)
    await office.retaining.plan()
    assert list(office.letters.kept) == ["old"]

    office.stage.clock.advance(timedelta(seconds=1))
    await office.retaining.plan()

    assert office.letters.kept == {}


async def test_digests_go_with_the_records_but_never_what_the_next_one_begins_at(
    office: Office,
) -> None:
    clock = office.stage.clock
    states = (DeliveryState.DONE, DeliveryState.DONE, DeliveryState.SUPERSEDED)
    for weeks, state in enumerate(states):
        due = clock() + weeks * WEEK
        await office.deliveries.plan(
            Delivery(tenant_id=CONTOSO, due=due, planned=due, updated=due, state=state)
        )
    first = clock()
    clock.advance(25 * _MONTHS)

    removed = await office.retaining.apply(CONTOSO)

    assert removed
    assert removed.deliveries == 1
    left = await office.deliveries.recent(CONTOSO)
    assert [(each.due - first) // WEEK for each in left] == [2, 1]


async def test_invitations_go_a_month_after_they_expired(office: Office) -> None:
    clock = office.stage.clock
    await office.invitations.add(
        Invitation(
            id=InvitationId("invitation"),
            tenant_id=CONTOSO,
            agreed=tenant(),
            created=clock(),
            expires=clock() + timedelta(days=14),
            created_by="x",
            state=InvitationState.COMPLETED,
        )
    )
    clock.advance(timedelta(days=44))
    assert not await office.retaining.apply(CONTOSO)

    clock.advance(timedelta(seconds=1))
    removed = await office.retaining.apply(CONTOSO)

    assert removed
    assert removed.invitations == 1
    assert office.invitations.kept == {}


def invited(**changes: object) -> Tenant:
    contact = Contact(address="anna@contoso.example")
    approved = PrivacyChoice(mode=Privacy.NAMED, approved_by="works council")
    plain = replace(
        tenant(state=TenantState.INVITED), contacts=(contact,), privacy={TINY.name: approved}
    )
    return replace(plain, **changes)


async def with_invitation(office: Office, known: Tenant) -> None:
    """Good for fourteen days."""
    await office.stage.tenants.save(known)
    now = office.stage.clock()
    await office.invitations.add(
        Invitation(
            id=InvitationId("invitation"),
            tenant_id=CONTOSO,
            agreed=known,
            created=now,
            expires=now + timedelta(days=14),
            created_by="x",
        )
    )


async def test_contacts_of_who_never_consented_go_with_the_last_invitation(office: Office) -> None:
    await with_invitation(office, invited())
    office.stage.clock.advance(timedelta(days=44))
    assert not await office.retaining.apply(CONTOSO)
    assert await office.stage.tenants.get(CONTOSO) == invited()

    office.stage.clock.advance(timedelta(seconds=1))
    removed = await office.retaining.apply(CONTOSO)

    assert removed
    assert (removed.invitations, removed.contacts) == (1, 1)
    left = await office.stage.tenants.get(CONTOSO)
    assert left == invited(contacts=(), privacy={})
    assert not await office.retaining.apply(CONTOSO)


@pytest.mark.parametrize("state", [s for s in TenantState if s is not TenantState.INVITED])
async def test_contacts_of_who_was_ever_served_stay(office: Office, state: TenantState) -> None:
    await with_invitation(office, invited(state=state))
    office.stage.clock.advance(timedelta(days=50))

    await office.retaining.apply(CONTOSO)

    assert await office.stage.tenants.get(CONTOSO) == invited(state=state)


async def test_who_is_invited_again_in_that_moment_keeps_the_new_contacts(office: Office) -> None:
    again = invited(contacts=(Contact(address="otto@contoso.example"),))

    class Meanwhile(FakeInvitations):
        async def of(self, tenant_id: TenantId) -> Sequence[Filed]:
            found = await super().of(tenant_id)
            await office.stage.tenants.save(again)
            return found

    await office.stage.tenants.save(invited())
    office.invitations = Meanwhile()

    await office.retaining.apply(CONTOSO)

    assert await office.stage.tenants.get(CONTOSO) == again


@pytest.mark.parametrize(
    ("months", "expected"), [(1, "2026-02-28"), (3, "2025-12-31"), (24, "2024-03-31")]
)
def test_months_back_is_the_same_day_or_the_last_one(months: int, expected: str) -> None:
    moment = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert f"{months_before(moment, months):%Y-%m-%d}" == expected
