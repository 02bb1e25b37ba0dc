"""Hosts killed, doubled and late: one delivered run per due period, none lost, none twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from dev.sandbox import Fault, FaultKind
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunRequest, RunState
from shared_code.core.tenant import TenantId
from tests.kill.ground import Ground, due
from tests.kill.hosts import Hosts, due_since, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

_WEEKS = timedelta(weeks=3)


def slow_down(ground: Ground, seconds: float) -> None:
    ground.sandbox.faults.add(Fault(kind=FaultKind.LATENCY, seconds=seconds))


def asked(ground: Ground, tenant_id: TenantId) -> int:
    """Requests to Graph so far."""
    requests = ground.sandbox.stats.requests
    return sum(count for (tenant, _), count in requests.items() if tenant == tenant_id)


async def test_a_host_killed_again_and_again_delivers_once_in_the_end(hosts: Hosts) -> None:
    ground = hosts.ground
    order = due(await ground.settle_in(ground.customer("killed")))
    slow_down(ground, 0.3)
    await ground.services.queue.send(order)
    for at_least in (1, 3):
        before = asked(ground, order.tenant_id)

        async def is_at_work(goal: int = before + at_least) -> bool:
            return asked(ground, order.tenant_id) >= goal

        host = await hosts.start()
        await until(is_at_work)
        await asyncio.to_thread(host.kill)
        run = await ground.run(order)
        assert run
        assert run.state is RunState.RUNNING

    await hosts.start()
    await hosts.idle()

    await ground.settled(order, RunState.DELIVERED)
    assert await ground.tidied(order) == []
    assert hosts.leaked() == []


async def test_a_host_that_is_replaced_in_the_middle_of_a_run_gives_it_back(hosts: Hosts) -> None:
    """As a deployment does it: told to go, with less time than the run would take."""
    ground = hosts.ground
    order = due(await ground.settle_in(ground.customer("replaced")))
    slow_down(ground, 60)
    await ground.services.queue.send(order)

    async def is_at_work() -> bool:
        return asked(ground, order.tenant_id) > 0

    first = await hosts.start()
    await until(is_at_work)
    assert await asyncio.to_thread(first.stop) == 0
    run = await ground.run(order)
    assert run
    assert run.state is RunState.PLANNED
    assert await ground.leases(order.tenant_id) == []

    ground.sandbox.faults.clear()
    await hosts.start()
    await hosts.idle()

    await ground.settled(order, RunState.DELIVERED)
    assert await ground.tidied(order) == []
    # Nobody closes the connections of a process that ends.
    assert set(hosts.leaked()) <= {"Unclosed"}


async def test_two_hosts_two_timers_and_three_copies_deliver_each_missed_week_once(
    hosts: Hosts,
) -> None:
    ground, now = hosts.ground, datetime.now(UTC)
    since = now - _WEEKS
    tenants = [
        await ground.settle_in(ground.customer(name), since=since) for name in ("one", "two")
    ]
    slow_down(ground, 0.1)
    first, second = await asyncio.gather(hosts.start(), hosts.start())

    await asyncio.gather(*(hosts.fire_timer(host) for host in (first, second, first, second)))

    async def is_planned() -> bool:
        planned = [len(await hosts.runs(tenant_id)) for tenant_id in tenants]
        return planned == [len(due_since(since, now))] * len(tenants)

    await until(is_planned)
    for run in await hosts.runs(tenants[0]):
        copy = encode_message(RunRequest.due(run.tenant_id, run.report, run.period))
        await asyncio.gather(*(hosts.send(copy) for _ in range(3)))
    await hosts.idle()

    for tenant_id in tenants:
        runs = await hosts.runs(tenant_id)
        assert [run.end for run in reversed(runs)] == due_since(since, now)
        for later, earlier in pairwise(runs):
            assert later.start == earlier.end
        for run in runs:
            order = RunRequest.due(tenant_id, run.report, run.period)
            await ground.settled(order, RunState.DELIVERED)
            assert await ground.points(order)
            assert await ground.tidied(order) == []
    assert hosts.leaked() == []


async def test_a_long_throttling_sends_the_message_back_and_the_run_goes_on_where_it_was(
    hosts: Hosts,
) -> None:
    ground = hosts.ground
    whole = due(await ground.settle_in(ground.customer("calm", guests=1100)))
    order = due(await ground.settle_in(ground.customer("throttled", guests=1100)))
    await ground.services.produce(whole)
    ground.sandbox.faults.add(
        Fault(
            kind=FaultKind.THROTTLED_SECONDS,
            tenant=order.tenant_id,
            path="/users",
            after=3,
            times=1,
            seconds=22,
        )
    )
    host = await hosts.start()
    await ground.services.queue.send(order)

    async def is_put_off() -> bool:
        run = await ground.run(order)
        return run is not None and run.state is RunState.PLANNED

    await until(is_put_off)
    put_off = datetime.now(UTC)
    await asyncio.sleep(2)
    assert (await hosts.waiting("runs"), await hosts.visible("runs")) == (1, 0)
    assert await ground.names("spool", f"{order.tenant_id}/{order.run_id}")
    await hosts.idle()

    assert datetime.now(UTC) - put_off > timedelta(seconds=20)
    run = await ground.settled(order, RunState.DELIVERED)
    calm = await ground.settled(whole, RunState.DELIVERED)
    assert await ground.content(run) == await ground.content(calm)
    # The one that was refused is asked again, and no other.
    assert asked(ground, order.tenant_id) == asked(ground, whole.tenant_id) + 1
    assert await ground.tidied(order) == []
    assert await hosts.is_well(host)
    assert hosts.leaked() == []
