"""Keeps Graph's throttle limits by asking before each request, instead of finding them by 429."""

import asyncio
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from shared_code.core.dataset import Limit, Workload
from shared_code.core.errors import Throttled
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.retrying import Sleep


class SharedWindow(Protocol):
    """A sliding window that all workers of the application take their slots from."""

    async def take(self, key: str, *, requests: int, seconds: float) -> float:
        """0.0 and a slot is taken, or the seconds until there may be one."""
        ...


@dataclass(slots=True)
class Window:
    """The requests of the last `seconds`, one instant each."""

    requests: int
    seconds: float
    taken: deque[float] = field(default_factory=deque[float])

    def wait(self, now: float) -> float:
        """Seconds until there is a slot, 0.0 if there is one."""
        while self.taken and self.taken[0] + self.seconds <= now:
            self.taken.popleft()
        full = len(self.taken) >= self.requests
        return self.taken[-self.requests] + self.seconds - now if full else 0.0


class LocalWindow:
    """A SharedWindow for a single worker."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[str, Window] = {}

    async def take(self, key: str, *, requests: int, seconds: float) -> float:
        window = self._windows.setdefault(key, Window(requests, seconds))
        now = self._clock()
        wait = window.wait(now)
        if not wait:
            window.taken.append(now)
        return wait


def _widened(limit: Limit) -> float:
    # Two requests may travel for unequal times and arrive closer together than they were sent.
    return limit.seconds + min(1.0, limit.seconds / 10)


@dataclass(slots=True)
class _Lane:
    """Requests of one class: of one tenant, or of the whole application. Its lock queues fairly."""

    windows: tuple[Window, ...] = ()
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    paused_until: float = 0.0

    def wait(self, now: float) -> float:
        return max(self.paused_until - now, 0.0, *(w.wait(now) for w in self.windows), 0.0)

    def is_idle(self, now: float) -> bool:
        quiet = self.paused_until <= now and not self.lock.locked()
        return quiet and not any(w.wait(now) or w.taken for w in self.windows)


class Limiter:
    """At most `requests` in any `seconds` for each limit of a workload, first come first served.

    Waiting never takes longer than `patience`; who would have to is told when to come back.
    """

    def __init__(
        self,
        *,
        shared: SharedWindow | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        patience: float = 20.0,
    ) -> None:
        self._shared = shared or LocalWindow(clock=clock)
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._tenants = OrderedDict[tuple[TenantId, str], _Lane]()
        self._everywhere = defaultdict[str, _Lane](_Lane)
        self._promised: dict[str, float] = {}

    async def slot(self, tenant_id: TenantId, workload: Workload) -> None:
        """Returns when the request may be sent. Raises Throttled, and no slot is taken."""
        deadline = self._clock() + self._patience
        lane = self._lane(tenant_id, workload)
        async with lane.lock:
            while wait := lane.wait(self._clock()):
                await self._sit_out(wait, deadline, workload)
            for limit in workload.limits:
                if limit.over_all_tenants:
                    await self._take(limit, workload, deadline)
            for window in lane.windows:
                window.taken.append(self._clock())

    def pause(self, tenant_id: TenantId, workload: Workload, seconds: float) -> None:
        """After a 429; whether tenant or application hit its limit is not said, so both wait."""
        until = self._clock() + seconds
        lanes = [self._lane(tenant_id, workload)]
        if any(limit.over_all_tenants for limit in workload.limits):
            lanes.append(self._everywhere[workload.name])
        for lane in lanes:
            lane.paused_until = max(lane.paused_until, until)

    async def _take(self, limit: Limit, workload: Workload, deadline: float) -> None:
        lane = self._everywhere[workload.name]
        key = f"{workload.name}-{limit.requests}-{limit.seconds:g}"
        async with lane.lock:
            while wait := lane.wait(self._clock()) or await self._shared.take(
                key, requests=limit.requests, seconds=_widened(limit)
            ):
                pace = limit.seconds / limit.requests
                await self._sit_out(wait, deadline, workload, pace=pace)

    async def _sit_out(
        self, wait: float, deadline: float, workload: Workload, *, pace: float | None = None
    ) -> None:
        now = self._clock()
        if now + wait > deadline:
            back = now + wait if pace is None else self._promise(workload, now + wait, pace)
            raise Throttled(f"{workload.name}: our own limit", retry_after=back - now)
        await self._sleep(wait)

    def _promise(self, workload: Workload, earliest: float, pace: float) -> float:
        """Spreads those sent away: told the same instant, all but a few would be sent away again."""
        back = max(earliest, self._promised.get(workload.name, 0.0))
        self._promised[workload.name] = back + pace
        return back

    def _lane(self, tenant_id: TenantId, workload: Workload) -> _Lane:
        self._forget_idle()
        key = (tenant_id, workload.name)
        if key not in self._tenants:
            own = [limit for limit in workload.limits if not limit.over_all_tenants]
            self._tenants[key] = _Lane(tuple(Window(li.requests, _widened(li)) for li in own))
        self._tenants.move_to_end(key)
        return self._tenants[key]

    def _forget_idle(self) -> None:
        """Longest unused first; the first that is not idle ends the search."""
        now = self._clock()
        while self._tenants and next(iter(self._tenants.values())).is_idle(now):
            self._tenants.popitem(last=False)
