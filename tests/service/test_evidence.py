"""Evidence: what was due, when it was delivered and opened, and to how many it was mailed."""

from datetime import timedelta

from msgspec.structs import replace

from shared_code.core.link import Opening, Outcome
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import TenantId, TenantState
from shared_code.service.evidence import Evidence
from tests.fakes import FakeLinks
from tests.service.digests import EIGHT, Post, run
from tests.service.stage import MONDAY, TINY


def evidence(post: Post, links: FakeLinks | None = None) -> Evidence:
    return Evidence(
        tenants=post.tenants,
        ledger=post.ledger,
        links=links or FakeLinks(),
        deliveries=post.deliveries,
        reports={TINY.name: TINY},
        clock=post.clock,
    )


def opening(of: Run, hours: int, *, method: str = "GET", outcome: str = "opened") -> Opening:
    return Opening(
        jti="j",
        tenant_id=of.tenant_id,
        run_id=of.id,
        at=MONDAY + timedelta(hours=hours),
        method=method,
        file="report.de.html",
        outcome=Outcome(outcome),
    )


async def test_a_run_is_proved_from_due_to_opened() -> None:
    post = Post()
    await post.deliver()
    links = FakeLinks()
    of = run()
    links.opened = [
        opening(of, 5),
        opening(of, 3),
        opening(of, 1, method="HEAD"),
        opening(of, 9, outcome="expired"),
    ]

    proofs = await evidence(post, links).of(post.tenant.id)

    assert proofs
    [proof] = proofs
    assert not proof.is_late
    assert (proof.openings, proof.mailed, proof.recipients) == (2, EIGHT, 2)
    assert proof.first_opened == MONDAY + timedelta(hours=3)
    assert proof.last_opened == MONDAY + timedelta(hours=5)


async def test_what_was_mailed_again_stands_beside_what_was_mailed() -> None:
    post = Post()
    await post.deliver()
    post.clock.advance(timedelta(hours=2))
    await post.planner.again(run(), by="engineer")
    await post.deliverer.deliver(post.queue.sent[-1])

    proofs = await evidence(post).of(post.tenant.id)

    assert proofs
    [proof] = proofs
    assert (proof.mailed, proof.recipients) == (EIGHT, 2)
    assert proof.mailed_again == (EIGHT + timedelta(hours=2),) * 2


async def test_late_is_what_came_after_the_target_or_has_not_come_by_then() -> None:
    post = Post()
    post.keep(
        replace(run(), delivered=MONDAY + timedelta(hours=7)),
        run(weeks=-1, state=RunState.FAILED),
    )
    post.clock.now = EIGHT

    assert len(await evidence(post).of_all(only_late=True)) == 2
    strict = evidence(post).within(timedelta(days=60))
    assert await strict.of_all(only_late=True) == []


async def test_what_is_still_under_way_within_the_target_is_not_late() -> None:
    post = Post()
    post.keep(run(state=RunState.RUNNING))

    assert await evidence(post).of_all(only_late=True) == []


async def test_who_is_no_longer_served_has_no_evidence_to_show() -> None:
    post = Post()
    await post.tenants.set_state(post.tenant.id, TenantState.OFFBOARDED)

    assert await evidence(post).of(post.tenant.id) is None
    assert await evidence(post).of(TenantId("nobody")) is None
    assert await evidence(post).of_all() == []
