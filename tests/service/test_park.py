"""Parking: what failed too often is on record, and what nobody can read is kept."""

import pytest

from shared_code.core.delivery import DeliveryRequest
from shared_code.core.errors import LeaseLost, RunHeld
from shared_code.core.ports import Claim
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunState
from shared_code.core.tenant import TenantState
from shared_code.service.park import Parking
from tests.fakes import FakeClock, FakeDeadLetters, FakeLedger, FakeTenants
from tests.service.stage import CONTOSO, LEASE, MONDAY, Stage, request, tenant

BODY = encode_message(request()).encode()


class Yard:
    def __init__(self) -> None:
        self.clock = FakeClock(MONDAY)
        self.ledger = FakeLedger(self.clock)
        self.tenants = FakeTenants.of(tenant())
        self.letters = FakeDeadLetters()

    @property
    def parking(self) -> Parking:
        return Parking(self.tenants, self.ledger, self.letters, self.clock)

    async def park(self, body: bytes = BODY) -> None:
        await self.parking.park("message-1", body)


@pytest.fixture
def yard() -> Yard:
    return Yard()


async def test_the_run_is_failed_with_a_sentence_for_the_portal(yard: Yard) -> None:
    await yard.park()

    run = yard.ledger.kept[request().run_id]
    assert (run.state, run.reason, run.updated) == (RunState.FAILED, "Poison", MONDAY)
    assert all(run.headline[language] for language in ("de", "en"))
    assert yard.letters.kept == {}
    assert yard.ledger.leases == {}


async def test_parking_twice_changes_nothing(yard: Yard) -> None:
    await yard.park()
    before = dict(yard.ledger.kept)
    yard.clock.advance(LEASE)

    await yard.park()

    assert yard.ledger.kept == before


async def test_a_delivered_run_is_never_failed_by_an_old_message(stage: Stage, yard: Yard) -> None:
    yard.ledger = FakeLedger(stage.clock)
    stage.ledger = yard.ledger
    delivered = await stage.produce(request())

    await yard.park()

    assert await stage.kept(request()) == delivered


async def test_a_run_that_is_being_worked_on_is_parked_later(yard: Yard) -> None:
    claim = await yard.ledger.claim(request(), lease=LEASE)

    with pytest.raises(RunHeld):
        await yard.park()
    yard.clock.advance(LEASE)
    await yard.park()

    assert isinstance(claim, Claim)
    run = yard.ledger.kept[request().run_id]
    assert run.state is RunState.FAILED
    with pytest.raises(LeaseLost):
        await yard.ledger.settle(claim, run)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b"null",
        b'{"run_id": 1}',
        BODY[:-1],
        BODY.replace(b"tiny-report", b"other-report"),
        BODY.replace(request().tenant_id.encode(), b"00000000-0000-0000-0000-000000000000"),
        b"[" * 20_000,
        b'{"unknown":' * 10_000,
    ],
)
async def test_what_is_no_message_of_ours_is_kept_as_it_came(yard: Yard, body: bytes) -> None:
    await yard.park(body)

    assert yard.letters.kept == {"message-1": body}
    assert yard.ledger.kept == {}


@pytest.mark.parametrize("state", [TenantState.OFFBOARDING, TenantState.OFFBOARDED, None])
async def test_a_message_of_a_tenant_that_is_gone_leaves_nothing(
    yard: Yard, state: TenantState | None
) -> None:
    yard.tenants.kept = {CONTOSO: tenant(state=state)} if state else {}
    digest = encode_message(DeliveryRequest.of(CONTOSO, MONDAY)).encode()

    await yard.park()
    await yard.parking.keep_delivery("message-2", digest)

    assert (yard.ledger.kept, yard.ledger.leases, yard.letters.kept) == ({}, {}, {})


@pytest.mark.parametrize(
    "body", [b"{}", encode_message(DeliveryRequest.of(CONTOSO, MONDAY)).encode()]
)
async def test_a_digest_that_failed_too_often_is_kept_whether_or_not_it_can_be_read(
    yard: Yard, body: bytes
) -> None:
    await yard.parking.keep_delivery("message-1", body)

    assert yard.letters.kept == {"message-1": body}
