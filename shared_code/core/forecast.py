"""Straight-line forecasts of something that grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

# Fewer say nothing of a trend.
FEWEST = 4

# About nineteen in twenty, for errors that are normal and independent.
_SIGMAS = 2.0


@dataclass(frozen=True, slots=True)
class Trend:
    """A least-squares line through points of (day, value): `slope` per day, `error` its standard error."""

    last: date
    value: float  # on the line, at `last`
    slope: float
    error: float

    def at(self, day: date, *, sigmas: float = 0.0) -> float:
        """`sigmas` moves the slope up or down by so many standard errors."""
        return self.value + (self.slope + sigmas * self.error) * (day - self.last).days

    def low(self, day: date) -> float:
        return self.at(day, sigmas=-_SIGMAS)

    def high(self, day: date) -> float:
        return self.at(day, sigmas=_SIGMAS)

    def reaches(self, limit: float, *, within: timedelta) -> date | None:
        """When the line reaches the limit; None if it does not in that time."""
        if self.value >= limit:
            return self.last
        if self.slope <= 0:
            return None
        days = (limit - self.value) / self.slope
        return self.last + timedelta(days=days) if days <= within.days else None


def trend_of(points: Sequence[tuple[date, float]]) -> Trend | None:
    """None for fewer than FEWEST different days."""
    if len({day for day, _ in points}) < FEWEST:
        return None
    last = max(day for day, _ in points)
    xs = [float((day - last).days) for day, _ in points]
    ys = [value for _, value in points]
    count = len(xs)
    mean_x, mean_y = sum(xs) / count, sum(ys) / count
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    start = mean_y - slope * mean_x
    rest = sum((y - start - slope * x) ** 2 for x, y in zip(xs, ys, strict=True))
    return Trend(last=last, value=start, slope=slope, error=sqrt(rest / (count - 2) / spread))
