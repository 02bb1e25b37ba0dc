"""Metrics: numbers a report remembers from run to run."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Point:
    """The value of one metric at the end of one period."""

    metric: str
    end: datetime
    value: float
