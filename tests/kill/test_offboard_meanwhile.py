"""What is under way while a tenant is offboarded, or comes afterwards: it leaves nothing, and breaks nothing."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from shared_code.core.delivery import DeliveryRequest, Mail
from shared_code.core.errors import DeliveryWaits, LinkError
from shared_code.core.ports import Enterprise, Holdings
from shared_code.core.proof import Found, Phase
from shared_code.core.tenant import TenantId, TenantState
from shared_code.links.keys import KeyRing
from shared_code.links.state import ConsentStateSigner
from shared_code.service.accept import Accepting, Callback
from shared_code.service.consent_page import ConsentPages
from shared_code.service.deliver import Deliverer
from shared_code.service.invite import Inviting, Offer, Ordered, Sent
from shared_code.service.plan import Planner
from shared_code.storage.deliveries import TableDeliveries
from shared_code.storage.invitations import TableInvitations
from tests.fakes import FakeDomains, FakeQueue
from tests.kill.leaving import ENGINEER, PARTNER, Place
from tests.kill.memory import memory_accounts
from tests.service.stage import TINY, WEEK

REPORTS = {TINY.name: TINY}
SIGNER = ConsentStateSigner(KeyRing("k1", {"k1": b"k" * 32}))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, memory_accounts())


@dataclass
class Gated:
    """A mailbox and a directory that answer once they are let."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, mail: Mail) -> None:
        self.reached.set()
        await self.open.wait()

    async def was_sent(self, marker: str) -> bool:
        return False

    async def enterprise(self, tenant_id: TenantId) -> Enterprise:
        self.reached.set()
        await self.open.wait()
        return Enterprise(
            tenant_id=tenant_id,
            name="Contoso",
            domain="contoso.example",
            permissions=frozenset(TINY.permissions),
        )


def inviting(place: Place, tenant_id: TenantId) -> Inviting:
    return Inviting(
        tenants=place.tenants,
        invitations=TableInvitations(place.accounts.table("invitations")),
        domains=FakeDomains({"contoso.example": tenant_id}),
        signer=SIGNER,
        audit=place.audit,
        reports=REPORTS,
        clock=place.clock,
        public_url="https://reports.example",
    )


async def invited(place: Place, tenant_id: TenantId) -> Sent:
    offer = Offer(
        tenant="contoso.example", customer="Contoso", subscriptions={TINY.name: Ordered()}
    )
    return await inviting(place, tenant_id).invite(offer, created_by=ENGINEER)


def accepting(place: Place, directory: Gated) -> Accepting:
    return Accepting(
        tenants=place.tenants,
        invitations=TableInvitations(place.accounts.table("invitations")),
        directory=directory,
        signer=SIGNER,
        pages=ConsentPages(
            signer=SIGNER,
            reports=REPORTS,
            client_id="app",
            login_url="https://login.example",
            public_url="https://reports.example",
        ),
        audit=place.audit,
        clock=place.clock,
        partner=PARTNER,
    )


async def begun(place: Place, tenant_id: TenantId) -> None:
    """Everything is deleted the first time."""
    await place.offboarding().begin(tenant_id, by=ENGINEER)
    proof = await place.offboarding().proceed(tenant_id)
    assert proof
    assert proof.phase is Phase.WAITING


async def test_a_digest_that_is_being_mailed_leaves_nothing(place: Place) -> None:
    tenant_id, mailbox = await place.settle_in(), Gated()
    deliveries = TableDeliveries(place.accounts.table("deliveries"))
    deliverer = Deliverer(
        tenants=place.tenants,
        ledger=place.ledger,
        deliveries=deliveries,
        mailer=mailbox,
        clock=place.clock,
        reports=REPORTS,
        brand="Pro-Active Services",
        public_url="https://reports.example",
    )
    order = DeliveryRequest.of(tenant_id, place.clock() + timedelta(hours=2))
    place.clock.advance(timedelta(hours=9))
    mailing = asyncio.create_task(deliverer.deliver(order))
    await mailbox.reached.wait()
    await begun(place, tenant_id)
    mailbox.open.set()

    with pytest.raises(DeliveryWaits):
        await mailing
    assert await deliverer.deliver(order) is None
    await place.ends(tenant_id)

    assert await place.left_of(tenant_id) == []


async def test_an_invitation_that_is_being_accepted_is_not_and_leaves_nothing(
    place: Place,
) -> None:
    tenant_id, directory = await place.settle_in(), Gated()
    state = (await invited(place, tenant_id)).address.rpartition("/")[2]
    callback = Callback(state=state, tenant=tenant_id, admin_consent="True")
    answering = asyncio.create_task(accepting(place, directory).answer(callback))
    await directory.reached.wait()
    await begun(place, tenant_id)
    directory.open.set()

    with pytest.raises(LinkError):
        await answering
    with pytest.raises(LinkError):
        await accepting(place, directory).answer(callback)
    tenant = await place.tenants.get(tenant_id)
    assert tenant
    assert tenant.state is TenantState.OFFBOARDING
    await place.ends(tenant_id)
    with pytest.raises(LinkError):
        await accepting(place, directory).answer(callback)

    assert await place.left_of(tenant_id) == []


async def test_a_tick_of_the_planner_brings_nothing_back(place: Place) -> None:
    tenant_id = await place.settle_in()
    planner = Planner(place.tenants, place.ledger, FakeQueue(), place.clock)
    place.clock.advance(WEEK)
    await begun(place, tenant_id)
    assert await planner.plan(TINY) == 0
    await place.ends(tenant_id)
    place.clock.advance(WEEK)
    assert await planner.plan(TINY) == 0

    assert await place.left_of(tenant_id) == []


@dataclass
class Stalling:
    """Holdings of a worker that stands still before it deletes something, until others are done."""

    behind: Holdings
    meanwhile: Callable[[], Awaitable[None]]

    @property
    def kinds(self) -> Sequence[str]:
        return self.behind.kinds

    async def found(self, kind: str, tenant_id: TenantId) -> Found:
        return await self.behind.found(kind, tenant_id)

    async def purge(self, kind: str, tenant_id: TenantId, *, until: datetime) -> None:
        if kind == "table invitations":
            await self.meanwhile()
        await self.behind.purge(kind, tenant_id, until=until)


async def test_a_worker_that_stood_still_deletes_nothing_of_a_tenant_invited_since(
    place: Place,
) -> None:
    tenant_id = await place.settle_in()
    await invited(place, tenant_id)
    await begun(place, tenant_id)
    await place.accounts.container("reports").write(f"{tenant_id}/late", b"")
    late = {"PartitionKey": tenant_id, "RowKey": "late"}
    for name in ("invitations", "audit"):
        await place.accounts.table(name).put(late)
    new: list[str] = []

    async def meanwhile() -> None:
        await place.ends(tenant_id)
        await invited(place, tenant_id)
        new.extend(await place.left_of(tenant_id))

    worker = place.offboarding()
    holdings = Stalling(behind=worker.holdings, meanwhile=meanwhile)
    place.clock.advance(WEEK)
    await dataclasses.replace(worker, holdings=holdings).proceed(tenant_id)

    assert new
    assert await place.left_of(tenant_id) == new
    proof = await place.proofs.newest(tenant_id)
    assert proof
    assert (proof.phase, proof.number) == (Phase.CLOSED, 1)


@pytest.mark.parametrize("phase", [Phase.CLOSING, Phase.CLOSED])
async def test_a_tenant_that_is_invited_again_keeps_all_it_gets_whatever_comes_late(
    place: Place, phase: Phase
) -> None:
    """`phase`: as whoever died between the last row and the proof left it."""
    tenant_id = await place.settle_in()
    await begun(place, tenant_id)
    await place.ends(tenant_id)
    await place.proofs.change(tenant_id, lambda proof: replace(proof, phase=phase))
    await invited(place, tenant_id)
    new = await place.left_of(tenant_id)
    assert {name.partition(":")[0] for name in new} == {
        "table tenants",
        "table invitations",
        "table audit",
    }

    proof = await place.offboarding().proceed(tenant_id)

    assert proof
    assert (proof.phase, proof.number) == (Phase.CLOSED, 1)
    assert await place.left_of(tenant_id) == new
    again = await place.offboarding().begin(tenant_id, by=ENGINEER)
    assert again
    assert again.number == 2
    await place.ends(tenant_id)
    assert await place.left_of(tenant_id) == []
