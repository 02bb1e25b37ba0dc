"""Keys as Table Storage takes them: order by time, forbidden characters, the longest one."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 16
_FORBIDDEN = re.compile(r"[/\\#?%\x00-\x1f\x7f-\x9f]")
_ESCAPED = re.compile(rf"{_FORBIDDEN.pattern}|[!~]")  # also what keys are joined and escaped with
_LONGEST_KEY = 512


def ascending(instant: datetime) -> str:
    """Key order is time order."""
    return f"{(instant - _EPOCH) // timedelta(microseconds=1):0{_DIGITS}d}"


def descending(instant: datetime) -> str:
    """Key order is newest first."""
    inverted = 10**_DIGITS - 1 - (instant - _EPOCH) // timedelta(microseconds=1)
    return f"{inverted:0{_DIGITS}d}"


def row_key(*parts: str) -> str:
    return "~".join(_ESCAPED.sub(_escaped, part) for part in parts)


def is_key(text: str) -> bool:
    """Whether a row could have it: anything else is an error in Azure, not a miss."""
    return 0 < len(text) <= _LONGEST_KEY and not _FORBIDDEN.search(text)


def below(*parts: str) -> tuple[str, str]:
    """Between these two are the keys that go on after the parts: no key holds a second `~` there."""
    low = row_key(*parts) + "~"
    return low, low + "~"


def _escaped(found: re.Match[str]) -> str:
    return f"!{ord(found[0]):02x}"
