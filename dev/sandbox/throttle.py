"""Graph's documented limit on reading sign-in activity: 10 requests in 60 s, per tenant and over all."""

from collections import deque
from collections.abc import Callable
from math import ceil

SIGN_INS_PER_WINDOW = 10
WINDOW = 60.0


class Window:
    """How many requests the last minute has seen. A refused request counts as well."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque()
        self.peak = 0

    def record(self, now: float) -> float | None:
        """Seconds to wait, or None when the request is within the limit."""
        while self._seen and self._seen[0] <= now - WINDOW:
            self._seen.popleft()
        self._seen.append(now)
        self.peak = max(self.peak, len(self._seen))
        if len(self._seen) <= SIGN_INS_PER_WINDOW:
            return None
        return self._seen[-SIGN_INS_PER_WINDOW] + WINDOW - now


class SignInLimit:
    """Counts always, refuses only when `enforced`."""

    def __init__(self, *, enforced: bool, clock: Callable[[], float]) -> None:
        self._enforced = enforced
        self._clock = clock
        self._everywhere = Window()
        self._tenants: dict[str, Window] = {}

    @property
    def peak(self) -> int:
        """The most requests seen within any 60 s."""
        return self._everywhere.peak

    def retry_after(self, tenant_id: str) -> int | None:
        now = self._clock()
        waits = [
            self._everywhere.record(now),
            self._tenants.setdefault(tenant_id, Window()).record(now),
        ]
        longest = max((wait for wait in waits if wait is not None), default=None)
        return ceil(longest) if longest is not None and self._enforced else None
