"""When reports are due: checks what engineers wrote, in the tenant's own time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSimError

from shared_code.core.errors import ConfigurationError
from shared_code.core.period import occurrences

_FIELDS = 5


def zone_of(name: str) -> ZoneInfo:
    """Raises ConfigurationError."""
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError) as error:
        raise ConfigurationError("time zone: no such name in the IANA database") from error


def instant_of(moment: datetime) -> datetime:
    """In UTC. Raises ConfigurationError for a time of day without a zone."""
    if moment.tzinfo is None:
        raise ConfigurationError("since: a time without its zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ConfigurationError("since: no such time in UTC") from error


def due_instants(
    cadence: str, zone: ZoneInfo, *, after: datetime, until: datetime
) -> Iterator[datetime]:
    """In (after, until], ascending. Raises ConfigurationError."""
    # With a sixth field, seconds, one slip of the pen is a report a second.
    if len(cadence.split()) != _FIELDS:
        raise ConfigurationError("cadence: not five cron fields")
    try:
        yield from occurrences(cadence, zone, after=after, until=until)
    except CronSimError as error:
        raise ConfigurationError("cadence: not a cron expression") from error
