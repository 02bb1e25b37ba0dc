"""A report around a table that a test makes up."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared_code.core.chart import Tone, Unit
from shared_code.core.metric import Point
from shared_code.core.period import Period
from shared_code.core.report import Change, Content, Figure, Kpi, Lead, Report, ReportType, Status
from shared_code.core.run import Gap, RunId
from shared_code.core.table import Cell, Column, Filter, Kind, Line, Option, Table
from shared_code.core.tenant import Tenant, TenantId
from shared_code.core.text import Message, Text
from shared_code.reports.guest_users import REPORT

# In Vienna, a second before Monday, 23 November 2026.
SUNDAY = datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)
MONDAY = SUNDAY + timedelta(seconds=1)


def same(word: str) -> Text:
    return Text(de=word, en=word)


COLUMNS = (
    Column(label=same("Name"), kind=Kind.PAIR, small=same("Mail"), personal=True),
    Column(label=same("Ort")),
    Column(label=same("Stand"), kind=Kind.CHOICE, options=(Option(Text(de="gut", en="good")),)),
    Column(label=same("Tag"), kind=Kind.DATE),
    Column(label=same("Zahl"), kind=Kind.COUNT),
    Column(label=same("Liste"), kind=Kind.LIST),
)
GIB = 1 << 30
MEASURED = (
    Column(label=same("Wann"), kind=Kind.MOMENT),
    Column(label=same("Anteil"), kind=Kind.SHARE),
    Column(label=same("Größe"), kind=Kind.SIZE),
    Column(label=same("Dauer"), kind=Kind.DURATION),
)
HEADINGS = ["Name", "Mail", "Ort", "Stand", "Tag", "Zahl", "Liste"]


@dataclass(frozen=True)
class MadeLines:
    """Made anew for each reader, so that a million of them need no memory."""

    total: int
    make: Callable[[], Iterable[Line]]
    counts: Mapping[str, int] = field(default_factory=Counter[str])

    def __iter__(self) -> Iterator[Line]:
        return iter(self.make())


def line(*cells: Cell, key: str = "1", filters: tuple[str, ...] = ("all",)) -> Line:
    return Line(key, cells, filters=filters)


MEASURED_LINES = (line(SUNDAY, 0.925, 1.5 * GIB, 5400), line(None, None, None, None, key="2"))


def names(*given: str) -> list[Line]:
    """Lines that say a name, and nothing else is known."""
    return [
        line((name, ""), None, None, None, None, None, key=str(n)) for n, name in enumerate(given)
    ]


def figure(metric: str, value: float | None, *, unit: Unit = Unit.COUNT) -> Figure:
    kpi = Kpi(
        metric=metric,
        label=same(metric.title()),
        value=value,
        base=Message(same("von 5")),
        unit=unit,
    )
    return Figure(kpi=kpi, previous=None, series=())


def report_of(
    lines: Sequence[Line] | MadeLines = (),
    *,
    columns: tuple[Column, ...] = COLUMNS,
    figures: tuple[Figure, ...] = (),
    history: tuple[Point, ...] = (),
    gaps: tuple[Gap, ...] = (),
    report: ReportType = REPORT,
) -> Report:
    held = lines if isinstance(lines, MadeLines) else MadeLines(len(lines), lambda: lines)
    filters = (Filter(id="all", label=same("Alle")), Filter(id="added", label=same("Neu")))
    table = Table(
        title=same("Tabelle"),
        counting=same("{n} / {all}"),
        columns=columns,
        filters=filters,
        lines=lambda: held,
    )
    return Report(
        type=replace(report, title=same("Probe")),
        tenant=Tenant(
            id=TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01"),
            customer="Contoso GmbH",
            domain="contoso.example",
        ),
        brand="Pro-Active Services",
        run_id=RunId("d6ce8c92-c8a5-5505-bf1e-9d9767a95497"),
        period=Period(MONDAY - timedelta(days=7), MONDAY),
        as_of=MONDAY,
        compared_with=None,
        status=Status.WARN,
        content=Content(
            lead=Lead(Status.WARN, Message(same("Ein Satz."))),
            digest=Message(same("Eine Zeile")),
            kpis=tuple(each.kpi for each in figures),
            table=table,
            changes=(Change(filter="added", label=same("Neu"), count=1, tone=Tone.INFO),),
        ),
        figures=figures,
        history=history,
        lines=held,
        memory=held,
        gaps=gaps,
    )
