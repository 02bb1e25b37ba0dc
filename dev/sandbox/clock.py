"""Instants as whole seconds, and the text Graph shows for them."""

from datetime import UTC, datetime, timedelta
from functools import cache

HOUR = 3600
DAY = 86400
WEEK = 7 * DAY
YEAR = 365 * DAY


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


@cache
def _date(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y-%m-%d")


def graph_time(instant: int) -> str:
    day, rest = divmod(instant, DAY)
    hour, rest = divmod(rest, HOUR)
    minute, second = divmod(rest, 60)
    return f"{_date(day)}T{hour:02}:{minute:02}:{second:02}Z"
