"""Simulated time for delivering past weeks: a calendar that is set, a stopwatch that jumps."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class Calendar:
    """The service's clock during the past; goes on from where it was last set."""

    instant: datetime

    def __post_init__(self) -> None:
        self._set = time.monotonic()

    def __call__(self) -> datetime:
        return self.instant + timedelta(seconds=time.monotonic() - self._set)

    def turn_to(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC)
        self._set = time.monotonic()


class Stopwatch:
    """Monotonic seconds. Waiting on it takes no time, and everybody who reads it has waited too."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        self._ahead += seconds
