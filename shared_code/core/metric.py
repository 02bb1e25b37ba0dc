"""Metrics: numbers a report remembers from run to run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


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
    newest = {point.end.date().replace(day=1): point.value for point in points}
    first = until.year * 12 + until.month - months
    return {month: v for month, v in newest.items() if month.year * 12 + month.month > first}
