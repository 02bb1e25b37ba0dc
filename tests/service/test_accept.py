"""Consent: believed only where the tenant's own directory says so, however late it says so."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared_code.core.audit import Act
from shared_code.core.errors import (
    ConsentMissing,
    ContractBroken,
    LinkError,
    NotInvitable,
    PermissionMissing,
    UpstreamDown,
)
from shared_code.core.invitation import Invitation, InvitationState, Invited
from shared_code.core.ports import Enterprise, Filed
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.links.keys import KeyRing
from shared_code.links.state import ConsentStateSigner
from shared_code.service.accept import Accepting, Answer, Answered, Callback
from shared_code.service.consent_page import ConsentPages
from shared_code.service.invite import Inviting, Offer, Ordered
from shared_code.service.terms import Addressee
from tests.fakes import FakeAudit, FakeClock, FakeDomains, FakeInvitations, FakeTenants
from tests.service.stage import CONTOSO, FABRIKAM, PEOPLE, TINY

PARTNER = TenantId("0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60")
AUDITED = dataclasses.replace(PEOPLE, name="audited", permissions=("AuditLog.Read.All",))
OTHER = dataclasses.replace(TINY, name="other-report", needs=(AUDITED,))
REPORTS = {TINY.name: TINY, OTHER.name: OTHER}


@dataclass
class Lagging:
    """A directory that answers one thing after the other, and the last one for ever."""

    answers: list[Exception | frozenset[str]]
    pending: frozenset[str] = frozenset()
    asked: int = 0
    hangs: bool = False
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def enterprise(self, tenant_id: TenantId) -> Enterprise:
        self.asked += 1
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        if self.hangs:
            await asyncio.sleep(3600)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Enterprise(
            tenant_id=tenant_id,
            name="Contoso",
            domain="contoso.example",
            permissions=answer,
            pending=self.pending,
        )


GRANTED = frozenset(TINY.permissions)


@dataclass
class Office:
    directory: Lagging = field(default_factory=lambda: Lagging([GRANTED]))
    clock: FakeClock = field(default_factory=FakeClock)
    tenants: FakeTenants = field(default_factory=FakeTenants)
    invitations: FakeInvitations = field(default_factory=FakeInvitations)
    audit: FakeAudit = field(default_factory=FakeAudit)
    slept: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        signer = ConsentStateSigner(KeyRing("k1", {"k1": b"k" * 32}))
        self.inviting = Inviting(
            tenants=self.tenants,
            invitations=self.invitations,
            domains=FakeDomains({"contoso.example": CONTOSO, "fabrikam.example": FABRIKAM}),
            signer=signer,
            audit=self.audit,
            reports=REPORTS,
            clock=self.clock,
            public_url="https://reports.example",
        )
        self.accepting = Accepting(
            tenants=self.tenants,
            invitations=self.invitations,
            directory=self.directory,
            signer=signer,
            pages=ConsentPages(
                signer=signer,
                reports=REPORTS,
                client_id="app",
                login_url="https://login.example",
                public_url="https://reports.example",
            ),
            audit=self.audit,
            clock=self.clock,
            partner=PARTNER,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def invite(self, tenant: str = "contoso.example", **changes: Any) -> str:
        order = {"customer": "Contoso", "subscriptions": {TINY.name: Ordered()}} | changes
        sent = await self.inviting.invite(Offer(tenant=tenant, **order), created_by="c5d6")
        return sent.address.rpartition("/")[2]

    async def back(self, state: str, **changes: str) -> Answered:
        said = {"state": state, "tenant": CONTOSO, "admin_consent": "True"} | changes
        return await self.accepting.answer(Callback(**said))

    async def show(self, state: str) -> Invited:
        return await self.accepting.show(state)

    @property
    def tenant(self) -> Tenant:
        return self.tenants.kept[CONTOSO]

    @property
    def acts(self) -> list[Act]:
        return [entry.act for entry in self.audit.kept]


async def test_what_is_asked_for_is_named_with_the_ordered_reports_that_need_it() -> None:
    office = Office()

    invited = await office.show(await office.invite())

    assert [(ask.permission, ask.reports) for ask in invited.asks] == [
        ("User.Read.All", (TINY,)),
        ("AuditLog.Read.All", ()),
    ]


async def test_a_short_lag_is_waited_for() -> None:
    office = Office(Lagging([ConsentMissing("x"), PermissionMissing("organization", "x"), GRANTED]))

    await office.back(await office.invite())

    assert office.tenant.state is TenantState.ACTIVE
    assert office.tenant.domain == "contoso.example"
    assert office.slept == [1.0, 2.0]
    assert office.acts == [Act.INVITED, Act.CHANGED, Act.CONSENT_GIVEN, Act.ACTIVATED]


@pytest.mark.parametrize(
    "answer",
    [
        ConsentMissing("x"),
        UpstreamDown("x"),
        ContractBroken("organization", "another tenant answered"),
        frozenset[str](),
    ],
)
async def test_until_everything_is_granted_nobody_is_served(
    answer: Exception | frozenset[str],
) -> None:
    office = Office(Lagging([answer]))
    state = await office.invite()

    answered = await office.back(state)

    assert answered.answer is Answer.RECEIVED
    assert office.tenant.state is TenantState.INVITED
    assert await office.accepting.complete() == 0
    office.directory.answers = [GRANTED]
    assert await office.accepting.complete() == 1
    assert office.tenant.state is TenantState.ACTIVE
    assert office.acts.count(Act.ACTIVATED) == 1
    assert await office.accepting.complete() == 0


async def test_until_a_token_has_what_was_granted_nobody_is_served_and_nothing_is_missing() -> None:
    office = Office(Lagging([GRANTED], pending=GRANTED))
    state = await office.invite()
    await office.back(state)

    assert (await office.show(state)).missing == ()
    assert office.tenant.state is TenantState.INVITED
    office.directory.pending = frozenset({"Other.Read.All"})
    assert await office.accepting.complete() == 1


async def test_what_is_missing_is_said() -> None:
    office = Office(Lagging([frozenset({"Other.Read.All"})]))
    state = await office.invite()
    await office.back(state)

    assert (await office.show(state)).missing == TINY.permissions


async def test_opening_the_page_again_completes_too() -> None:
    office = Office(Lagging([ConsentMissing("x")]))
    state = await office.invite()
    await office.back(state)
    office.directory.answers = [GRANTED]

    await office.show(state)

    assert office.tenant.state is TenantState.ACTIVE


async def test_opening_the_page_before_the_call_back_asks_nobody() -> None:
    office = Office()

    await office.show(await office.invite())

    assert office.directory.asked == 0
    assert office.tenant.state is TenantState.INVITED


async def test_the_timer_stops_looking_when_the_invitation_is_over() -> None:
    office = Office(Lagging([ConsentMissing("x")]))
    await office.back(await office.invite(days=2))
    office.directory.answers = [GRANTED]
    office.clock.advance(timedelta(days=2))
    asked = office.directory.asked

    assert await office.accepting.complete() == 0
    assert office.directory.asked == asked
    assert office.tenant.state is TenantState.INVITED


async def test_one_who_was_suspended_while_we_looked_stays_suspended() -> None:
    office = Office(Lagging([ConsentMissing("x")]))
    state = await office.invite()
    await office.back(state)
    await office.tenants.set_state(CONTOSO, TenantState.SUSPENDED)
    office.directory.answers = [GRANTED]

    assert await office.accepting.complete() == 0
    with pytest.raises(LinkError):
        await office.show(state)
    assert office.tenant.state is TenantState.SUSPENDED


async def test_one_who_is_offboarded_while_its_directory_is_asked_stays_so() -> None:
    office = Office()
    state = await office.invite()
    office.directory.meanwhile = lambda: office.tenants.set_state(CONTOSO, TenantState.OFFBOARDING)

    with pytest.raises(LinkError):
        await office.back(state)

    assert office.tenant.state is TenantState.OFFBOARDING
    assert Act.ACTIVATED not in office.acts


async def test_a_call_back_that_is_reloaded_while_consent_is_checked_changes_nothing() -> None:
    office = Office(Lagging([ConsentMissing("x")]))
    state = await office.invite()
    await office.back(state)
    asked, kept = office.directory.asked, dict(office.invitations.kept)

    assert (await office.back(state)).answer is Answer.RECEIVED

    assert (office.directory.asked, office.invitations.kept) == (asked, kept)
    assert office.acts[-1] is Act.CALLBACK_REFUSED


async def test_a_directory_that_hangs_keeps_nobody_waiting_and_is_asked_again() -> None:
    office = Office(Lagging([GRANTED], hangs=True))
    office.accepting = dataclasses.replace(office.accepting, longest_look=0.001)
    state = await office.invite()

    assert (await office.back(state)).answer is Answer.RECEIVED

    assert office.tenant.state is TenantState.INVITED
    office.directory.hangs = False
    assert await office.accepting.complete() == 1


async def test_two_who_look_at_one_moment_write_it_down_once() -> None:
    office = Office(Lagging([ConsentMissing("x")]))
    state = await office.invite()
    await office.back(state)
    office.directory.answers = [GRANTED]
    office.directory.meanwhile = lambda: office.show(state)

    await office.show(state)

    assert office.acts.count(Act.ACTIVATED) == office.acts.count(Act.CONSENT_GIVEN) == 1


async def test_an_invitation_withdrawn_while_its_directory_is_asked_activates_nobody() -> None:
    office = Office()
    state = await office.invite()
    office.directory.meanwhile = office.invite

    with pytest.raises(LinkError):
        await office.back(state)

    assert office.tenant.state is TenantState.INVITED


async def test_many_who_look_at_once_activate_once() -> None:
    office = Office(Lagging([ConsentMissing("x")]))
    state = await office.invite()
    await office.back(state)
    office.directory.answers = [GRANTED]

    await asyncio.gather(*(office.show(state) for _ in range(5)), office.accepting.complete())

    assert office.tenant.state is TenantState.ACTIVE
    assert office.acts.count(Act.ACTIVATED) == office.acts.count(Act.CONSENT_GIVEN) == 1


class Crowded(FakeInvitations):
    """Nobody goes on before all have added theirs."""

    def __init__(self, guests: int) -> None:
        super().__init__()
        self.barrier = asyncio.Barrier(guests)

    async def add(self, invitation: Invitation) -> None:
        await super().add(invitation)
        await self.barrier.wait()


async def test_of_invitations_made_in_the_same_moment_one_stays() -> None:
    office = Office(invitations=Crowded(3))
    customers = ("Contoso One", "Contoso Two", "Contoso Three")

    made = await asyncio.gather(
        *(office.invite(customer=name) for name in customers), return_exceptions=True
    )

    [state] = [each for each in made if isinstance(each, str)]
    assert sum(isinstance(each, NotInvitable) for each in made) == 2
    [left] = [f.invitation for f in office.invitations.kept.values() if f.invitation.is_usable]
    assert (await office.show(state)).invitation == left
    assert office.tenant.customer == left.agreed.customer
    assert office.acts == [Act.INVITED]


async def test_an_invitation_that_is_overtaken_before_it_is_looked_after_takes_nothing_back() -> (
    None
):
    office = Office()

    class Overtaken(FakeInvitations):
        newer = ""

        async def add(self, invitation: Invitation) -> None:
            await super().add(invitation)
            if not self.newer:
                self.newer = "on its way"
                self.newer = await office.invite()

    office = Office(invitations=Overtaken())
    with pytest.raises(NotInvitable):
        await office.invite()

    assert isinstance(office.invitations, Overtaken)
    assert (await office.show(office.invitations.newer)).invitation.is_usable


async def test_the_state_of_one_tenant_says_nothing_about_another() -> None:
    office = Office()
    await office.invite("fabrikam.example")
    state = await office.invite()

    answered = await office.back(state, tenant=FABRIKAM)

    assert answered.answer is Answer.OTHER_TENANT
    assert {each.state for each in office.tenants.kept.values()} == {TenantState.INVITED}


async def test_a_used_state_is_refused_and_written_down() -> None:
    office = Office()
    state = await office.invite()
    await office.back(state)

    with pytest.raises(LinkError):
        await office.back(state)

    assert office.acts[-1] is Act.CALLBACK_REFUSED
    assert (await office.show(state)).invitation.used == office.clock()


async def test_forged_states_are_noted_once_a_minute_and_for_no_customer() -> None:
    office = Office()
    for _ in range(3):
        with pytest.raises(LinkError):
            await office.back("forged", tenant=CONTOSO)
    office.clock.advance(timedelta(minutes=1))
    with pytest.raises(LinkError):
        await office.back("forged")

    assert [entry.tenant_id for entry in office.audit.kept] == [PARTNER, PARTNER]


@pytest.mark.parametrize("is_removed", [False, True])
async def test_an_invitation_of_a_tenant_that_was_offboarded_leaves_nothing_in_its_audit(
    *, is_removed: bool
) -> None:
    office = Office()
    state = await office.invite()
    office.invitations.kept.clear()
    office.audit.kept.clear()
    await office.tenants.set_state(CONTOSO, TenantState.OFFBOARDING)
    if is_removed:
        await office.tenants.remove(CONTOSO, was=TenantState.OFFBOARDING)

    with pytest.raises(LinkError):
        await office.back(state)

    [entry] = office.audit.kept
    assert (entry.tenant_id, entry.act, entry.subject) == (PARTNER, Act.CALLBACK_REFUSED, "")


async def test_who_holds_an_invitation_cannot_fill_the_audit_with_it() -> None:
    office = Office()
    state = await office.invite()
    for said in ({"error": "access_denied"}, {"error": "x"}, {"tenant": FABRIKAM}) * 20:
        await office.back(state, **said)
    await office.back(state)
    for _ in range(20):
        with pytest.raises(LinkError):
            await office.back(state)

    refused = (Act.CONSENT_REFUSED, Act.CALLBACK_REFUSED)
    told = [entry.detail for entry in office.audit.kept if entry.act in refused]
    assert told == ["declined", "failed", "other-tenant", "used"]
    office.clock.advance(timedelta(minutes=1))
    with pytest.raises(LinkError):
        await office.back(state)
    assert office.audit.kept[-1].detail == "used"


async def test_no_entry_holds_what_a_caller_sent() -> None:
    office = Office()
    state = await office.invite()
    await office.back(state, error="<b>", tenant="<i>")
    await office.back(state, admin_consent="<u>")

    assert not [entry for entry in office.audit.kept if "<" in entry.detail or state in str(entry)]


@pytest.mark.parametrize("closed", [TenantState.SUSPENDED, TenantState.OFFBOARDED])
async def test_a_closed_tenant_is_not_invited(closed: TenantState) -> None:
    office = Office()
    await office.tenants.save(
        Tenant(id=CONTOSO, customer="Contoso", domain="contoso.example", state=closed)
    )

    with pytest.raises(NotInvitable, match=closed):
        await office.invite()

    assert office.invitations.kept == {}
    assert office.tenant.state is closed


@dataclass
class Meanwhile(FakeInvitations):
    """Somebody is faster: `deed` is done before the next invitation is filed or moved."""

    deed: Callable[[], Awaitable[object]] | None = None

    async def add(self, invitation: Invitation) -> None:
        await self._first()
        await super().add(invitation)

    async def move(self, filed: Filed, state: InvitationState, *, at: datetime) -> Filed | None:
        await self._first()
        return await super().move(filed, state, at=at)

    async def _first(self) -> None:
        deed, self.deed = self.deed, None
        if deed:
            await deed()


async def test_who_becomes_active_while_another_invitation_is_written_stays_active() -> None:
    invitations = Meanwhile()
    office = Office(invitations=invitations)
    state = await office.invite()
    invitations.deed = lambda: office.back(state)

    await office.invite(customer="Fabrikam")

    assert (office.tenant.state, office.tenant.customer) == (TenantState.ACTIVE, "Contoso")


async def test_an_activation_is_written_down_though_its_invitation_is_withdrawn_meanwhile() -> None:
    invitations = Meanwhile()
    office = Office(Lagging([ConsentMissing("x")]), invitations=invitations)
    state = await office.invite()
    await office.back(state)
    office.directory.answers = [GRANTED]
    invitations.deed = office.invite

    with pytest.raises(LinkError):
        await office.show(state)

    assert office.tenant.state is TenantState.ACTIVE
    assert office.acts.count(Act.ACTIVATED) == 1


async def test_an_invitation_that_a_later_one_withdrew_opens_nothing_and_activates_nobody() -> None:
    office = Office()
    first = await office.invite()
    await office.invite()

    for step in (office.show, office.back):
        with pytest.raises(LinkError):
            await step(first)

    assert office.tenant.state is TenantState.INVITED
    assert office.acts[-1] is Act.CALLBACK_REFUSED


@pytest.mark.parametrize("closed", [TenantState.SUSPENDED, TenantState.OFFBOARDING])
async def test_who_is_closed_while_an_invitation_is_written_stays_closed(
    closed: TenantState,
) -> None:
    invitations = Meanwhile()
    office = Office(invitations=invitations)
    await office.invite()
    invitations.deed = lambda: office.tenants.set_state(CONTOSO, closed)

    await office.invite()

    assert office.tenant.state is closed


async def test_a_tenant_invited_by_its_id_has_the_domain_that_its_directory_says() -> None:
    office = Office()
    state = await office.invite(CONTOSO)
    assert office.tenant.domain == ""

    await office.back(state)

    assert office.tenant.domain == "contoso.example"


async def test_a_service_begins_with_the_customers_day() -> None:
    office = Office()
    office.clock.now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    await office.invite(time_zone="Europe/Vienna")

    begins = datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert office.tenant.service_start == date(2026, 11, 23)
    assert office.tenant.subscriptions[TINY.name].since == begins


async def test_a_served_tenant_gets_more_once_the_new_permission_is_granted() -> None:
    office = Office(Lagging([GRANTED]))
    await office.back(await office.invite(contacts=(Addressee(address="it@contoso.example"),)))
    before = office.tenant
    state = await office.invite(
        customer="Contoso GmbH", subscriptions={OTHER.name: Ordered()}, service_end=date(2027, 1, 1)
    )

    answered = await office.back(state)

    assert answered.invited.missing == OTHER.permissions
    assert office.tenant == before
    office.directory.answers = [GRANTED | frozenset(OTHER.permissions)]
    await office.show(state)
    after = office.tenant
    assert list(after.subscriptions) == [TINY.name, OTHER.name]
    assert after.contacts == before.contacts
    assert (after.customer, after.service_end) == ("Contoso GmbH", date(2027, 1, 1))
    assert (after.state, after.service_start) == (TenantState.ACTIVE, before.service_start)
    assert office.acts.count(Act.ACTIVATED) == 1
