"""NCRONTAB schedules: six fields, seconds first, in UTC."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from cronsim import CronSim, CronSimError

# cronsim takes L, LW and # as well, which NCRONTAB does not know.
_FOREIGN = re.compile(r"#|\bLW?\b|\dL\b", re.IGNORECASE)
_FIELD_COUNTS = (5, 6)


class ScheduleError(Exception):
    """A schedule the host would not accept."""


@dataclass(frozen=True, slots=True)
class Schedule:
    text: str

    def __post_init__(self) -> None:
        if len(self.text.split()) not in _FIELD_COUNTS or _FOREIGN.search(self.text):
            raise ScheduleError(f"{self.text!r} is not an NCRONTAB schedule of six fields")
        self.after(datetime.now(UTC))

    def after(self, moment: datetime) -> datetime:
        """The first occurrence later than this moment."""
        occurrence = next(self._occurrences(moment), None)
        if occurrence is None:
            raise ScheduleError(f"{self.text!r} never comes due")
        return occurrence

    def is_monitored(self) -> bool:
        """The host keeps no status for what can come due more often than every minute."""
        upcoming = islice(self._occurrences(datetime.now(UTC)), 6)
        return all(b - a >= timedelta(minutes=1) for a, b in pairwise(upcoming))

    def _occurrences(self, moment: datetime) -> Iterator[datetime]:
        try:
            occurrences = CronSim(self.text, moment.astimezone(UTC))
        except CronSimError as error:
            raise ScheduleError(f"{self.text!r}: {error}") from error
        # cron joins day of month and day of week with OR, NCRONTAB with AND.
        occurrences.day_and = True
        yield from occurrences
