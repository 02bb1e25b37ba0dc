"""Times as Graph writes them."""

from datetime import datetime

# Graph writes year 1 for what never was, and 1601 where an older directory had nothing.
_FIRST_YEAR = 2000


def real(moment: datetime | None) -> datetime | None:
    return moment if moment and moment.year >= _FIRST_YEAR else None
