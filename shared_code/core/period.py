"""Periods and cadences: when a report is due, in the customer's own time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Half-open [start, end), both aware UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError("a period is aware UTC")
        if self.start > self.end:
            raise ValueError("a period cannot end before it starts")


def occurrences(
    cadence: str, zone: ZoneInfo, *, after: datetime, until: datetime
) -> Iterator[datetime]:
    """Due instants in (after, until], ascending, in UTC.

    `cadence` is a five-field cron expression in local time of `zone`. A local time that a
    clock change skips or repeats yields one occurrence, as Debian's cron has it.
    """
    ticks = CronSim(cadence, after.astimezone(zone))
    due = (tick.astimezone(UTC) for tick in ticks)
    return takewhile(lambda tick: tick <= until, due)
