"""Tries again what may pass, as long as waiting is worth it; afterwards it is an error."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from shared_code.core.errors import ReportingError, UpstreamError
from shared_code.core.ports import Clock

type Sleep = Callable[[float], Awaitable[None]]

_MOST_ATTEMPTS = 6


class MayPass(Exception):
    """`lasting` makes the error to raise in the end, from the seconds to wait; `wait` if they are known."""

    def __init__(
        self, lasting: Callable[[float], ReportingError], *, wait: float | None = None
    ) -> None:
        super().__init__()
        self.lasting = lasting
        self.wait = wait


def may_pass(error: UpstreamError) -> MayPass:
    return MayPass(
        lambda seconds: type(error)(str(error), retry_after=seconds), wait=error.retry_after
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """No single wait beyond `patience`, no request beyond `budget`: sleeping costs, a postponed run does not."""

    clock: Clock
    sleep: Sleep
    random: Callable[[], float]
    patience: float = 20.0
    budget: float = 60.0

    async def until_it_passes[T](self, once: Callable[[int], Awaitable[T]]) -> T:
        """`once` gets the number of the attempt and raises MayPass or a lasting error."""
        begin = self.clock()
        for attempt in count(1):
            try:
                return await once(attempt)
            except MayPass as fault:
                wait = self.backoff(attempt) if fault.wait is None else fault.wait
                spent = (self.clock() - begin).total_seconds()
                if not self._is_worth(wait, spent, attempt):
                    raise fault.lasting(max(wait, 2.0**attempt)) from fault
            await self.sleep(wait)
        raise AssertionError  # pragma: no cover - count() does not end

    def backoff(self, attempt: int) -> float:
        """Full jitter: tenants that failed together do not come back together."""
        return self.random() * min(self.patience, 2.0 ** (attempt - 1))

    def _is_worth(self, wait: float, spent: float, attempt: int) -> bool:
        return attempt < _MOST_ATTEMPTS and wait <= self.patience and spent + wait <= self.budget
