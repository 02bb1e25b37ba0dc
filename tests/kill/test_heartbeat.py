"""A heartbeat as fast as storage answers: it keeps the run, and never keeps it from its delivery."""

from shared_code.core.run import RunState
from tests.kill.ground import Ground, due, open_workers
from tests.kill.worker import Job

_LEASE = 0.03
_RUNS = 8


async def test_a_worker_whose_lease_nobody_took_delivers(ground: Ground) -> None:
    async with open_workers(ground) as workers:
        for n in range(_RUNS):
            order = due(await ground.settle_in(ground.customer(f"quick {n}")))

            ended = await workers.run(Job(request=order, lease=_LEASE, endings=("json",)))

            assert ended.outcome == "delivered"
            await ground.settled(order, RunState.DELIVERED)
            assert await ground.tidied(order) == []
