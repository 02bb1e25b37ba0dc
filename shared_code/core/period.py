"""Periods and cadences: when a report is due, in the customer's own time zone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Half-open [start, end), both aware UTC; `zone` is whose days count in a report."""

    start: datetime
    end: datetime
    zone: tzinfo = field(default=UTC, compare=False)

    def __post_init__(self) -> None:
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            raise ValueError("a period is aware UTC")
        if self.start > self.end:
            raise ValueError("a period cannot end before it starts")

    def days_until(self, moment: datetime) -> int:
        """From the day on which it ends: 0 on that day itself, negative before."""
        return (self._day(moment) - self._day(self.end)).days

    def _day(self, moment: datetime) -> date:
        """The first and last instants of the calendar stay in UTC."""
        try:
            return moment.astimezone(self.zone).date()
        except OverflowError:
            return moment.date()


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
