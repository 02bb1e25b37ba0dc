"""Killed at each step of a run, before it and after it: what is delivered in the end is the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from dev.sandbox import Fault, FaultKind
from shared_code.core.run import RunRequest, RunState
from tests.kill.ground import LEASE, Ground, Workers, due, open_workers
from tests.kill.steps import Side
from tests.kill.worker import Ended, Job

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

NAMES, ENDINGS = ("report.json",), ("json",)
_KILLED = 9
_LATE = "/roleManagement/directory/roleDefinitions"


@dataclass
class Sweep:
    """One situation, prepared for a tenant per kill; `state` is what the run ends in."""

    ground: Ground
    workers: Workers
    name: str
    prepare: Callable[[RunRequest], Awaitable[None]]
    state: RunState = RunState.DELIVERED
    expected: Any = None

    async def everywhere(self, where: Callable[[Sequence[str], int], bool]) -> dict[str, list[str]]:
        """What was wrong afterwards, by step; `where` says which steps of the run to kill it at."""
        names = await self._undisturbed()
        steps = [n for n in range(1, len(names) + 1) if where(names, n)]
        places = [(step, side) for step in steps for side in Side]
        assert places
        orders = await asyncio.gather(*(self._killed(step, side) for step, side in places))
        found = await asyncio.gather(*(self._judged(order) for order in orders))
        return {
            f"{side} {step} {names[step - 1]}": wrong
            for (step, side), wrong in zip(places, found, strict=True)
            if wrong
        }

    async def _undisturbed(self) -> Sequence[str]:
        order = await self._order("undisturbed")
        ended = await self._run(order)
        await self._finished(order)
        self.expected = await self._seen(order)
        return ended.steps

    async def _order(self, name: str) -> RunRequest:
        order = due(
            await self.ground.settle_in(self.ground.customer(f"{self.name} {name}")), weeks=1
        )
        await self.prepare(order)
        return order

    async def _run(self, order: RunRequest, *, step: int = 0, side: Side = Side.BEFORE) -> Ended:
        job = Job(request=order, lease=LEASE, step=step, side=side, endings=ENDINGS)
        return await self.workers.run(job)

    async def _killed(self, step: int, side: Side) -> RunRequest:
        order = await self._order(f"{side} {step}")
        ended = await self._run(order, step=step, side=side)
        assert ended.signal == _KILLED, ended
        run = await self.ground.run(order)
        is_delivered = run is not None and run.state.is_delivered
        assert await self.ground.reads(order, NAMES) == (set(NAMES) if is_delivered else set())
        return order

    async def _finished(self, order: RunRequest) -> None:
        """As the queue does it: again, until nobody holds the run and Microsoft answers."""
        for _ in range(10):
            ended = await self._run(order)
            if ended.outcome in (self.state, "settled before"):
                return
            assert ended.outcome in ("RunHeld", "Throttled"), ended
            if ended.outcome == "RunHeld":
                await asyncio.sleep(LEASE / 3)
        pytest.fail("not settled after ten attempts")

    async def _judged(self, order: RunRequest) -> list[str]:
        await self._finished(order)
        wrong = await self.ground.tidied(order)
        return wrong if await self._seen(order) == self.expected else [*wrong, "another content"]

    async def _seen(self, order: RunRequest) -> Any:
        """All that a customer and the next run can see of it."""
        run = await self.ground.settled(order, self.state)
        content = await self.ground.content(run) if run.state.is_delivered else None
        readable = await self.ground.reads(order, NAMES)
        tenant_state = await self.ground.state_of(order.tenant_id)
        return content, await self.ground.points(order), readable, run.headline, tenant_state


@pytest.fixture
async def workers(ground: Ground) -> AsyncIterator[Workers]:
    async with open_workers(ground) as workers:
        yield workers


def anywhere(names: Sequence[str], step: int) -> bool:
    return True


def around(*kinds: str) -> Callable[[Sequence[str], int], bool]:
    return lambda names, step: names[step - 1].startswith(kinds)


def from_commit(names: Sequence[str], step: int) -> bool:
    """The last transaction is the delivery; the first takes the lease."""
    commits = [n for n, name in enumerate(names, 1) if name == "runs.commit"]
    return step >= commits[-1]


async def test_killed_at_any_step_the_run_is_delivered_once_and_whole(
    ground: Ground, workers: Workers
) -> None:
    first = due(await ground.settle_in(ground.customer("the first")))
    await workers.run(Job(request=first, lease=LEASE))
    before = await ground.settled(first, RunState.DELIVERED)

    async def has_a_past(order: RunRequest) -> None:
        await ground.copy(before, order.tenant_id)

    sweep = Sweep(ground, workers, "plain", has_a_past)

    assert await sweep.everywhere(anywhere) == {}


def throttle(ground: Ground, order: RunRequest) -> None:
    """Once, before the last dataset, for longer than anybody sleeps."""
    ground.sandbox.faults.add(
        Fault(
            kind=FaultKind.THROTTLED_SECONDS,
            tenant=order.tenant_id,
            path=_LATE,
            times=1,
            seconds=300,
        )
    )


async def test_killed_while_a_run_is_put_off_nothing_is_lost_and_nothing_doubled(
    ground: Ground, workers: Workers
) -> None:
    async def will_be_throttled(order: RunRequest) -> None:
        throttle(ground, order)

    sweep = Sweep(ground, workers, "put off", will_be_throttled)

    assert await sweep.everywhere(around("spool.", "queue.", "runs.commit")) == {}


async def test_killed_while_a_run_goes_on_nothing_is_lost_and_nothing_doubled(
    ground: Ground, workers: Workers
) -> None:
    async def was_throttled(order: RunRequest) -> None:
        throttle(ground, order)
        ended = await workers.run(Job(request=order, lease=LEASE))
        assert ended.outcome == "Throttled"

    sweep = Sweep(ground, workers, "goes on", was_throttled)

    assert await sweep.everywhere(around("spool.read", "spool.names", "runs.commit")) == {}


async def test_killed_once_more_after_the_delivery_nothing_of_either_attempt_is_left(
    ground: Ground, workers: Workers
) -> None:
    steps = await steps_of_a_run(ground, workers)

    async def was_killed(order: RunRequest) -> None:
        await kill_before_the_delivery(workers, order, steps)

    sweep = Sweep(ground, workers, "twice", was_killed)

    assert await sweep.everywhere(from_commit) == {}


async def test_killed_while_a_run_is_refused_it_is_refused_once_and_leaves_nothing(
    ground: Ground, workers: Workers
) -> None:
    steps = await steps_of_a_run(ground, workers)

    async def was_killed_and_withdrawn(order: RunRequest) -> None:
        await kill_before_the_delivery(workers, order, steps)
        ground.sandbox.change(order.tenant_id, login_fault=FaultKind.CONSENT_WITHDRAWN)

    sweep = Sweep(ground, workers, "refused", was_killed_and_withdrawn, state=RunState.BLOCKED)

    assert await sweep.everywhere(around("runs.commit", "tenants.", "reports.")) == {}


async def steps_of_a_run(ground: Ground, workers: Workers) -> Sequence[str]:
    order = due(await ground.settle_in(ground.customer("measured")), weeks=1)
    return (await workers.run(Job(request=order, lease=LEASE, endings=ENDINGS))).steps


async def kill_before_the_delivery(
    workers: Workers, order: RunRequest, steps: Sequence[str]
) -> None:
    """All files are filed, nobody names them, and the lease is over."""
    delivery = max(n for n, name in enumerate(steps, 1) if name == "runs.commit")
    ended = await workers.run(Job(request=order, lease=0.05, step=delivery, endings=ENDINGS))
    assert ended.signal == _KILLED
    await asyncio.sleep(0.1)
