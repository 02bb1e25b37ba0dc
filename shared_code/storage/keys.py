"""Keys and texts as Table Storage takes them: order by time, forbidden characters, size limits."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 16
_FORBIDDEN = re.compile(r"[/\\#?%\x00-\x1f\x7f-\x9f]")
_ESCAPED = re.compile(rf"{_FORBIDDEN.pattern}|[!~]")  # also what keys are joined and escaped with
_LONGEST_KEY = 512

# A string property holds 32 Ki UTF-16 units, and a character is at most two of them.
_LONGEST_PART = 16_000


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


def split_text(name: str, text: str) -> dict[str, str]:
    """As many properties as it takes; see `joined_text`."""
    starts = range(0, len(text), _LONGEST_PART)
    return {f"{name}{n}": text[s : s + _LONGEST_PART] for n, s in enumerate(starts)}


def joined_text(name: str, properties: Mapping[str, Any]) -> str:
    numbers = sorted(int(n) for key in properties if (n := key.removeprefix(name)).isdecimal())
    return "".join(properties[f"{name}{n}"] for n in numbers)


def _escaped(found: re.Match[str]) -> str:
    return f"!{ord(found[0]):02x}"
