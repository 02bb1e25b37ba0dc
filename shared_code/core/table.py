"""Table: what a report lists - columns, filters and lines, with what the next run compares them with."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Protocol

import msgspec

from shared_code.core.chart import Tone
from shared_code.core.text import Text


class Kind(StrEnum):
    """What a cell of a column holds (see Cell)."""

    TEXT = "text"  # str
    PAIR = "pair"  # (main, small)
    COUNT = "count"  # int
    DATE = "date"  # aware UTC datetime, NEVER or None; readers see the day
    MOMENT = "moment"  # the same; readers see the time of day too
    SHARE = "share"  # rate 0..1
    SIZE = "size"  # bytes
    DURATION = "duration"  # seconds
    CHOICE = "choice"  # index into the column's options
    LIST = "list"  # tuple of str


class Never(StrEnum):
    """A date that is known not to exist, unlike None, which is unknown."""

    NEVER = "never"


NEVER = Never.NEVER

# From UTC-10 to UTC+13 on the day itself; noon is tomorrow already in New Zealand.
_SAME_DAY = time(10, 30)

type Cell = str | float | datetime | Never | tuple[str, ...] | None
"""None is unknown, whatever the kind."""


def day_cell(day: date | None) -> datetime | Never:
    """The same day by the clocks of Honolulu, Vienna and Auckland; without one, it never was."""
    return datetime.combine(day, _SAME_DAY, UTC) if day else NEVER


@dataclass(frozen=True, slots=True)
class Option:
    """A word of a CHOICE column, with a glyph so that it does not depend on colour.

    Without both it is the usual case, which pages show as a dash.
    """

    label: Text
    tone: Tone | None = None
    glyph: str = ""

    @property
    def is_notable(self) -> bool:
        return self.tone is not None or bool(self.glyph)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    label: Text
    kind: Kind = Kind.TEXT
    personal: bool = False
    small: Text | None = None  # label of the second part of a PAIR
    options: tuple[Option, ...] = ()
    secondary: bool = False  # may be hidden on a phone
    detail: bool = False  # on the page, shown when a line is opened; in files a column like others


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A named subset of the lines; `is_chip`: shown above the table, not only behind a tile."""

    id: str
    label: Text
    is_chip: bool = True


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One line of the table: `key` is the object's id, lower `rank` comes first.

    `filters` are the ids of the filters it belongs to; `article` the key of the article that says
    more; `memory` is what the next run compares with,
    encoded as MessagePack; a field added to its shape later needs a default.
    """

    key: str
    cells: tuple[Cell, ...]
    rank: int = 0
    filters: tuple[str, ...] = ()
    memory: msgspec.Raw | None = None
    article: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`lines` is called once, streams, and may be a generator function; the first filter is the
    base that counts refer to. `unknown` are filters whose lines nobody can tell this time."""

    title: Text
    counting: Text  # "{n} of {all} guests"
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    lines: Callable[[], Iterable[Line]]
    unknown: frozenset[str] = frozenset()

    @property
    def is_personal(self) -> bool:
        return any(column.personal for column in self.columns)


class Lines(Protocol):
    """The table's lines in final order, re-iterable, with counts per filter."""

    def __iter__(self) -> Iterator[Line]: ...

    @property
    def total(self) -> int: ...

    @property
    def counts(self) -> Mapping[str, int]: ...


def holding(claims: Mapping[str, bool | None]) -> tuple[str, ...]:
    """The filters whose claim holds; what is unknown does not."""
    return tuple(name for name, holds in claims.items() if holds)


def first_holding(worst_first: Iterable[bool | None]) -> int:
    """The place of the first claim that holds; behind them all where none does."""
    claims = tuple(worst_first)
    return next((place for place, holds in enumerate(claims) if holds), len(claims))


def remember(seen: msgspec.Struct) -> msgspec.Raw:
    """What the next run gets back by `History.before`."""
    return msgspec.Raw(msgspec.msgpack.encode(seen))
