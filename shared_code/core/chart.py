"""Charts of a report: what they show, never how they are drawn."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared_code.core.text import Message, Text


class Tone(StrEnum):
    """Meaning of a word or number; renderers choose the colour, never the only sign."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    INFO = "info"
    NEUTRAL = "neutral"


class Colour(StrEnum):
    """Places in the palette of charts, chosen so that colour-blind readers tell them apart."""

    BEST = "c1"
    GOOD = "c2"
    BAD = "c3"
    WARN = "c4"
    NEUTRAL = "c5"


class Unit(StrEnum):
    """What a number counts, and so how it is written."""

    COUNT = "count"
    SHARE = "share"  # rate 0..1, as a percentage
    SIZE = "size"  # bytes, in binary units: 1 TB = 1,024 GB
    DURATION = "duration"  # seconds


type Label = Text | str | date
"""str comes from the tenant; a date names its month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What every chart says in words; `summary` is for a reader who cannot see it."""

    title: Text
    subtitle: Text
    summary: Message
    unit: Text  # column title of the values in the data table


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`people`: how many the bar stands for, where it stands for a group of people."""

    label: Text | str  # str comes from the tenant
    value: float
    tone: Tone = Tone.NEUTRAL
    note: Message | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart(Caption):
    """Horizontal bars, a ranking or a histogram, at most about ten."""

    bars: tuple[Bar, ...]
    values: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One value per label of the chart; None where nothing is known. `dashed`: a forecast."""

    label: Text | str
    values: tuple[float | None, ...]
    colour: Colour
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChart(Caption):
    """Stacked columns, one per label, the first series at the bottom; at most five series."""

    labels: tuple[Label, ...]
    series: tuple[Series, ...]
    values: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart(Caption):
    """Lines over time; `apart`: one small chart per series with a shared scale."""

    labels: tuple[Label, ...]
    series: tuple[Series, ...]
    values: Unit = Unit.COUNT
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """One 100 % bar: a value per part; `note` carries the absolute numbers."""

    label: Label
    values: tuple[float, ...]
    note: Message | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChart(Caption):
    """Bars of 100 %, divided into parts named by `parts`."""

    parts: tuple[tuple[Text, Colour], ...]
    rows: tuple[ShareRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment, or a span until `end`."""

    start: datetime
    label: Text | Message | str
    end: datetime | None = None
    tone: Tone = Tone.INFO


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    label: Text | str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Caption):
    """Marks on rows, at most about ten, between two moments; deadlines, or spans of incidents."""

    start: datetime
    end: datetime
    rows: tuple[TimelineRow, ...]


type Chart = BarChart | ColumnChart | LineChart | ShareChart | Timeline
