"""A worker that stood still until its lease was over, and goes on when another one has delivered."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from dev.sandbox import Fault, FaultKind
from shared_code.core.run import Run, RunRequest, RunState
from tests.kill.ground import Ground, Workers, due, open_workers
from tests.kill.worker import Ended, Job

_LEASE = 0.6


def _is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def _stopped(pid: int) -> None:
    for _ in range(1000):
        if _is_stopped(pid):
            return
        await asyncio.sleep(0.02)
    pytest.fail("never stood still")


class Zombie:
    """Stands still at that step until it is told to go on."""

    def __init__(self, workers: Workers, order: RunRequest, step: int) -> None:
        job = Job(request=order, lease=_LEASE, step=step, signal=signal.SIGSTOP, endings=("json",))
        self._begun = asyncio.get_running_loop().create_future()
        self._work = asyncio.create_task(workers.run(job, begun=self._begun))

    async def stands_still(self) -> None:
        await _stopped(await self._begun)
        await asyncio.sleep(_LEASE)

    async def goes_on(self) -> Ended:
        os.kill(await self._begun, signal.SIGCONT)
        return await self._work


async def _bodies(ground: Ground, run: Run) -> dict[str, bytes]:
    return {a.path: await ground.body(a.path) for a in run.artifacts}


async def _step(ground: Ground, workers: Workers, name: str, *, last: bool = False) -> int:
    """Its number in a run that nobody disturbs."""
    order = due(await ground.settle_in(ground.customer("measured")))
    ended = await workers.run(Job(request=order, lease=60, endings=("json",)))
    steps = [n for n, step in enumerate(ended.steps, 1) if step == name]
    return steps[-1] if last else steps[0]


@pytest.mark.parametrize(
    ("name", "last", "outcome"),
    [
        ("source.pages", False, "lost"),
        ("reports.upload", True, "lost"),
        ("runs.commit", True, "lost"),
        ("reports.names", True, "delivered"),
    ],
)
async def test_a_worker_that_stood_still_changes_nothing_of_what_another_delivered(
    ground: Ground, *, name: str, last: bool, outcome: str
) -> None:
    async with open_workers(ground) as workers:
        step = await _step(ground, workers, name, last=last)
        order = due(await ground.settle_in(ground.customer("zombie")))
        zombie = Zombie(workers, order, step)
        await zombie.stands_still()
        other = await workers.run(Job(request=order, lease=60, endings=("json",)))
        run = await ground.settled(order, RunState.DELIVERED)
        bodies, points = await _bodies(ground, run), await ground.points(order)

        ended = await zombie.goes_on()

        assert other.outcome == ("delivered" if outcome == "lost" else "settled before")
        assert ended.outcome == outcome
        assert await ground.settled(order, RunState.DELIVERED) == run
        assert await _bodies(ground, run) == bodies
        assert await ground.points(order) == points
        assert await ground.tidied(order) == []
        assert await ground.reads(order, ["report.json"]) == {"report.json"}


async def test_what_a_worker_that_stood_still_saved_goes_when_its_message_comes_back(
    ground: Ground,
) -> None:
    async with open_workers(ground) as workers:
        step = await _step(ground, workers, "source.pages")
        order = due(await ground.settle_in(ground.customer("zombie")))
        zombie = Zombie(workers, order, step)
        await zombie.stands_still()
        await workers.run(Job(request=order, lease=60, endings=("json",)))
        ground.sandbox.faults.add(
            Fault(
                kind=FaultKind.THROTTLED_SECONDS, tenant=order.tenant_id, path="/users", seconds=300
            )
        )

        put_off = await zombie.goes_on()
        back = await workers.run(Job(request=order, lease=60))

        assert (put_off.outcome, back.outcome) == ("Throttled", "settled before")
        await ground.settled(order, RunState.DELIVERED)
        assert await ground.tidied(order) == []


async def test_two_zombies_and_a_worker_deliver_once(ground: Ground) -> None:
    async with open_workers(ground, 3) as workers:
        step = await _step(ground, workers, "runs.commit", last=True)
        order = due(await ground.settle_in(ground.customer("zombie")))
        first = Zombie(workers, order, step)
        await first.stands_still()
        second = Zombie(workers, order, step)
        await second.stands_still()

        outcomes = await asyncio.gather(
            first.goes_on(),
            second.goes_on(),
            workers.run(Job(request=order, lease=60, endings=("json",))),
        )

        assert sorted(e.outcome for e in outcomes).count("delivered") == 1
        await ground.settled(order, RunState.DELIVERED)
        assert await ground.tidied(order) == []
