"""Counts what a run takes, wherever it is done: in the Graph client, in threads, while filing."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from shared_code.core.cost import estimate
from shared_code.core.effort import Effort, Phase


@dataclass(frozen=True, slots=True)
class Step:
    """`of`: the dataset or the file, "" for the report as a whole."""

    phase: Phase
    of: str
    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return _seconds(self.begin, self.end)


@dataclass(slots=True)
class Meter:
    """One attempt of one run; `operations` by kind (core/cost.py)."""

    clock: Callable[[], datetime]
    gigabytes: float
    begin: datetime = field(init=False)
    rows: int = 0
    pages: int = 0
    requests: int = 0
    retries: int = 0
    throttled: int = 0
    received: int = 0
    operations: Counter[str] = field(default_factory=Counter[str])
    steps: list[Step] = field(default_factory=list[Step])

    def __post_init__(self) -> None:
        self.begin = self.clock()

    def effort(self) -> Effort:
        """Until now."""
        seconds = _seconds(self.begin, self.clock())
        return Effort(
            rows=self.rows,
            pages=self.pages,
            requests=self.requests,
            retries=self.retries,
            throttled=self.throttled,
            received=self.received,
            operations=self.operations.total(),
            seconds=seconds,
            collect=self._seconds_of(Phase.COLLECT),
            build=self._seconds_of(Phase.BUILD),
            render=self._seconds_of(Phase.RENDER),
            file=self._seconds_of(Phase.FILE),
            cost=estimate(seconds, gigabytes=self.gigabytes, operations=self.operations),
        )

    def _seconds_of(self, phase: Phase) -> float:
        return sum(step.seconds for step in self.steps if step.phase is phase)


def _seconds(begin: datetime, end: datetime) -> float:
    """0 where the clock was set back meanwhile."""
    return max((end - begin).total_seconds(), 0.0)


# Followed by tasks and by threads of asyncio.to_thread: each run has its own.
_current: ContextVar[Meter | None] = ContextVar("meter", default=None)


def meter() -> Meter | None:
    """Of the run that this is done for; None outside of runs."""
    return _current.get()


@contextmanager
def metering(meter: Meter) -> Generator[None]:
    token = _current.set(meter)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def step(phase: Phase, of: str = "") -> Generator[None]:
    """A step that fails counts too."""
    current = meter()
    begin = current.clock() if current else None
    try:
        yield
    finally:
        if current and begin:
            current.steps.append(Step(phase, of, begin, current.clock()))
