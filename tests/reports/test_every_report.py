"""What must hold for every report type, whatever it reports."""

import csv
import dataclasses
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path
from string import Formatter
from typing import cast
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dev.sandbox.hostile import HOSTILE_NAMES
from ops import generated
from shared_code.core.errors import DatasetError, LicenceMissing, PermissionMissing
from shared_code.core.link import download_name
from shared_code.core.period import occurrences
from shared_code.core.report import Report, ReportType, Status
from shared_code.core.table import NEVER, Cell, Column, Kind
from shared_code.core.text import Language, Message, Text
from shared_code.rendering import RENDERINGS, Rendering
from shared_code.rendering.cells import looks_like_formula
from shared_code.rendering.html import HTML
from shared_code.rendering.json import JSON
from shared_code.rendering.language import Voice
from shared_code.rendering.pdf import PDF
from shared_code.reports import registry
from tests.rendering.papers import facts_of, is_conformant, needs_poppler, text_of
from tests.reports.runs import CONTOSO, ENGLISH, FOLDER, Listings, Runs, recorded, rendered

# Of objects and, with blanks, of usage reports.
HOSTILE_FIELDS = {
    *("displayName", "mail", "userPrincipalName", "title"),
    *("Display Name", "Owner Display Name", "Site URL"),
}
TEXT_FILES = ("csv", "html", "json")
VOICES = [Voice(language, "Europe/Vienna") for language in Language]

each_report = pytest.mark.parametrize("report", registry().values(), ids=lambda r: r.name)
each_rendering = pytest.mark.parametrize("rendering", RENDERINGS, ids=lambda r: r.ending)
each_language = pytest.mark.parametrize("language", Language)


def gap(report: ReportType, dataset: str) -> DatasetError:
    need = next(need for need in report.needs if need.name == dataset)
    return PermissionMissing(dataset, ", ".join(need.permissions))


def first(listings: Listings, rows: int) -> Listings:
    """The first so many rows of each listing."""
    return {name: listing[:rows] for name, listing in listings.items()}


def with_hostile_names(listings: Listings) -> Listings:
    for listing in listings.values():
        for number, row in enumerate(listing):
            for field in row.keys() & HOSTILE_FIELDS:
                row[field] = HOSTILE_NAMES[number % len(HOSTILE_NAMES)]
    return listings


def whole(report: ReportType) -> Listings:
    return recorded(report)


def nothing(report: ReportType) -> Listings:
    return first(recorded(report), 0)


def one_row(report: ReportType) -> Listings:
    return first(recorded(report), 1)


def two_rows(report: ReportType) -> Listings:
    return first(recorded(report), 2)


def hostile(report: ReportType) -> Listings:
    return with_hostile_names(recorded(report))


each_tenant = pytest.mark.parametrize("tenant", [whole, nothing, one_row, two_rows, hostile])

type Tenants = Callable[[ReportType], Listings]


def reachable[T](thing: object, kind: type[T]) -> Iterator[T]:
    """All of a kind within fields, values and elements."""
    if isinstance(thing, kind):
        yield thing
    parts: list[object] = []
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        parts = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    elif isinstance(thing, Mapping):
        parts = list(cast("Mapping[object, object]", thing).values())
    elif isinstance(thing, tuple | list):
        parts = list(cast("tuple[object, ...]", thing))
    for part in parts:
        yield from reachable(part, kind)


def texts(report: ReportType) -> list[Text]:
    """Also those that no recorded tenant needs."""
    module = sys.modules[report.build.__module__]
    return list(reachable(dict(vars(module)), Text))


def sentences(report: Report, voice: Voice) -> list[str]:
    return [voice.say(each) for each in reachable(report.content, Message)]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def cell_texts(workbook: bytes) -> Iterator[str]:
    book = openpyxl.load_workbook(BytesIO(workbook), read_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield from (cell for cell in row if isinstance(cell, str))


def csv_rows(table: bytes, language: Language) -> list[list[str]]:
    text = table.decode("utf-8-sig")
    separator = ";" if language is Language.DE else ","
    return list(csv.reader(StringIO(text, newline=""), delimiter=separator))


@each_report
def test_every_dataset_is_recorded_as_it_is_asked_for(report: ReportType) -> None:
    for dataset in report.needs:
        file = FOLDER / report.name / "recorded" / f"{dataset.name}.json"
        answer = json.loads(file.read_text("utf-8"))
        assert (answer["path"], answer["query"]) == (dataset.path, dataset.query())
        assert recorded(report)[dataset.name], "an empty listing tests nothing"


@each_report
def test_every_text_is_said_in_both_languages(report: ReportType) -> None:
    found = texts(report)
    assert len(found) > 20
    for text in found:
        assert text.de.strip() == text.de != ""
        assert text.en.strip() == text.en != ""
        assert placeholders(text.de) == placeholders(text.en)


@each_report
def test_german_readers_are_addressed_politely(report: ReportType) -> None:
    familiar = re.compile(r"\b(du|dich|dir|dein\w*|euch|euer\w*|eure\w*)\b", re.IGNORECASE)
    assert not [text.de for text in texts(report) if familiar.search(text.de)]


@each_report
def test_what_is_declared_is_usable(report: ReportType) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", report.name)
    assert len({need.name for need in report.needs}) == len(report.needs)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    due = occurrences(
        report.cadence, ZoneInfo("Europe/Vienna"), after=start, until=start + timedelta(days=366)
    )
    assert len(list(islice(due, 2))) == 2


@each_report
def test_permissions_stand_in_the_manifest(report: ReportType) -> None:
    manifest = json.loads((generated.ROOT / generated.MANIFEST).read_text("utf-8"))
    assert manifest["reports"][report.name] == list(report.permissions)
    assert set(report.permissions) <= set(manifest["permissions"])


@each_report
@each_tenant
def test_filters_that_are_used_are_declared(
    report: ReportType, tenant: Tenants, runs: Runs
) -> None:
    runs.produce(report, recorded(report))
    made = runs.produce(report, tenant(report))
    content = made.content
    declared = [each.id for each in content.table.filters]
    assert len(set(declared)) == len(declared)
    assert {action.filter for action in content.actions} <= {*declared, None}
    assert {change.filter for change in content.changes} <= set(declared)
    assert set(made.lines.counts) <= set(declared)


@each_report
@each_tenant
def test_the_base_filter_covers_every_object_there_is(
    report: ReportType, tenant: Tenants, runs: Runs
) -> None:
    runs.produce(report, recorded(report))
    made = runs.produce(report, tenant(report))
    base = made.content.table.filters[0].id
    changed = {change.filter for change in made.content.changes}
    for line in made.lines:
        is_gone = line.memory is None and changed.intersection(line.filters)
        assert base in line.filters or is_gone
    keys = [line.key for line in made.lines]
    assert len(set(keys)) == len(keys) == made.lines.total


def fits(column: Column, cell: Cell) -> bool:
    count = isinstance(cell, int) and cell >= 0
    is_date = cell is NEVER or (isinstance(cell, datetime) and cell.tzinfo is not None)
    number = cell if isinstance(cell, int | float) and cell >= 0 else None
    fitting = {
        Kind.TEXT: type(cell) is str,
        Kind.PAIR: isinstance(cell, tuple) and len(cell) == 2 and column.small is not None,
        Kind.LIST: isinstance(cell, tuple),
        Kind.CHOICE: count and cast("int", cell) < len(column.options),
        Kind.COUNT: count and not column.options,
        Kind.DATE: is_date,
        Kind.MOMENT: is_date,
        Kind.SHARE: number is not None and number <= 1,
        Kind.SIZE: number is not None,
        Kind.DURATION: number is not None,
    }
    return cell is None or fitting[column.kind]


@each_report
@each_tenant
def test_cells_fit_their_columns(report: ReportType, tenant: Tenants, runs: Runs) -> None:
    made = runs.produce(report, tenant(report))
    columns = made.content.table.columns
    for line in made.lines:
        for column, cell in zip(columns, line.cells, strict=True):
            assert fits(column, cell), (column.label.en, cell)


@each_report
@each_tenant
def test_sentences_are_whole_for_none_one_two_and_many(
    report: ReportType, tenant: Tenants, runs: Runs
) -> None:
    runs.produce(report, recorded(report))
    made = runs.produce(report, tenant(report))
    german, english = ([*sentences(made, voice)] for voice in VOICES)
    assert not [s for s in german + english if re.search(r"\{\w*\}|\bNone\b", s)]
    # "1 guests"; "1 is open" is meant.
    assert not [s for s in english if re.search(r"\b1 (?!is|was|has)[a-z]+s\b", s)]
    for voice in VOICES:
        lead = made.content.lead
        for sentence in (lead.strong, lead.rest):
            assert sentence is None or voice.say(sentence).endswith(".")


@each_report
def test_metrics_are_told_apart(report: ReportType, runs: Runs) -> None:
    metrics = [kpi.metric for kpi in runs.produce(report, recorded(report)).content.kpis]
    assert 0 < len(metrics) <= 4
    assert len(set(metrics)) == len(metrics)


@each_report
def test_without_any_one_dataset_there_is_a_gap_or_no_report(
    report: ReportType, runs: Runs
) -> None:
    for dataset in report.needs:
        missing = gap(report, dataset.name)
        try:
            made = runs.produce(report, recorded(report), missing)
        except DatasetError as error:
            assert error.dataset == dataset.name  # noqa: PT017 - either is right
            continue
        assert made.status in (Status.INCOMPLETE, Status.BAD)
        assert [made.gap_title(each) for each in made.gaps] == [dataset.title]
        for rendering in RENDERINGS:
            assert rendered(rendering, made)


@each_report
def test_a_licence_that_not_everybody_needs_is_no_gap_but_a_sentence(
    report: ReportType, runs: Runs
) -> None:
    for extra in report.extras:
        assert {*extra.datasets} <= {*report.needs[1:]}
        unowned = [LicenceMissing(d.name, d.licence or "") for d in extra.datasets]
        assert all(error.detail for error in unowned)
        made = runs.produce(report, recorded(report), *unowned)
        assert (made.gaps, made.status is Status.INCOMPLETE) == ((), False)
        assert [text for _, text in made.content.notes].count(Message(extra.without)) == 1


@each_report
def test_no_licence_that_may_be_missing_makes_a_report_incomplete_for_good(
    report: ReportType,
) -> None:
    licensed = {d.name for d in report.needs if d.licence}
    assert licensed - {report.main.name} == report.not_for_all


def reports_with_a_gap(report: ReportType, runs: Runs) -> Iterator[Report]:
    """One for each dataset without which there is a report."""
    for dataset in report.needs:
        with suppress(DatasetError):
            yield runs.produce(report, recorded(report), gap(report, dataset.name))


@each_report
def test_what_nobody_knows_is_read_against_no_number(report: ReportType, runs: Runs) -> None:
    for made in reports_with_a_gap(report, runs):
        written = json.loads(rendered(JSON, made))["kpis"]
        for figure, kpi in zip(made.figures, written, strict=True):
            if figure.kpi.value is None:
                assert not re.search(r"\b0\b", kpi["base"]["en"])
                assert kpi["base"]["en"] == ENGLISH.say(figure.kpi.instead)


@each_report
def test_where_something_could_not_be_read_nothing_to_do_is_not_all_there_is(
    report: ReportType, runs: Runs
) -> None:
    for made in reports_with_a_gap(report, runs):
        page = rendered(HTML, made, Language.EN).decode()
        assert "There is nothing to do at the moment." not in page


@pytest.mark.parametrize(
    ("name", "dataset", "filter_id"),
    [
        ("admin-roles", "admin-sign-ins", "idle"),
        ("admin-roles", "admin-registrations", "without-mfa"),
        ("admin-roles", "role-schedules", "permanent"),
        ("guest-users", "guest-sign-ins", "idle"),
        ("guest-users", "guest-sponsors", "unsponsored"),
        ("guest-users", "role-assignments", "roles"),
        ("identity-risks", "risky-users", "users"),
        ("identity-risks", "risky-apps", "apps"),
        ("mfa-sspr", "member-sign-ins", "idle"),
        ("news", "licences", "concerns"),
        ("service-health", "licences", "used"),
        ("storage", "mailbox-usage", "exchange"),
    ],
)
def test_a_filter_of_what_could_not_be_read_has_no_count(
    name: str, dataset: str, filter_id: str, runs: Runs
) -> None:
    report = registry()[name]
    chip = f'data-filter="{filter_id}"'
    whole = runs.produce(report, recorded(report))
    assert chip in rendered(HTML, whole).decode()
    made = runs.produce(report, recorded(report), gap(report, dataset))
    assert made.count(filter_id) is None
    assert chip not in rendered(HTML, made).decode()


@each_report
def test_without_all_that_may_be_missing_the_rest_is_still_told(
    report: ReportType, runs: Runs
) -> None:
    with pytest.raises(DatasetError):
        runs.produce(report, {}, *(gap(report, need.name) for need in report.needs))


@each_report
@each_rendering
@each_language
@each_tenant
def test_every_rendering_says_everything(
    report: ReportType, rendering: Rendering, language: Language, tenant: Tenants, runs: Runs
) -> None:
    runs.produce(report, recorded(report))
    content = rendered(rendering, runs.produce(report, tenant(report)), language)
    if rendering.ending == "xlsx":
        found = "\n".join(cell_texts(content))
    elif rendering.ending in TEXT_FILES:
        found = content.decode("utf-8-sig")
        if rendering.ending == "html":
            found = re.sub(r"<(style|script)\b.*?</\1>", "", found, flags=re.DOTALL)
    elif rendering.ending == "pdf" and shutil.which("pdftotext"):
        found = text_of(content)
    else:
        pytest.skip(f"{rendering.ending} is not a text")
    # A guest of the hostile tenant is called {{ 7 * 7 }}.
    assert not re.search(r"\{[a-z_]+\}|\bNone\b", found)


@each_report
@each_tenant
def test_every_line_is_in_every_file(report: ReportType, tenant: Tenants, runs: Runs) -> None:
    made = runs.produce(report, tenant(report))
    files = {each.ending: each for each in RENDERINGS}
    machine = json.loads(rendered(files["json"], made))
    assert machine["schema"] == "1"
    assert machine["total"] == len(machine["lines"]) == made.lines.total
    for language in Language:
        rows = csv_rows(rendered(files["csv"], made, language), language)
        book = openpyxl.load_workbook(BytesIO(rendered(files["xlsx"], made, language)))
        assert len(rows) - 1 == made.lines.total
        assert len(list(book["Details"].iter_rows())) - 1 == made.lines.total
        assert {len(row) for row in rows} == {len(rows[0])}


@each_report
@each_language
def test_every_pdf_can_be_read_aloud(report: ReportType, language: Language, runs: Runs) -> None:
    runs.produce(report, recorded(report))
    assert is_conformant(rendered(PDF, runs.produce(report, recorded(report)), language))


@each_report
@each_language
@needs_poppler
def test_every_pdf_has_title_lead_and_table(
    report: ReportType, language: Language, runs: Runs
) -> None:
    made = runs.produce(report, recorded(report))
    pdf = rendered(PDF, made, language)
    voice = Voice.of(made.tenant, language)
    facts, found = facts_of(pdf), text_of(pdf)
    assert facts["Tagged"] == "yes"
    assert facts["Title"].startswith(f"{voice.say(report.title)} – Contoso GmbH – ")
    for said in (made.content.lead.strong, made.content.table.title):
        assert " ".join(voice.say(said).split()) in found


@each_report
def test_the_same_run_gives_the_same_bytes(report: ReportType, tmp_path: Path) -> None:
    def files() -> list[bytes]:
        with ExitStack() as resources:
            runs = Runs(tmp_path, resources)
            runs.produce(report, recorded(report))
            made = runs.produce(report, recorded(report))
            return [rendered(r, made, language) for r in RENDERINGS for language in Language]

    assert files() == files()


@each_report
def test_what_a_tenant_calls_itself_harms_nobody(report: ReportType, runs: Runs) -> None:
    made = runs.produce(report, hostile(report))
    files = {each.ending: rendered(each, made) for each in RENDERINGS}
    fields = [field for row in csv_rows(files["csv"], Language.DE) for field in row]
    assert any(field.startswith("'=") for field in fields)
    assert not [field for field in fields if looks_like_formula(field)]
    with ZipFile(BytesIO(files["xlsx"])) as book:
        sheets = [book.read(name) for name in book.namelist() if "/worksheets/" in name]
    assert not [sheet for sheet in sheets if b"<f" in sheet or b"<hyperlink" in sheet]
    assert json.loads(files["json"])["total"] == made.lines.total
    if "html" in files:
        assert b"<script>alert" not in files["html"]
        assert b"<img" not in files["html"]


@each_report
@each_rendering
def test_files_have_plain_names(report: ReportType, rendering: Rendering) -> None:
    for language in Language:
        part = "" if rendering.is_bilingual else f".{language}"
        name = download_name(
            period_end=datetime(2026, 11, 23, tzinfo=UTC),
            customer=CONTOSO.customer,
            report=report.name,
            artifact=f"report{part}.{rendering.ending}",
        )
        tail = part.replace(".", "_")
        assert name == f"2026-11-23_contoso-gmbh_{report.name}{tail}.{rendering.ending}"


def test_renderings_are_told_apart_by_their_endings() -> None:
    assert len({each.ending for each in RENDERINGS}) == len(RENDERINGS)
