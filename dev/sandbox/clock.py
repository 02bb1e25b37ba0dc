"""Instants as whole seconds, and the text Graph shows for them."""

from datetime import UTC, datetime, timedelta
from functools import cache

HOUR = 3600
DAY = 86400
WEEK = 7 * DAY
YEAR = 365 * DAY


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


# Made once: a page of users shows thousands of instants.
_MINUTES = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]
_SECONDS = [f"{second:02}Z" for second in range(60)]


@cache
def _date(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y-%m-%d")


def graph_time(instant: int) -> str:
    day, rest = divmod(instant, DAY)
    return f"{_date(day)}{_MINUTES[rest // 60]}{_SECONDS[rest % 60]}"
