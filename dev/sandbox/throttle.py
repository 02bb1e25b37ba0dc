"""Graph's documented limits: those on sign-in activity, and those that a resource has of its own."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds; `says_when` is whether a 429 has Retry-After."""

    requests: int
    seconds: float
    says_when: bool = True


SIGN_INS = Rate(10, 60.0)


class Window:
    """How many requests the last seconds have seen. A refused request counts as well."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._seen: deque[float] = deque()
        self.peak = 0

    def record(self, now: float) -> float | None:
        """Seconds to wait, or None when the request is within the limit."""
        while self._seen and self._seen[0] <= now - self._rate.seconds:
            self._seen.popleft()
        self._seen.append(now)
        self.peak = max(self.peak, len(self._seen))
        if len(self._seen) <= self._rate.requests:
            return None
        return self._seen[-self._rate.requests] + self._rate.seconds - now


class Limits:
    """Counts always, refuses only when `enforced`."""

    def __init__(self, *, enforced: bool, clock: Callable[[], float]) -> None:
        self._enforced = enforced
        self._clock = clock
        self._everywhere = Window(SIGN_INS)
        self._windows: dict[tuple[str, str], Window] = {}

    @property
    def sign_in_peak(self) -> int:
        """The most requests seen within any 60 s."""
        return self._everywhere.peak

    def sign_ins(self, tenant_id: str) -> int | None:
        """Seconds to wait; None when the request is within the limits."""
        own = self._record(tenant_id, "sign-ins", SIGN_INS)
        waits = [self._everywhere.record(self._clock()), own]
        return self._longest(waits)

    def of(self, tenant_id: str, name: str, rate: Rate) -> int | None:
        """Seconds to wait; None when the request is within the limit of that name."""
        return self._longest([self._record(tenant_id, name, rate)])

    def _record(self, tenant_id: str, name: str, rate: Rate) -> float | None:
        window = self._windows.setdefault((tenant_id, name), Window(rate))
        return window.record(self._clock())

    def _longest(self, waits: list[float | None]) -> int | None:
        longest = max((wait for wait in waits if wait is not None), default=None)
        return ceil(longest) if longest is not None and self._enforced else None
