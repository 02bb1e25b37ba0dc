"""What killed workers leave on the local disk: the next run makes room."""

import os
import time
from pathlib import Path

from tests.kill.ground import LEASE, Ground, due, open_workers
from tests.kill.worker import Job

_KILLED = 9
_STEP = 9


def _age(folder: Path) -> None:
    """As if it had been made some minutes ago."""
    then = time.time() - 300
    os.utime(folder, (then, then))


async def test_the_disk_of_killed_workers_is_free_again_with_the_next_run(ground: Ground) -> None:
    async with open_workers(ground) as workers:
        for n in range(3):
            order = due(await ground.settle_in(ground.customer(f"killed {n}")))
            ended = await workers.run(Job(request=order, lease=LEASE, step=_STEP))
            assert ended.signal == _KILLED
        left = list(workers.spools.iterdir())
        assert len(left) == 3
        for folder in left:
            _age(folder)

        other = due(await ground.settle_in(ground.customer("other")))
        await workers.run(Job(request=other, lease=LEASE))

        assert list(workers.spools.iterdir()) == []
