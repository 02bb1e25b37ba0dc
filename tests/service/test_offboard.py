"""Offboarding, on fakes: the order of things, twice asked, interrupted, come back."""

from datetime import timedelta

import pytest

from dev.host.settings import HostOptions
from shared_code.core.audit import SERVICE, Act
from shared_code.core.proof import Found, Phase
from shared_code.core.tenant import Contact, TenantId, TenantState
from shared_code.core.upkeep import Chore
from shared_code.service.offboard import QUIET, Offboarding
from tests.fakes import (
    NOON,
    FakeAudit,
    FakeClock,
    FakeHoldings,
    FakeProofs,
    FakeTenants,
    FakeUpkeepQueue,
)
from tests.functions.house import ROOT
from tests.service.stage import CONTOSO, FABRIKAM, tenant

ENGINEER = "9d6f2f1e-0000-4000-8000-00000000e001"
OTHER = "9d6f2f1e-0000-4000-8000-00000000e002"
PARTNER = TenantId("9d6f2f1e-0000-4000-8000-0000000000aa")


class Office:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.tenants = FakeTenants.of(tenant(), tenant(FABRIKAM))
        self.holdings = FakeHoldings(
            {"table runs": {CONTOSO: 5, FABRIKAM: 2}, "container reports": {CONTOSO: 30}}
        )
        self.proofs, self.audit, self.queue = FakeProofs(), FakeAudit(), FakeUpkeepQueue()

    @property
    def offboarding(self) -> Offboarding:
        return Offboarding(
            tenants=self.tenants,
            holdings=self.holdings,
            proofs=self.proofs,
            audit=self.audit,
            queue=self.queue,
            clock=self.clock,
            partner=PARTNER,
        )

    async def delivered(self) -> None:
        """The newest message, when its time has come."""
        request, delay = self.queue.sent.pop()
        assert request.chore is Chore.OFFBOARD
        self.clock.advance(delay)
        await self.offboarding.proceed(request.tenant_id)


@pytest.fixture
def office() -> Office:
    return Office()


async def test_nobody_is_served_from_the_first_moment(office: Office) -> None:
    contact = Contact(address="anna@contoso.example")
    await office.tenants.change(CONTOSO, lambda t: tenant().__replace__(contacts=(contact,)))

    await office.offboarding.begin(CONTOSO, by=ENGINEER)

    left = office.tenants.kept[CONTOSO]
    assert (left.state, left.contacts, left.subscriptions) == (TenantState.OFFBOARDING, (), {})
    assert left.state.is_gone
    assert not left.is_served
    [entry] = office.audit.kept
    assert (entry.act, entry.actor) == (Act.OFFBOARDING_BEGUN, ENGINEER)


async def test_it_ends_with_a_proof_and_nothing_else(office: Office) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    await office.delivered()
    assert "table runs" in office.holdings.kept
    assert CONTOSO not in office.holdings.kept["table runs"]
    office.holdings.kept["table runs"][CONTOSO] = 1  # of a run that was under way
    await office.delivered()

    proof = await office.proofs.newest(CONTOSO)
    assert proof
    assert (proof.phase, proof.begun, proof.begun_by) == (Phase.CLOSED, NOON, ENGINEER)
    assert proof.closed == NOON + QUIET
    assert {kind: found.count for kind, found in proof.deleted.items()} == {
        "tenant": 1,
        "table runs": 5,
        "container reports": 30,
    }
    assert proof.late["table runs"].count == 1
    assert proof.late["container reports"] == Found()
    assert CONTOSO not in office.tenants.kept
    assert office.holdings.kept == {"table runs": {FABRIKAM: 2}, "container reports": {}}
    assert office.queue.sent == []


async def test_the_partners_audit_outlives_its_own_service(office: Office) -> None:
    """Else an engineer could invite the partner itself, and have gone what says who signed in."""
    await office.tenants.save(tenant(PARTNER))
    office.holdings.kept = {"table audit": {PARTNER: 7, CONTOSO: 7}, "table runs": {PARTNER: 1}}
    for tenant_id in (PARTNER, CONTOSO):
        await office.offboarding.begin(tenant_id, by=ENGINEER)
        await office.delivered()
        await office.delivered()

    assert office.holdings.kept == {"table audit": {PARTNER: 7}, "table runs": {}}
    proof = await office.proofs.newest(PARTNER)
    assert proof
    assert set(proof.deleted) == {"tenant", "table runs"}


async def test_a_message_that_comes_too_early_waits_for_the_rest(office: Office) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    await office.delivered()
    office.clock.advance(timedelta(minutes=10))

    proof = await office.offboarding.proceed(CONTOSO)

    assert proof
    assert proof.phase is Phase.WAITING
    assert [delay for _, delay in office.queue.sent] == [QUIET, QUIET - timedelta(minutes=10)]


async def test_asking_again_goes_on_with_what_was_begun(office: Office) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    again = await office.offboarding.begin(CONTOSO, by=OTHER)

    assert again
    assert (again.number, again.begun_by) == (1, ENGINEER)
    assert len(office.queue.sent) == 2
    await office.delivered()
    await office.delivered()
    assert (await office.offboarding.begin(CONTOSO, by=OTHER)) == await office.proofs.newest(
        CONTOSO
    )
    assert [p.phase for p in office.proofs.kept[CONTOSO]] == [Phase.CLOSED]


async def test_whoever_died_after_the_last_row_and_was_not_sent_again_is_closed_when_asked(
    office: Office,
) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    await office.delivered()
    await office.delivered()
    last = office.proofs.kept[CONTOSO][-1]
    office.proofs.kept[CONTOSO][-1] = last.__replace__(phase=Phase.CLOSING, closed=None)

    proof = await office.offboarding.begin(CONTOSO, by=OTHER)

    assert proof
    assert (proof.phase, proof.closed, proof.begun_by) == (Phase.CLOSED, office.clock(), ENGINEER)


async def test_a_tenant_that_never_was_has_no_proof(office: Office) -> None:
    office.tenants.kept.clear()

    assert await office.offboarding.begin(CONTOSO, by=ENGINEER) is None
    assert await office.offboarding.proceed(CONTOSO) is None
    assert (office.queue.sent, office.audit.kept, office.proofs.kept) == ([], [], {})


async def test_whoever_died_before_the_proof_is_found_and_named(office: Office) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    office.proofs.kept.clear()
    office.queue.sent.clear()

    assert await office.offboarding.unfinished() == [CONTOSO]
    await office.offboarding.proceed(CONTOSO)

    proof = await office.proofs.newest(CONTOSO)
    assert proof
    assert (proof.phase, proof.begun_by) == (Phase.WAITING, ENGINEER)


async def test_without_a_trace_of_who_it_was_the_service_itself_goes_on(office: Office) -> None:
    await office.tenants.set_state(CONTOSO, TenantState.OFFBOARDING)

    proof = await office.offboarding.proceed(CONTOSO)

    assert proof
    assert proof.begun_by == SERVICE


async def test_a_tenant_that_came_back_keeps_what_is_new_and_gets_a_second_proof(
    office: Office,
) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    await office.delivered()
    await office.delivered()
    await office.tenants.save(tenant())
    office.holdings.kept["table runs"][CONTOSO] = 3

    await office.offboarding.proceed(CONTOSO)
    assert office.holdings.kept["table runs"][CONTOSO] == 3

    second = await office.offboarding.begin(CONTOSO, by=OTHER)
    await office.delivered()
    await office.delivered()
    assert second
    assert (second.number, second.begun_by) == (2, OTHER)
    assert [p.deleted["table runs"].count for p in office.proofs.kept[CONTOSO]] == [5, 3]


async def test_a_tenant_that_came_back_before_the_proof_was_closed_is_deleted_whole_next_time(
    office: Office,
) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    await office.delivered()
    await office.delivered()
    last = office.proofs.kept[CONTOSO][-1]
    office.proofs.kept[CONTOSO][-1] = last.__replace__(phase=Phase.CLOSING, closed=None)
    await office.tenants.save(tenant())
    office.holdings.kept["table runs"][CONTOSO] = 3

    await office.offboarding.begin(CONTOSO, by=OTHER)
    await office.delivered()
    await office.delivered()

    assert [p.phase for p in office.proofs.kept[CONTOSO]] == [Phase.CLOSED] * 2
    assert CONTOSO not in office.holdings.kept["table runs"]
    assert CONTOSO not in office.tenants.kept


async def test_a_tenant_in_service_is_never_purged_by_an_old_message(office: Office) -> None:
    await office.offboarding.begin(CONTOSO, by=ENGINEER)
    await office.tenants.set_state(CONTOSO, TenantState.ACTIVE)

    await office.delivered()

    assert office.holdings.kept["table runs"][CONTOSO] == 5


def test_it_waits_longer_than_any_invocation_may_take() -> None:
    longest = HostOptions.read(ROOT, {}).function_timeout
    assert longest
    assert longest < QUIET
