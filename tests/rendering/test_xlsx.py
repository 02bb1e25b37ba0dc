"""XLSX as Excel opens it: typed cells, no formulas, bounds kept; read back by two libraries."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from shared_code.core.chart import Unit
from shared_code.core.errors import Reason
from shared_code.core.metric import Point
from shared_code.core.privacy import Privacy
from shared_code.core.report import Report
from shared_code.core.run import Gap
from shared_code.core.table import NEVER, Column
from shared_code.core.text import Language, Message
from shared_code.rendering.xlsx import XLSX, write
from tests.rendering.tables import (
    GIB,
    HEADINGS,
    MEASURED,
    MEASURED_LINES,
    MONDAY,
    SUNDAY,
    MadeLines,
    figure,
    line,
    names,
    report_of,
    same,
)

SHEETS = {
    Language.DE: ["Übersicht", "Details", "Änderungen", "Verlauf"],
    Language.EN: ["Overview", "Details", "Changes", "History"],
}
DANGEROUS = ["=1+1", "=cmd|' /C calc'!A0", "+49 89", "-cmd", "@SUM(1)", "\t=1", "\r=1", "＝1"]

# What XlsxWriter's constant-memory mode would copy into the sheet as XML.
RAW = '<r></r></is></c><c r="Z9"><f>1+1</f><v>2</v></c><c r="Y9" t="inlineStr"><is><r></r>'


def written(report: Report, language: Language = Language.DE) -> bytes:
    out = BytesIO()
    XLSX.write(report, language, out)
    return out.getvalue()


def opened(report: Report, sheet: str = "Details", language: Language = Language.DE) -> Worksheet:
    found = openpyxl.load_workbook(BytesIO(written(report, language)))[sheet]
    assert isinstance(found, Worksheet)
    return found


def values(sheet: Worksheet) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def read(content: bytes, sheet: str = "Details") -> list[list[Any]]:
    """By the other library."""
    return CalamineWorkbook.from_object(BytesIO(content)).get_sheet_by_name(sheet).to_python()


def xml(content: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist() if ".xml" in name}


@pytest.mark.parametrize("language", Language)
def test_sheets_are_named_in_the_readers_language(language: Language) -> None:
    content = written(report_of(names("Ada")), language)
    assert openpyxl.load_workbook(BytesIO(content)).sheetnames == SHEETS[language]
    assert CalamineWorkbook.from_object(BytesIO(content)).sheet_names == SHEETS[language]


def test_cells_have_types() -> None:
    cells = ("Ada", "ada@adatum.example"), "Wien", 0, MONDAY, 1234567, ("Mara", "Theo")
    never = ("Ben", ""), None, None, NEVER, None, ()
    report = report_of([line(*cells), line(*never)])
    head, first, second = values(opened(report))
    assert head == HEADINGS
    assert first == [
        *("Ada", "ada@adatum.example", "Wien", "gut"),
        *(datetime(2026, 11, 23), 1234567, "Mara, Theo"),  # noqa: DTZ001 - so does Excel
    ]
    assert second == ["Ben", None, "unbekannt", "unbekannt", "nie", "unbekannt", None]
    _, same, _ = read(written(report))
    assert same == [*first[:4], date(2026, 11, 23), *first[5:]]


@pytest.mark.parametrize(
    ("language", "pattern"), [(Language.DE, "dd.mm.yyyy"), (Language.EN, "d mmm yyyy")]
)
def test_dates_look_as_readers_expect_and_have_no_hidden_time(
    language: Language, pattern: str
) -> None:
    report = report_of([line(None, None, None, SUNDAY, None, None)])
    cell = opened(report, language=language)["E2"]
    assert cell.number_format == pattern
    assert cell.value == datetime(2026, 11, 22)  # noqa: DTZ001 - so does Excel


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(1900, 3, 1, 12, tzinfo=UTC), datetime(1900, 3, 1)),  # noqa: DTZ001
        (datetime(9999, 12, 31, 12, tzinfo=UTC), datetime(9999, 12, 31)),  # noqa: DTZ001
        (datetime(1900, 2, 28, 12, tzinfo=UTC), "1900-02-28"),
        (datetime(1, 1, 1, 12, tzinfo=UTC), "0001-01-01"),
    ],
)
def test_days_that_excel_does_not_know_are_texts(moment: datetime, shown: object) -> None:
    report = report_of([line(None, None, None, moment, None, None)])
    assert opened(report)["E2"].value == shown


@pytest.mark.parametrize("name", DANGEROUS)
def test_what_looks_like_a_formula_is_quoted_text(name: str) -> None:
    cell = opened(report_of(names(name)))["A2"]
    assert cell.data_type == "s"
    assert unescape(cell.value) == name
    assert cell.quotePrefix


def test_names_and_numbers_in_a_text_are_not_quoted() -> None:
    sheet = opened(report_of(names("Ada", "-5", "a=1")))
    cells = [sheet[f"A{row}"] for row in (2, 3, 4)]
    assert [cell.value for cell in cells] == ["Ada", "-5", "a=1"]
    assert not any(cell.quotePrefix for cell in cells)


def test_no_text_becomes_xml_a_formula_or_a_link() -> None:
    hostile = [
        RAW,
        "<r>x</r>",
        *DANGEROUS,
        "https://contoso.example",
        "</t></is></c>",
        "]]>",
        "&amp;",
    ]
    content = written(report_of(names(*hostile)))
    for name, part in xml(content).items():
        assert not re.search(r"<f[ >]|<hyperlink", part), name
    shown = [row[0].strip(" ") for row in read(content)[1:]]
    assert shown == [name.strip(" ") for name in hostile]


@pytest.mark.parametrize("units", [32_767, 32_768, 40_000])
def test_a_text_that_ends_like_xml_where_it_is_cut_stays_text(units: int) -> None:
    body = "<r><f>1+1</f>"
    name = body + "x" * (32_767 - len(body) - 4) + "</r>"
    content = written(report_of(names(name + "y" * (units - 32_767))))
    assert "<f>" not in xml(content)["xl/worksheets/sheet2.xml"]
    assert opened(report_of(names(name)))["A2"].value.startswith(" <r><f>")


@pytest.mark.parametrize(
    ("name", "kept"),
    [("Ä" * 40_000, "Ä" * 32_767), ("😀" * 20_000, "😀" * 16_383), ("a" + "😀" * 20_000, "a" + "😀" * 16_383)],
    ids=["letters", "pairs", "half a pair"],
)  # fmt: skip
def test_texts_end_where_excels_cells_do(name: str, kept: str) -> None:
    assert opened(report_of(names(name)))["A2"].value == kept


@pytest.mark.parametrize("name", ["a\0b\x08c", "a\ufffeb\uffffc", "a\ud800b\udc00c"])
def test_characters_that_xml_does_not_know_are_dropped(name: str) -> None:
    assert opened(report_of(names(name)))["A2"].value == "abc"


@pytest.mark.parametrize("name", ["_x0041_", " a ", "\u202egpj.exe\u202c", "a\nb", "👩‍👩‍👧‍👦", "ﷺ"])
def test_other_characters_stay(name: str) -> None:
    assert unescape(opened(report_of(names(name)))["A2"].value) == name


def test_the_head_is_frozen_and_filtered() -> None:
    report = report_of(names("Ada", "Ben"))
    for name in ("Details", "Änderungen"):
        sheet = opened(report, name)
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == ("A1:G3" if name == "Details" else "A1:G2")
    assert opened(report_of()).auto_filter.ref == "A1:G2"


def test_changes_are_the_lines_behind_the_tiles() -> None:
    lines = [*names("Ada"), line(("Ben", ""), *[None] * 5, filters=("all", "added"))]
    assert [row[0] for row in values(opened(report_of(lines), "Änderungen"))] == ["Name", "Ben"]


def test_the_overview_says_what_was_found_and_what_was_not() -> None:
    gap = Gap(dataset="guests", reason=Reason.PERMISSION, detail="User.Read.All", since=MONDAY)
    figures = figure("total", 1234), figure("idle", None), figure("share", 0.925, unit=Unit.SHARE)
    sheet = opened(report_of(figures=figures, gaps=(gap,)), "Übersicht")
    rows = [[cell for cell in row if cell is not None] for row in values(sheet)]
    assert rows[:2] == [["Probe"], ["Ein Satz."]]
    assert ["Status", "Beobachten"] in rows
    assert ["Kunde", "Contoso GmbH · contoso.example"] in rows
    assert ["Stand", "23.11.2026, 00:00\u00a0Uhr"] in rows
    assert ["Zeitraum", "16.11.2026, 00:00\u00a0Uhr – 23.11.2026, 00:00\u00a0Uhr"] in rows
    assert ["Vergleich mit", "Erster Bericht – Vergleich ab dem nächsten Lauf"] in rows
    assert ["Total", 1234, "von 5", "–"] in rows
    assert ["Idle", "unbekannt", "nicht feststellbar", "–"] in rows
    assert ["Share", 0.925, "von 5", "–"] in rows
    [share] = [cell for row in sheet.iter_rows() for cell in row if cell.value == 0.925]
    assert share.number_format == "0.0 %"
    [note] = [row for row in rows if row[:1] == ["Gastbenutzer"]]
    assert note[1].startswith("Seit 23.11.2026: Es fehlt eine Leseberechtigung (User.Read.All).")


def test_what_is_measured_is_a_number_and_moments_have_a_time() -> None:
    head, _, unknown = values(opened(report_of(MEASURED_LINES, columns=MEASURED)))
    assert head == ["Wann", "Anteil", "Größe (GB)", "Dauer (Min.)"]
    assert unknown == ["unbekannt"] * 4
    sheet = opened(report_of(MEASURED_LINES, columns=MEASURED))
    cells = [sheet[f"{column}2"] for column in "ABCD"]
    assert [cell.value for cell in cells] == [
        datetime(2026, 11, 22, 23, 59),  # noqa: DTZ001 - so does Excel
        *(0.925, 1.5, 90),
    ]
    formats = ["dd.mm.yyyy hh:mm", "0.0 %", "#,##0.000", "#,##0"]
    assert [cell.number_format for cell in cells] == formats


def test_english_readers_see_moments_and_minutes_as_they_write_them() -> None:
    sheet = opened(report_of(MEASURED_LINES, columns=MEASURED), language=Language.EN)
    assert sheet["D1"].value == "Dauer (min)"
    assert sheet["A2"].number_format == "d mmm yyyy hh:mm"


def test_a_moment_that_excel_does_not_know_is_a_text_and_never_is_a_word() -> None:
    ancient = datetime(1, 1, 1, 12, tzinfo=UTC)
    lines = [line(ancient, None, None, None), line(NEVER, None, None, None)]
    sheet = opened(report_of(lines, columns=MEASURED))
    assert [sheet["A2"].value, sheet["A3"].value] == ["0001-01-01 13:05", "nie"]


def test_key_figures_say_what_they_count() -> None:
    figures = (
        figure("size", 1.5 * GIB, unit=Unit.SIZE),
        figure("time", 5400, unit=Unit.DURATION),
    )
    history = Point("size", SUNDAY, GIB), Point("time", SUNDAY, 60)
    report = report_of(figures=figures, history=history)
    overview = {row[0].value: row[1] for row in opened(report, "Übersicht").iter_rows()}
    assert (overview["Size"].value, overview["Time"].value) == (1.5, 90)
    assert overview["Size"].number_format == '#,##0.000" GB"'
    assert overview["Time"].number_format == '#,##0" Min."'
    past = opened(report, "Verlauf")
    assert [past["C2"].value, past["C3"].value] == [1, 1]
    assert past["C2"].number_format == '#,##0.000" GB"'


def test_details_of_a_line_are_columns_like_others() -> None:
    columns = Column(label=same("Name")), Column(label=same("Mehr"), detail=True)
    sheet = opened(report_of([line("Ada", "alles")], columns=columns))
    assert values(sheet) == [["Name", "Mehr"], ["Ada", "alles"]]


def test_the_overview_has_the_notes() -> None:
    report = report_of()
    noted = replace(report.content, notes=((same("Namen"), Message(same("sind verborgen"))),))
    rows = values(opened(replace(report, content=noted), "Übersicht"))
    assert ["Namen", "sind verborgen"] in [row[:2] for row in rows]


def test_where_nobody_is_listed_there_are_no_sheets_of_lines() -> None:
    report = replace(report_of(figures=(figure("total", 12),)), privacy=Privacy.AGGREGATE)
    book = openpyxl.load_workbook(BytesIO(written(report)))
    assert book.sheetnames == ["Übersicht", "Verlauf"]


def test_the_history_has_every_point_of_the_key_figures() -> None:
    history = (
        Point("total", SUNDAY, 12),
        Point("share", MONDAY, 0.5),
        Point("gone from the report", MONDAY, 1),
    )
    figures = figure("total", 13), figure("share", 0.5, unit=Unit.SHARE)
    sheet = opened(report_of(figures=figures, history=history), "Verlauf")
    assert values(sheet) == [
        ["Ende des Zeitraums", "Kennzahl", "Wert"],
        [datetime(2026, 11, 22), "Total", 12],  # noqa: DTZ001 - so does Excel
        [datetime(2026, 11, 23), "Share", 0.5],  # noqa: DTZ001
    ]
    assert [sheet[f"C{row}"].number_format for row in (2, 3)] == ["#,##0", "0.0 %"]


@pytest.mark.parametrize(("count", "kept"), [(3, 3), (4, 3), (1000, 3)])
def test_what_a_sheet_cannot_hold_is_noted(count: int, kept: int) -> None:
    lines = names(*(f"Ada {n}" for n in range(count)))
    out = BytesIO()
    write(report_of(lines), Language.DE, out, most_rows=4)
    assert len(read(out.getvalue())) - 1 == kept
    note = "Excel fasst höchstens 3 Zeilen; alle stehen in der CSV-Datei."
    overview = [cell for row in read(out.getvalue(), "Übersicht") for cell in row]
    assert (note in overview) is (count > kept)


def test_a_workbook_of_twenty_thousand_lines_opens() -> None:
    one = line(("Ada", "ada@adatum.example"), "Wien", 0, MONDAY, 7, ("Mara",))
    report = report_of(MadeLines(20_000, lambda: (one for _ in range(20_000))))
    rows = read(written(report))
    assert len(rows) == 20_001
    assert rows[1] == rows[-1] == [
        *("Ada", "ada@adatum.example", "Wien", "gut", date(2026, 11, 23), 7.0, "Mara")
    ]  # fmt: skip


def test_the_workbook_says_who_made_it_and_when_the_data_was_read() -> None:
    properties = openpyxl.load_workbook(BytesIO(written(report_of()))).properties
    assert properties.created == MONDAY.replace(tzinfo=None)
    assert "Pro-Active Services" in xml(written(report_of()))["docProps/app.xml"]
