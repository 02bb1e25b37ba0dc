"""Summary: what digest and portal show of a delivered report, kept with its run; no names."""

from datetime import datetime

import msgspec

type Said = dict[str, str]
"""One text per language."""


class Todo(msgspec.Struct, frozen=True, kw_only=True):
    """An action of the report; `filter` opens its table at what the action is about."""

    priority: str  # a Priority
    title: Said
    why: Said
    who: Said
    filter: str | None = None


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """A key figure as readers see it; `change` since the last report, empty in the first one;
    `verdict`: better, worse or nothing."""

    label: Said
    value: Said
    change: Said
    verdict: str = ""
    series: tuple[float, ...] = ()


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline of Microsoft's."""

    day: datetime
    title: str
    filter: str | None = None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`indicators` are the report's key figures, the most important first."""

    digest: Said
    indicators: tuple[Indicator, ...] = ()
    todos: tuple[Todo, ...] = ()
    deadlines: tuple[Due, ...] = ()
