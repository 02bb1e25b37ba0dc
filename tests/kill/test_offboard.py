"""Offboarding: interrupted at each step, while a run is produced, while a link is opened."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from dev.azurite import Azurite
from shared_code.core.errors import LeaseLost, LinkInvalid
from shared_code.core.proof import Phase
from shared_code.core.queue_message import encode_message
from shared_code.core.run import Run
from shared_code.core.tenant import TenantId
from shared_code.storage.accounts import CONTAINERS, QUEUES, TABLES, Accounts, Holds
from tests.kill.breaks import READS, Breaks, Stopped
from tests.kill.leaving import ENGINEER, Place, everything, names_one, stored
from tests.kill.memory import copied, memory_accounts
from tests.kill.steps import Side
from tests.service.stage import TINY, WEEK, request
from tests.service.test_produce_races import Gate


@pytest.fixture
async def place(storage: Azurite, tmp_path: Path) -> AsyncIterator[Place]:
    async with Accounts.of_connection_string(storage.connection_string) as accounts:
        await accounts.ensure()
        yield Place(tmp_path / "spools", accounts)
        # What other tests find in the queues is theirs.
        for queue in accounts.raw_queues().values():
            await queue.clear_messages()


async def test_nothing_is_left_but_the_proof_and_others_lose_nothing(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="shared_code")
    await place.settle_in()
    ours = await place.settle_in()
    theirs = but_of(ours, await everything(place.accounts))

    await place.offboarding().begin(ours, by=ENGINEER)
    proof = await place.ends(ours)

    assert stored(await everything(place.accounts)) == theirs
    counts = {kind: found.count for kind, found in proof.deleted.items()}
    assert counts.pop("table runs") >= 5  # runs and points
    assert counts.pop("container reports") >= 3
    assert counts == counts | {
        "tenant": 1,
        "table tenants": 2,
        "table links": 2,
        "table opens": 1,
        "table audit": 3,
        "table deliveries": 2,
        "table invitations": 1,
        "container spool": 1,
        "container dead-letters": 1,
    }
    assert all(found.count == 0 for found in proof.late.values())
    said = str(proof) + caplog.text
    assert "anna" not in said.lower()
    assert "contoso" not in said.lower()


async def offboard(place: Place, tenant_id: TenantId, breaks: Breaks) -> None:
    await place.offboarding(breaks).begin(tenant_id, by=ENGINEER)
    await place.offboarding(breaks).proceed(tenant_id)
    place.clock.advance(WEEK)
    await place.offboarding(breaks).proceed(tenant_id)


async def test_in_memory_the_same_is_asked_and_the_same_is_left(
    place: Place, tmp_path: Path
) -> None:
    """What is tried in memory alone holds on real storage."""
    for letter in await place.letters.all():
        await place.letters.drop(letter.id)  # of other tests: each of them is read
    found: list[object] = []
    for each in (place, Place(tmp_path / "memory", memory_accounts())):
        breaks, tenant_id = Breaks(), await each.settle_in()
        before = len(await each.left_of(tenant_id))
        await offboard(each, tenant_id, breaks)
        found.append((breaks.seen, before, await each.left_of(tenant_id)))

    assert found[0] == found[1]


@pytest.mark.parametrize("again", [0, 2, 9, 31])
@pytest.mark.parametrize("side", Side)
async def test_interrupted_at_any_step_it_ends_complete(
    tmp_path: Path, side: Side, again: int
) -> None:
    """`again`: at which step whoever goes on is interrupted too."""
    settled = Place(tmp_path / "settled", memory_accounts())
    await settled.settle_in()
    ours = await settled.settle_in()
    theirs = but_of(ours, await everything(settled.accounts))
    undisturbed, first = Breaks(), Place(tmp_path / "first", copied(settled.accounts))
    await offboard(first, ours, undisturbed)
    expected = await first.proofs.newest(ours)
    assert expected
    assert len(undisturbed.seen) > 80

    wrong: dict[str, object] = {}
    for step, name in enumerate(undisturbed.seen, 1):
        if side is Side.AFTER and name.endswith(READS):
            continue  # as if the next step had been the first to fail
        place = Place(tmp_path / "next", copied(settled.accounts))
        with pytest.raises(Stopped):
            await offboard(place, ours, Breaks(step, side))
        if await place.offboarding().unfinished() == []:
            # Whoever asked saw an error, and asks again.
            await place.offboarding().begin(ours, by=ENGINEER)
        proof = await place.ends(ours, Breaks(again, side))
        other = {kind for kind, found in proof.deleted.items() if found != expected.deleted[kind]}
        # Asked again, the audit may have one entry more.
        if other - {"table audit"} or stored(await everything(place.accounts)) != theirs:
            wrong[f"{step} {name}"] = other

    assert wrong == {}


def but_of(tenant_id: TenantId, found: Mapping[str, str]) -> dict[str, str]:
    return stored({n: body for n, body in found.items() if not names_one(n + body, [tenant_id])})


async def test_everything_there_is_holds_something_of_the_tenant(tmp_path: Path) -> None:
    place = Place(tmp_path, memory_accounts())
    tenant_id = await place.settle_in()
    found = await everything(place.accounts)

    places = {n.partition(":")[0] for n, body in found.items() if names_one(n + body, [tenant_id])}
    assert places == {
        *(f"table {name}" for name, holds in TABLES.items() if holds is not Holds.PARTNER),
        *(f"container {name}" for name, holds in CONTAINERS.items() if holds is not Holds.PARTNER),
        *(f"queue {name}" for name in QUEUES),
    }


async def test_a_run_that_is_under_way_is_not_delivered_and_leaves_nothing(place: Place) -> None:
    tenant_id = await place.settle_in()
    order = request(weeks=2, tenant_id=tenant_id)
    gate = Gate(place.source)
    slow = asyncio.create_task(place.producer(gate).produce(order, TINY))
    await gate.reached.wait()

    await place.offboarding().begin(tenant_id, by=ENGINEER)
    waiting = await place.offboarding().proceed(tenant_id)
    gate.open.set()
    with pytest.raises(LeaseLost):
        await slow
    assert waiting
    assert waiting.phase is Phase.WAITING
    assert await place.ledger.runs(tenant_id) == []
    filed = [
        name for name in await place.left_of(tenant_id) if name.startswith("container reports: ")
    ]
    assert filed, "the worker filed what it had made, as it could not know"
    proof = await place.ends(tenant_id)

    assert proof.late["container reports"].count == len(filed)
    assert await place.left_of(tenant_id) == []


async def test_what_was_planned_when_it_began_is_deleted_too(place: Place) -> None:
    tenant_id = await place.settle_in()
    await place.offboarding().begin(tenant_id, by=ENGINEER)
    await place.offboarding().proceed(tenant_id)
    await place.ledger.plan(Run.planned(request(weeks=3, tenant_id=tenant_id), place.clock()))

    proof = await place.ends(tenant_id)

    assert proof.late["table runs"].count == 1
    assert await place.left_of(tenant_id) == []


async def test_a_link_is_dead_from_the_first_moment_and_says_so_as_every_dead_link(
    place: Place,
) -> None:
    tenant_id = await place.settle_in()
    [run, *_] = [r for r in await place.ledger.runs(tenant_id) if r.state.is_delivered]
    token = await place.opened(run)
    stopped = Breaks(at=5, side=Side.AFTER)
    begun = place.offboarding(stopped)

    with pytest.raises(Stopped):
        await begun.begin(tenant_id, by=ENGINEER)
    with pytest.raises(LinkInvalid):
        await place.reader.open(token, "report.de.json", "GET")
    await place.offboarding().begin(tenant_id, by=ENGINEER)
    opening, _ = await asyncio.gather(
        place.reader.open(token, "report.de.json", "GET"),
        place.ends(tenant_id),
        return_exceptions=True,
    )

    assert isinstance(opening, LinkInvalid)
    assert await place.left_of(tenant_id) == []


async def test_messages_that_come_afterwards_are_dropped_and_leave_nothing(place: Place) -> None:
    tenant_id = await place.settle_in()
    order = request(tenant_id=tenant_id)
    await place.offboarding().begin(tenant_id, by=ENGINEER)
    for _ in range(2):
        assert await place.produce(order) is None
        await place.parking.park("message", encode_message(order).encode())
        await place.ends(tenant_id)

    assert await place.produce(order) is None
    assert await place.left_of(tenant_id) == []


async def test_two_workers_at_once_delete_it_once_and_count_it_once(place: Place) -> None:
    tenant_id = await place.settle_in()
    await asyncio.gather(
        *(place.offboarding().begin(tenant_id, by=ENGINEER) for _ in range(3)),
    )
    await asyncio.gather(*(place.offboarding().proceed(tenant_id) for _ in range(3)))
    place.clock.advance(WEEK)
    await asyncio.gather(*(place.offboarding().proceed(tenant_id) for _ in range(3)))

    proof = await place.proofs.newest(tenant_id)
    assert proof
    assert (proof.phase, proof.number) == (Phase.CLOSED, 1)
    assert proof.deleted["container spool"].count == 1
    assert await place.left_of(tenant_id) == []
