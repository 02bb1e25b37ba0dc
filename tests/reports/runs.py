"""Recorded tenants, and runs of a report on them: production's decoder, the real spool, no network."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import msgspec

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import DatasetError
from shared_code.core.metric import Point
from shared_code.core.period import Period
from shared_code.core.privacy import Privacy, Pseudonyms
from shared_code.core.report import Article, Kpi, Report, ReportType
from shared_code.core.run import Gap, Run, RunRequest, RunState
from shared_code.core.table import Line
from shared_code.core.tenant import Tenant, TenantId
from shared_code.core.text import Language
from shared_code.rendering import Rendering
from shared_code.rendering.language import Voice
from shared_code.service.assemble import Past, assemble, points
from shared_code.sources.graph.bodies import decode_page
from shared_code.sources.graph.csv_files import CsvFile
from shared_code.storage.spool import open_spool

FOLDER = Path(__file__).parent

CONTOSO = Tenant(
    id=TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01"),
    customer="Contoso GmbH",
    domain="contoso.example",
)

# A Monday at six in Vienna, in winter.
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)
WEEK = timedelta(days=7)

GERMAN, ENGLISH = (Voice(language, "Europe/Vienna") for language in Language)

PSEUDONYMS = Pseudonyms(bytes(32), CONTOSO.id)

type Listings = dict[str, list[dict[str, Any]]]
"""Rows as Graph sends them, by name of the dataset."""


def recorded(report: ReportType) -> Listings:
    """`recorded/<dataset>.json` as rows, whatever the dataset is; a copy each time: tests change it.

    `{"path": ..., "query": ..., "body": {"value": [row, ...]}}`, where path and query are the
    dataset's own, and a row is

    - of a listing: the object;
    - of a usage report: the line as an object of texts, named as the columns are
      (`{"User Principal Name": "ada@contoso.example", "Storage Used (Byte)": "1024"}`);
    - of children: the object with `"parent": "<id>"` besides, all parents in one listing.

    One object alone has it as `"body": {...}` or `"body": {"value": {...}}`.
    """
    folder = FOLDER / report.name / "recorded"
    return {need.name: _rows(folder / f"{need.name}.json") for need in report.needs}


def _rows(file: Path) -> list[dict[str, Any]]:
    body = json.loads(file.read_text("utf-8"))["body"]
    rows = body.get("value", body)
    return rows if isinstance(rows, list) else [rows]


def decoded(dataset: Dataset[Any], listing: list[dict[str, Any]]) -> Iterable[Sequence[Any]]:
    """Pages of rows as production reads them."""
    if dataset.key is None:
        return [decode_page(dataset, msgspec.json.encode({"value": listing})).rows]
    return CsvFile(dataset, BytesIO(csv_text(dataset.key, listing).encode("utf-8-sig"))).pages()


def csv_text(key: str, listing: list[dict[str, Any]]) -> str:
    """The file of a usage report, with all columns that any row has."""
    out = StringIO(newline="")
    columns = dict.fromkeys([key, *(name for row in listing for name in row)])
    writer = csv.DictWriter(out, list(columns), restval="")
    writer.writeheader()
    writer.writerows(listing)
    return out.getvalue()


def subscription(*plans: str) -> dict[str, Any]:
    """One that serves, with these service plans."""
    named = [{"servicePlanName": plan} for plan in plans]
    return {"id": "sku", "capabilityStatus": "Enabled", "servicePlans": named}


def sign_in(key: str, last: str | None) -> dict[str, Any]:
    """Without `last` there never was one."""
    return {"id": key, "signInActivity": {"lastSignInDateTime": last}} if last else {"id": key}


@dataclass
class Runs:
    """Runs a week apart, from Monday on; each is compared with the one before."""

    root: Path
    resources: ExitStack
    tenant: Tenant = CONTOSO
    privacy: Privacy = Privacy.NAMED
    memory: Path | None = None
    _points: list[Point] = field(default_factory=list[Point])
    _last: Run | None = None
    _compared_with: datetime | None = None
    _end: datetime = MONDAY

    def skip(self, runs: int = 1) -> None:
        """So many runs deliver nothing; the next one covers their time too."""
        self._end += runs * WEEK

    def produce(self, report: ReportType, listings: Listings, *gaps: DatasetError) -> Report:
        """Raises DatasetError if what everything else rests on is among the gaps."""
        spool = self.resources.enter_context(open_spool(self.root))
        missing = {gap.dataset: gap for gap in gaps}
        for dataset in report.needs:
            if dataset.name not in missing:
                kept = spool.dataset(dataset)
                for rows in decoded(dataset, listings[dataset.name]):
                    kept.append([self._masked(row) for row in rows])
        history = spool.history(
            points=self._points, memory=self.memory, compared_with=self._compared_with
        )
        request = RunRequest.due(self.tenant.id, report.name, Period(self._end - WEEK, self._end))
        whole = assemble(
            report,
            self.tenant,
            request,
            spool=spool,
            missing=missing,
            past=Past(
                points=self._points,
                last=self._last,
                since=self._last.end if self._last else None,
                history=history,
            ),
            as_of=self._end + timedelta(minutes=4),
            brand="Pro-Active Services",
            privacy=self.privacy,
        )
        self._points = [*self._points, *points(request, whole.content)]
        self._last = _settled(request, whole.gaps)
        self.memory = spool.remember(whole.memory)
        self._compared_with, self._end = self._end, self._end + WEEK
        return whole

    def _masked(self, row: Row) -> Row:
        """As the collector does before anything reaches the disk."""
        return row if self.privacy is Privacy.NAMED else PSEUDONYMS.masked(row)


def _settled(request: RunRequest, gaps: tuple[Gap, ...]) -> Run:
    run = Run.planned(request, request.end)
    return msgspec.structs.replace(run, state=RunState.DELIVERED, gaps=gaps)


def rendered(rendering: Rendering, report: Report, language: Language = Language.DE) -> bytes:
    out = BytesIO()
    rendering.write(report, language, out)
    return out.getvalue()


def by_key(report: Report) -> Mapping[str, Line]:
    return {line.key: line for line in report.lines}


def only(report: Report) -> Line:
    [line] = report.lines
    return line


def lead(report: Report, voice: Voice = ENGLISH) -> str:
    whole = report.content.lead
    return " ".join(voice.say(part) for part in (whole.strong, whole.rest) if part)


def kpi(report: Report, metric: str) -> Kpi:
    return next(each for each in report.content.kpis if each.metric == metric)


def kpis(report: Report) -> dict[str, float | None]:
    return {each.metric: each.value for each in report.content.kpis}


def tiles(report: Report) -> dict[str, int | None]:
    return {change.filter: change.count for change in report.content.changes}


def words(report: Report, column: int, voice: Voice = ENGLISH) -> dict[str, str | None]:
    """What a CHOICE column says, by the lines' keys."""
    options = report.content.table.columns[column].options
    cells = {line.key: line.cells[column] for line in report.lines}
    return {
        k: voice.say(options[n].label) if isinstance(n, int) else None for k, n in cells.items()
    }


def word(report: Report, key: str, column: int) -> str | None:
    return words(report, column)[key]


def article(report: Report, key: str) -> Article:
    return next(each for each in report.content.articles if each.key == key)
