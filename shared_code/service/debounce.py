"""Debounce: what anybody can cause again and again is written down, but cannot fill a table."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Debounce:
    """Lets the same thing through once a minute."""

    _last: dict[tuple[str, ...], datetime] = field(default_factory=dict[tuple[str, ...], datetime])

    def passes(self, *what: str, at: datetime) -> bool:
        for old in [each for each, last in self._last.items() if at >= last + _EVERY]:
            del self._last[old]
        is_first = what not in self._last
        self._last.setdefault(what, at)
        return is_first
