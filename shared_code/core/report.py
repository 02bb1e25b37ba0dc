"""Report: what a report type declares, what its builder returns, and the view model renderers get."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
from shared_code.core.table import Lines, Table
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
class Extra:
    """Datasets that come with a licence which not every tenant needs.

    Where the tenant does not own it, the report is complete and says `without`, one sentence.
    """

    datasets: tuple[Dataset[Row], ...]
    without: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportType:
    """One file in `reports/` declares one. `cadence`: five cron fields in the tenant's zone.

    The first of `needs` is what everything else rests on: without it there is no report, and
    changes are counted from the last run that had it. `build` is pure: no clock, no environment,
    no logging; time comes in as `period`. `privacy` holds unless a tenant chose otherwise.
    `options` is what a tenant may choose besides, read in `build` by `data.options(...)`.
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
    extras: tuple[Extra, ...] = ()

    @property
    def main(self) -> Dataset[Row]:
        return self.needs[0]

    @property
    def permissions(self) -> tuple[str, ...]:
        """Application permissions of Microsoft Graph, sorted, without repeats."""
        return tuple(sorted({name for dataset in self.needs for name in dataset.permissions}))

    @property
    def not_for_all(self) -> frozenset[str]:
        """Names of datasets without whose licence nothing is missing."""
        return frozenset(d.name for extra in self.extras for d in extra.datasets)

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
