"""What the tests of the use cases share: a customer, a tiny report, and the fakes around them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from shared_code.core.dataset import Dataset, Row, Snapshot, Workload
from shared_code.core.period import Period
from shared_code.core.ports import Archive, Ledger, Source, SpoolFolder, Tenants
from shared_code.core.report import Content, History, Kpi, Lead, Report, ReportType, Status
from shared_code.core.run import Run, RunRequest
from shared_code.core.table import Column, Filter, Line, Table
from shared_code.core.tenant import Subscription, Tenant, TenantId, TenantState
from shared_code.core.text import Language, Text, message
from shared_code.rendering import Rendering
from shared_code.service.attempt import Observer
from shared_code.service.collect import Collector, GivesUp
from shared_code.service.produce import Producer, never
from tests.fakes import (
    FakeArchive,
    FakeClock,
    FakeLedger,
    FakeSource,
    FakeSpoolFolder,
    FakeTenants,
    paged,
)

CONTOSO = TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01")
FABRIKAM = TenantId("fab21ca3-7d42-4c1a-9e55-2b8d4e9f6a02")

# A Monday at six in Vienna, in winter.
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)
WEEK = timedelta(days=7)
LEASE = timedelta(minutes=5)


class Person(Row, frozen=True, kw_only=True):
    display_name: str | None = None


class Badge(Row, frozen=True, kw_only=True):
    pass


def _dataset(name: str, row: type[Row]) -> Dataset[Any]:
    return Dataset(
        name=name,
        title=Text(de=name, en=name),
        path=f"/{name}",
        row=row,
        permissions=("User.Read.All",),
        workload=Workload(name="directory"),
        licence="Microsoft Entra ID P1",
    )


PEOPLE = _dataset("people", Person)
BADGES = _dataset("badges", Badge)

_WORD = Text(de="Personen", en="People")
_COUNT = Text(de="{n} Personen", en="{n} people")


class Remembered(msgspec.Struct, frozen=True):
    name: str | None


def build(data: Snapshot, history: History, period: Period) -> Content:
    """Rests on the people; counts who is new since the run it is compared with."""
    people = data.rows(PEOPLE, order_by="display_name")
    count = sum(1 for _ in people)
    new = None
    if history.compared_with:
        new = sum(history.before(person.id, Remembered) is None for person in people)
    badges = None if data.missing(BADGES) else sum(1 for _ in data.rows(BADGES))

    def lines() -> Iterator[Line]:
        for person in people:
            memory = msgspec.msgpack.encode(Remembered(person.display_name))
            yield Line(
                person.id, (person.display_name,), filters=("all",), memory=msgspec.Raw(memory)
            )

    return Content(
        lead=Lead(Status.OK, message(_COUNT, n=count)),
        digest=message(_COUNT, n=count),
        kpis=(
            kpi("people", count),
            kpi("badges", badges),
            kpi("new", new),
            kpi("known", sum(1 for _ in history.remembered(Remembered))),
        ),
        table=Table(
            title=_WORD,
            counting=Text(de="{n} von {all} Personen", en="{n} of {all} people"),
            columns=(Column(label=Text(de="Name", en="Name"), personal=True),),
            filters=(Filter(id="all", label=_WORD),),
            lines=lines,
        ),
    )


def kpi(metric: str, value: float | None) -> Kpi:
    return Kpi(metric=metric, label=_WORD, value=value, base=message(_WORD))


TINY = ReportType(
    name="tiny-report",
    title=Text(de="Winziger Bericht", en="Tiny report"),
    area=Text(de="Prüfstand", en="Test stand"),
    summary=Text(de="Zählt Personen.", en="Counts people."),
    cadence="0 6 * * MON",
    needs=(PEOPLE, BADGES),
    build=build,
)


def write(report: Report, language: Language, out: BinaryIO) -> None:
    """What a test wants to see of a report: names in order, and each figure with its past."""
    body = {
        "language": language,
        "names": [line.cells[0] for line in report.lines],
        "series": {f.kpi.metric: f.series for f in report.figures},
        "previous": {f.kpi.metric: f.previous and f.previous.value for f in report.figures},
        "compared_with": report.compared_with,
        "period": [report.period.start, report.period.end],
        "brand": report.brand,
    }
    out.write(msgspec.json.encode(body))


PLAIN = Rendering(
    ending="json", media_type="application/json", write=write, content_policy="default-src 'none'"
)


def tenant(
    tenant_id: TenantId = CONTOSO,
    *,
    state: TenantState = TenantState.ACTIVE,
    since: datetime = MONDAY - WEEK,
    cadence: str | None = None,
    time_zone: str = "Europe/Vienna",
) -> Tenant:
    subscription = Subscription(since=since, cadence=cadence)
    return Tenant(
        id=tenant_id,
        customer="Contoso GmbH",
        domain="contoso.example",
        state=state,
        time_zone=time_zone,
        subscriptions={TINY.name: subscription},
    )


def request(*, weeks: int = 0, tenant_id: TenantId = CONTOSO) -> RunRequest:
    """The run that is due so many weeks after Monday."""
    end = MONDAY + weeks * WEEK
    return RunRequest.due(tenant_id, TINY.name, Period(end - WEEK, end))


def people(*names: str) -> list[Person]:
    """Whose id is their name."""
    return [Person(id=name, display_name=name) for name in names]


@dataclass
class Stage:
    """A producer with everything it works with; `ledger` and the rest may be the real adapters."""

    root: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(MONDAY))
    lease: timedelta = LEASE
    budget: timedelta = timedelta(minutes=10)
    report: ReportType = TINY
    renderings: tuple[Rendering, ...] = (PLAIN,)
    observers: tuple[Observer, ...] = ()

    def __post_init__(self) -> None:
        self.tenants: Tenants = FakeTenants.of(tenant())
        self.ledger: Ledger = FakeLedger(self.clock)
        self.archive: Archive = FakeArchive()
        self.folder: SpoolFolder = FakeSpoolFolder(self.root)
        self.source = FakeSource({})
        self.serve("Ada", "Ben", "Cleo", "Dora", "Emil")

    def serve(self, *names: str) -> None:
        """What the tenant lists from now on, two people a page."""
        self.source.listings["people"] = paged(people(*names))
        self.source.listings["badges"] = [[Badge(id="1"), Badge(id="2")], [Badge(id="3")]]

    def producer(self, source: Source | None = None) -> Producer:
        return Producer(
            tenants=self.tenants,
            ledger=self.ledger,
            archive=self.archive,
            folder=self.folder,
            collector=Collector(source or self.source, self.folder, self.clock, self.budget),
            clock=self.clock,
            brand="Pro-Active Services",
            pseudonym_key=bytes(32),
            lease=self.lease,
            renderings=self.renderings,
            observers=self.observers,
        )

    async def produce(self, order: RunRequest, *, gives_up: GivesUp = never) -> Run | None:
        producer = self.producer()
        return await producer.produce(order, self.report, gives_up=gives_up)

    async def delivered(self, *, weeks: int = 0) -> Run:
        """The settled run of that week, at its time."""
        self.clock.now = MONDAY + weeks * WEEK
        run = await self.produce(request(weeks=weeks))
        assert run
        return run

    async def shown(self, run: Run, language: str = "en") -> Any:
        """What a reader of the filed rendering sees."""
        artifact = run.artifact(f"report.{language}.json")
        assert artifact
        return msgspec.json.decode(await self.archive.read(artifact.path))

    async def kept(self, order: RunRequest) -> Run | None:
        return await self.ledger.find(order.tenant_id, order.report, order.end)

    async def measured(self, metric: str, *, weeks: int = 0) -> float | None:
        """The point that the run of that week left."""
        end = MONDAY + weeks * WEEK
        points = await self.ledger.points(CONTOSO, TINY.name)
        return next((p.value for p in points if (p.metric, p.end) == (metric, end)), None)
