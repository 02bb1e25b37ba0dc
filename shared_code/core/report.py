"""Report: what a report type declares, what its builder returns, and the view model renderers get."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Protocol

import msgspec

from shared_code.core import terms
from shared_code.core.chart import Chart, Tone, Unit
from shared_code.core.dataset import Dataset, Row, Snapshot
from shared_code.core.errors import ConfigurationError
from shared_code.core.metric import Point
from shared_code.core.options import Options
from shared_code.core.period import Period
from shared_code.core.privacy import Privacy
from shared_code.core.run import Gap, RunId
from shared_code.core.tenant import Tenant
from shared_code.core.text import Message, Text


class Status(StrEnum):
    """What the reader must do; INCOMPLETE wins over WARN and OK and never hides BAD."""

    BAD = "bad"
    WARN = "warn"
    OK = "ok"
    INCOMPLETE = "incomplete"


class Better(StrEnum):
    """Which direction of a key figure is good."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


class Priority(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Lead:
    """The one sentence: `strong` is the finding, `rest` what belongs to it."""

    status: Status
    strong: Message
    rest: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A key figure; `metric` is its name in the history.

    `base` is what a value is read against, `instead` why there is none (`value` None).
    """

    metric: str
    label: Text
    value: float | None
    base: Message
    better: Better = Better.NONE
    unit: Unit = Unit.COUNT
    instead: Text = terms.NOT_KNOWN

    @property
    def note(self) -> Message:
        """What stands below the value."""
        return Message(self.instead) if self.value is None else self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Verb first, with a reason; `filter` is the table filter that shows what it is about."""

    title: Message
    why: Message
    priority: Priority
    who: Text
    effort: Text
    filter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One tile: how many objects changed in this way. `count` None: not comparable."""

    filter: str
    label: Text
    count: int | None
    tone: Tone = Tone.NEUTRAL


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

type Cell = str | float | datetime | Never | tuple[str, ...] | None
"""None is unknown, whatever the kind."""


def day_cell(day: date | None) -> datetime | Never:
    """The same day in every time zone; without one, it never was."""
    return datetime.combine(day, time(12), UTC) if day else NEVER


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


# It becomes part of the page; what is not an id of Microsoft's gets no article.
_ARTICLE_KEY = re.compile(r"[A-Za-z0-9-]{1,40}")


def may_have_article(key: str) -> bool:
    return _ARTICLE_KEY.fullmatch(key) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A text of Microsoft's about one line of the table, shown in full below it.

    `key` as `may_have_article` has it; `html` is foreign and hostile: renderers sanitise it.
    """

    key: str
    title: str
    facts: tuple[tuple[Text, Message], ...]
    html: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Something of Microsoft's that takes effect; `title` is Microsoft's and names nobody."""

    day: datetime
    title: str
    filter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a builder returns, ranked by the reader's need.

    `digest` is the report in one short line, for mail and portal: counts only, nobody's name.
    `notes` say what the reader must know before the figures, such as concealed names.
    `points` are metrics beside the key figures that a later report will look back on.
    """

    lead: Lead
    digest: Message
    kpis: tuple[Kpi, ...]
    table: Table
    actions: tuple[Action, ...] = ()
    changes: tuple[Change, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[tuple[Text, Message], ...] = ()
    articles: tuple[Article, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    about: tuple[tuple[Text, Message], ...] = ()
    points: Mapping[str, float] = field(default_factory=dict[str, float])


def about(*facts: tuple[Text, Text]) -> tuple[tuple[Text, Message], ...]:
    """What a report says of itself whatever it found: labels and sentences without values."""
    return tuple((label, Message(text)) for label, text in facts)


class History(Protocol):
    """What earlier runs of this report committed for this tenant."""

    @property
    def compared_with(self) -> datetime | None:
        """End of the run that changes are counted from; None on the first run."""
        ...

    def series(self, metric: str) -> Sequence[Point]:
        """Points before this period, oldest first."""
        ...

    def before[M](self, key: str, shape: type[M]) -> M | None:
        """What the compared run remembered of this object."""
        ...

    def remembered[M](self, shape: type[M]) -> Iterable[tuple[str, M]]:
        """Everything the compared run remembered, in its table's order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportType:
    """One file in `reports/` declares one. `cadence`: five cron fields in the tenant's zone.

    The first of `needs` is what everything else rests on: without it there is no report, and
    changes are counted from the last run that had it. `build` is pure: no clock, no environment,
    no logging; time comes in as `period`. `privacy` holds unless a tenant chose otherwise.
    `options` is what a tenant may choose besides, read in `build` by `data.options(...)`.
    Without the licence of `extras`, which few tenants own, the report is still complete.
    """

    name: str
    title: Text
    area: Text
    summary: Text  # one sentence for portal and README
    cadence: str
    needs: tuple[Dataset[Row], ...]
    build: Callable[[Snapshot, History, Period], Content]
    privacy: Privacy = Privacy.NAMED
    options: type[Options] = Options
    extras: tuple[Dataset[Row], ...] = ()

    @property
    def main(self) -> Dataset[Row]:
        return self.needs[0]

    @property
    def permissions(self) -> tuple[str, ...]:
        """Application permissions of Microsoft Graph, sorted, without repeats."""
        return tuple(sorted({name for dataset in self.needs for name in dataset.permissions}))

    def options_of(self, tenant: Tenant) -> Options:
        """What the tenant chose, defaults for the rest. Raises ConfigurationError."""
        try:
            return msgspec.convert(tenant.options.get(self.name, {}), self.options)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"options of {self.name} for {tenant.id}: {error}") from error


def ordered_by(tenant: Tenant, reports: Mapping[str, ReportType]) -> list[ReportType]:
    """Without what this version does not have."""
    return [reports[name] for name in tenant.subscriptions if name in reports]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A key figure with its past: `series` ends with this run's value, if that is known."""

    kpi: Kpi
    previous: Point | None
    series: tuple[float, ...]


class Lines(Protocol):
    """The table's lines in final order, re-iterable, with counts per filter."""

    def __iter__(self) -> Iterator[Line]: ...

    @property
    def total(self) -> int: ...

    @property
    def counts(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The view model: everything any rendering shows."""

    type: ReportType
    tenant: Tenant
    brand: str  # the partner's name
    run_id: RunId
    period: Period
    as_of: datetime
    compared_with: datetime | None
    status: Status
    content: Content
    figures: tuple[Figure, ...]
    history: tuple[Point, ...]  # of all metrics, oldest first, this run's included
    lines: Lines
    memory: Lines  # what the next run compares with, also where nobody is listed
    gaps: tuple[Gap, ...] = ()
    privacy: Privacy = Privacy.NAMED
    left_out: frozenset[str] = frozenset()  # names of files that could not be made

    @property
    def lists_people(self) -> bool:
        """Otherwise `lines` is empty, and there is no table to filter."""
        return self.privacy is not Privacy.AGGREGATE

    def count(self, filter_id: str) -> int | None:
        """How many lines the filter holds, if that is known."""
        return (
            None if filter_id in self.content.table.unknown else self.lines.counts.get(filter_id, 0)
        )

    def gap_title(self, gap: Gap) -> Text:
        return next(d.title for d in self.type.needs if d.name == gap.dataset)
