"""Metrics: numbers a report remembers from run to run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from shared_code.core.month import month_of


@dataclass(frozen=True, slots=True)
class Point:
    """The value of one metric at the end of one period."""

    metric: str
    end: datetime
    value: float


def by_month(points: Iterable[Point], *, until: datetime, months: int = 12) -> dict[date, float]:
    """The last value of each month, by the month's first day, for as many months up to `until`.

    `points` oldest first. Months without a point are missing, not zero.
    """
    newest = {month_of(point.end): point.value for point in points}
    first = month_of(until, later=1 - months)
    return {month: value for month, value in newest.items() if month >= first}
