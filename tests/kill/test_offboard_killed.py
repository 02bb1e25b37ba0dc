"""Offboarding by processes that are killed at storage calls, and by the host that takes the rest."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from dev.host.running import RunningHost
from shared_code.core.tenant import TenantId, TenantState
from shared_code.storage.accounts import Accounts
from tests.kill.ground import ROOT, Ground, Workers, open_workers
from tests.kill.hosts import until
from tests.kill.leaver import Leave
from tests.kill.leaving import Place, everything, names_one, stored
from tests.kill.steps import Side

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_KILLED = 9
_KILLS = 12
_COMES_BACK = 1.1  # a message that was taken by whoever died


@pytest.fixture
async def workers(ground: Ground) -> AsyncIterator[Workers]:
    async with open_workers(ground, 1, module="tests.kill.leaver") as workers:
        yield workers


@pytest.fixture
async def place(ground: Ground) -> AsyncIterator[Place]:
    await clear(ground.accounts)
    yield Place(ground.folder / "place", ground.accounts)
    await clear(ground.accounts)


async def clear(accounts: Accounts) -> None:
    for queue in accounts.raw_queues().values():
        await queue.clear_messages()


def spread(steps: Sequence[str]) -> list[tuple[int, Side]]:
    """Over all of it, the last ones too; test_offboard.py stops at each."""
    numbers = [1 + n * (len(steps) - 1) // (_KILLS - 1) for n in range(_KILLS)]
    return [(number, tuple(Side)[n % 2]) for n, number in enumerate(numbers)]


async def killed(place: Place, workers: Workers, leave: Leave) -> None:
    """And started again, as the message comes again, until there is a proof."""
    ended = await workers.run(leave)
    assert ended.signal == _KILLED, ended
    tenant = await place.tenants.get(leave.tenant_id)
    is_begun = tenant is None or tenant.state is TenantState.OFFBOARDING
    for days in range(1, 6):
        await asyncio.sleep(_COMES_BACK)
        again = Leave(tenant_id=leave.tenant_id, is_ordered=not is_begun, days=days)
        ended = await workers.run(again)
        assert ended.outcome == "idle", ended
        proof = await place.proofs.newest(leave.tenant_id)
        if proof and proof.is_closed:
            return
    pytest.fail("not closed")


async def test_killed_at_any_step_nothing_is_left_but_the_proof(
    ground: Ground, place: Place, workers: Workers
) -> None:
    measured = await place.settle_in()
    await clear(place.accounts)
    steps = (await workers.run(Leave(tenant_id=measured, is_ordered=True))).steps
    kills = spread(steps)
    await place.settle_in()
    leaving = [await place.settle_in() for _ in kills]
    found = await everything(place.accounts)
    theirs = stored({n: b for n, b in found.items() if not names_one(n + b, leaving)})
    await clear(place.accounts)

    for tenant_id, (step, side) in zip(leaving, kills, strict=True):
        order = Leave(tenant_id=tenant_id, is_ordered=True, step=step, side=side)
        await killed(place, workers, order)

    assert stored(await everything(place.accounts)) == theirs
    await dropped_by_the_host(ground, place, leaving[-2:])
    left = await everything(place.accounts)
    proofs = {n for n, body in left.items() if names_one(n + body, leaving)}
    assert all(name.startswith("table proofs: ") for name in proofs)
    assert len(proofs) == len(leaving)


async def dropped_by_the_host(ground: Ground, place: Place, gone: Sequence[TenantId]) -> None:
    """Messages of all kinds that come afterwards, also from the queues for poison."""
    for tenant in await place.tenants.all():
        # Whoever is served gets messages from the host's timers, and some of them wait for an hour.
        await place.tenants.set_state(tenant.id, TenantState.SUSPENDED)
    for tenant_id in gone:
        await place.send_messages(tenant_id)
    work = ground.folder / "host"
    work.mkdir()
    host = RunningHost(ROOT, ground.settings, work=work, visibility_seconds=3)
    await asyncio.to_thread(host.start)
    try:

        async def is_idle() -> bool:
            queues = place.accounts.raw_queues().values()
            counts = [(await q.get_queue_properties()).approximate_message_count for q in queues]
            return not any(counts)

        await until(is_idle)
    finally:
        await asyncio.to_thread(host.stop)
