"""How long the event loop does not come round: gaps of a task that wants to run every millisecond."""

import asyncio
import time
from typing import Self

_TICK = 0.001


class Ticker:
    """Longest gap in wall time, and in processor time of this thread: preemption is not ours."""

    def __init__(self) -> None:
        self.wall = 0.0
        self.cpu = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._task.cancel()

    async def _tick(self) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(_TICK)
            now, spent = time.perf_counter(), time.thread_time()
            self.wall = max(self.wall, now - wall - _TICK)
            self.cpu = max(self.cpu, spent - cpu)
            wall, cpu = now, spent
