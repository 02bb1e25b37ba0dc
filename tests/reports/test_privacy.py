"""Where a tenant wants no names, none stands in any file, nor in what the next run compares with."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast
from zipfile import ZipFile

import pytest

from shared_code.core import terms
from shared_code.core.privacy import Privacy
from shared_code.core.report import Report, ReportType
from shared_code.core.text import Language, Message
from shared_code.rendering.csv import CSV
from shared_code.rendering.html import HTML
from shared_code.rendering.json import JSON
from shared_code.rendering.wording import headline
from shared_code.rendering.xlsx import XLSX
from shared_code.reports import registry
from tests.reports.runs import Runs, recorded, rendered

_ADDRESSES = {"userPrincipalName", "mail", "User Principal Name", "Owner Principal Name"}
_NAMES = {"userDisplayName", "Display Name", "Owner Display Name", "ipAddress"}

each_report = pytest.mark.parametrize("report", registry().values(), ids=lambda r: r.name)
each_mode = pytest.mark.parametrize("mode", [Privacy.PSEUDONYMOUS, Privacy.AGGREGATE])


def people(value: object) -> Iterator[str]:
    """What names somebody in recorded rows: addresses by what stands before the domain."""
    if isinstance(value, list):
        for each in cast("list[object]", value):
            yield from people(each)
    if not isinstance(value, dict):
        return
    row = cast("dict[str, Any]", value)
    is_person = bool(_ADDRESSES & row.keys())
    for name, each in row.items():
        if isinstance(each, str) and name in _ADDRESSES:
            yield each.partition("@")[0].partition("#")[0]
        elif isinstance(each, str) and (name in _NAMES or (is_person and name == "displayName")):
            yield each
        elif name == "sponsors":
            sponsors = cast("list[dict[str, str | None]]", each)
            yield from (sponsor["displayName"] or "" for sponsor in sponsors)
        else:
            yield from people(each)


def files(report: Report) -> Iterator[str]:
    for language in Language:
        for rendering in (HTML, CSV, JSON):
            yield rendered(rendering, report, language).decode()
        with ZipFile(BytesIO(rendered(XLSX, report, language))) as book:
            yield from (book.read(name).decode() for name in book.namelist())
    yield from headline(report).values()


@each_report
@each_mode
def test_nobody_is_named(report: ReportType, mode: Privacy, runs: Runs) -> None:
    runs.privacy = mode
    listings = recorded(report)
    named = {name.casefold() for name in people(list(listings.values())) if len(name) > 3}
    for _ in range(2):
        made = runs.produce(report, listings)
        assert runs.memory
        written = "\n".join(files(made)).casefold() + repr(runs.memory.read_bytes()).casefold()
        assert not [name for name in named if name in written]
        for language in Language:
            digest = str(made.content.digest).casefold() + str(made.content.lead).casefold()
            assert not [name for name in named if name in digest], language


@each_report
def test_codes_in_place_of_names_are_explained_once(report: ReportType, runs: Runs) -> None:
    runs.privacy = Privacy.PSEUDONYMOUS
    made = runs.produce(report, recorded(report))
    titles = [title for title, _ in made.content.notes]
    assert titles.count(terms.PRIVACY) == made.content.table.is_personal
    runs.privacy = Privacy.NAMED
    named = runs.produce(report, recorded(report))
    assert Message(terms.PSEUDONYMS) not in (text for _, text in named.content.notes)


@each_report
def test_aggregates_list_nobody_and_keep_the_figures(report: ReportType, runs: Runs) -> None:
    runs.privacy = Privacy.AGGREGATE
    made = runs.produce(report, recorded(report))
    assert list(made.lines) == []
    assert any(figure.kpi.value is not None for figure in made.figures)
    assert all(action.filter is None for action in made.content.actions)
    again = runs.produce(report, recorded(report))
    assert again.compared_with, "what changed is still counted"
