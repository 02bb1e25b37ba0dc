"""XLSX: overview, all lines, changes and history, with typed cells; written row by row."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# XlsxWriter is typed in part, and ships no stubs.

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from shared_code.core.report import Column, Kind, Line, Report
from shared_code.core.text import Language, Message, Text, Value
from shared_code.rendering.cells import headings, looks_like_formula, printable, words
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.rendering import Rendering
from shared_code.rendering.wording import gap_sentence

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Excel's own bounds; dates before 1900 do not exist for it.
_MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767
_FIRST_DATE = datetime(1900, 1, 1, tzinfo=UTC)

_WIDTHS = {Kind.PAIR: 30, Kind.TEXT: 24, Kind.LIST: 30, Kind.CHOICE: 18, Kind.DATE: 16}
_NARROW = 12

_OVERVIEW = Text(de="Übersicht", en="Overview")
_DETAILS = Text(de="Details", en="Details")
_CHANGES = Text(de="Änderungen", en="Changes")
_HISTORY = Text(de="Verlauf", en="History")
_FACTS = {
    "customer": Text(de="Kunde", en="Customer"),
    "as_of": Text(de="Stand", en="As of"),
    "period": Text(de="Zeitraum", en="Period"),
    "compared": Text(de="Vergleich mit", en="Compared with"),
    "run": Text(de="Lauf", en="Run"),
}
_KPI = Text(de="Kennzahl", en="Key figure")
_VALUE = Text(de="Wert", en="Value")
_BASE = Text(de="Bezug", en="Base")
_PREVIOUS = Text(de="Zuletzt", en="Previously")
_NOTES = Text(de="Hinweise", en="Notes")
_END = Text(de="Ende des Zeitraums", en="End of period")
_CAPPED = Text(
    de="Excel fasst höchstens {n} Zeilen; alle stehen in der CSV-Datei.",
    en="Excel holds at most {n} rows; the CSV file has all.",
)


@dataclass(frozen=True, slots=True)
class _Formats:
    plain: "Format"
    bold: "Format"
    head: "Format"
    quoted: "Format"  # Excel shows an apostrophe in the bar and takes the text as it is
    date: "Format"
    number: "Format"
    share: "Format"


class _Sheet:
    """Writes downwards only: with constant memory a finished row is gone."""

    def __init__(self, sheet: "Worksheet", formats: _Formats, voice: Voice) -> None:
        self.sheet = sheet
        self._formats = formats
        self._voice = voice
        self.row = 0

    def head(self, labels: Iterable[str]) -> None:
        for column, label in enumerate(labels):
            self.sheet.write_string(self.row, column, label, self._formats.head)
        self.row += 1

    def line(
        self, values: Iterable[str | float | datetime], formats: "Format | None" = None
    ) -> None:
        for column, value in enumerate(values):
            self._write(column, value, formats)
        self.row += 1

    def say(self, *values: Value) -> None:
        self.line([self._voice.say(v) for v in values])

    def _write(self, column: int, value: str | float | datetime, given: "Format | None") -> None:
        match value:
            case datetime() if value >= _FIRST_DATE:
                day = value.replace(tzinfo=None)
                self.sheet.write_datetime(self.row, column, day, self._formats.date)
            case datetime():
                self._text(column, self._voice.date(value), given)
            case str():
                self._text(column, value, given)
            case _:
                self.sheet.write_number(self.row, column, value, given or self._formats.number)

    def _text(self, column: int, value: str, given: "Format | None") -> None:
        text = printable(value)[:_MOST_CHARACTERS]
        quoted = self._formats.quoted if looks_like_formula(text) else None
        self.sheet.write_string(self.row, column, text, quoted or given or self._formats.plain)


def write(report: Report, language: Language, out: BinaryIO) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - cold start

    book = Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
        },
    )
    voice = Voice(language, report.tenant.time_zone)
    formats = _formats(book)

    def sheet(title: Text) -> _Sheet:
        return _Sheet(book.add_worksheet(title[language]), formats, voice)

    _overview(sheet(_OVERVIEW), report, voice, formats)
    _table(sheet(_DETAILS), report, report.lines, voice)
    _table(sheet(_CHANGES), report, _changed(report), voice)
    _history(sheet(_HISTORY), report, voice)
    book.close()


def _formats(book: "Workbook") -> _Formats:
    return _Formats(
        plain=book.add_format(),
        bold=book.add_format({"bold": True}),
        head=book.add_format({"bold": True, "bg_color": "#0F4C6B", "font_color": "#FFFFFF"}),
        quoted=book.add_format({"quote_prefix": True}),
        date=book.add_format({"num_format": "dd.mm.yyyy", "align": "left"}),
        number=book.add_format({"num_format": "#,##0"}),
        share=book.add_format({"num_format": "0.0%"}),
    )


def _overview(sheet: _Sheet, report: Report, voice: Voice, formats: _Formats) -> None:
    sheet.sheet.set_column(0, 0, 40)
    sheet.sheet.set_column(1, 3, 36)
    sheet.line([voice.say(report.type.title)], formats.bold)
    lead = report.content.lead
    for sentence in (lead.strong, lead.rest):
        if sentence:
            sheet.say(sentence)
    sheet.row += 1
    for label, value in _facts(report, voice):
        sheet.line([voice.say(_FACTS[label]), value])
    sheet.row += 1
    _figures(sheet, report, voice, formats)
    if report.gaps or report.lines.total >= _MOST_ROWS:
        sheet.row += 1
        sheet.head([voice.say(_NOTES)])
    for gap in report.gaps:
        sheet.say(report.gap_title(gap), gap_sentence(gap, report))
    if report.lines.total >= _MOST_ROWS:
        sheet.say(Message(_CAPPED, {"n": _MOST_ROWS - 1}))
    sheet.row += 1
    for label, text in report.content.about:
        sheet.say(label, text)


def _facts(report: Report, voice: Voice) -> Iterable[tuple[str, str]]:
    compared, period = report.compared_with, report.period
    yield "customer", f"{report.tenant.customer} · {report.tenant.domain}"
    yield "as_of", voice.moment(report.as_of)
    yield "period", f"{voice.moment(period.start)} {DASH} {voice.moment(period.end)}"
    yield "compared", voice.date(compared) if compared else DASH
    yield "run", report.run_id


def _figures(sheet: _Sheet, report: Report, voice: Voice, formats: _Formats) -> None:
    sheet.head(voice.say(label) for label in (_KPI, _VALUE, _BASE, _PREVIOUS))
    for figure in report.figures:
        kpi = figure.kpi
        known = DASH if kpi.value is None else kpi.value
        before = figure.previous.value if figure.previous else DASH
        cells = [voice.say(kpi.label), known, voice.say(kpi.base), before]
        sheet.line(cells, formats.share if kpi.is_share else None)


def _table(sheet: _Sheet, report: Report, lines: Iterable[Line], voice: Voice) -> None:
    columns = report.content.table.columns
    labels = headings(columns, voice)
    for number, width in enumerate(_widths(columns)):
        sheet.sheet.set_column(number, number, width)
    sheet.sheet.freeze_panes(1, 1)
    sheet.head(labels)
    for line in lines:
        if sheet.row >= _MOST_ROWS:
            break
        cells = zip(columns, line.cells, strict=True)
        sheet.line(w for column, cell in cells for w in words(column, cell, voice))
    sheet.sheet.autofilter(0, 0, max(sheet.row - 1, 1), len(labels) - 1)


def _widths(columns: Iterable[Column]) -> Iterable[int]:
    for column in columns:
        width = _WIDTHS.get(column.kind, _NARROW)
        yield from (width, width) if column.kind is Kind.PAIR else (width,)


def _changed(report: Report) -> Iterable[Line]:
    filters = {change.filter for change in report.content.changes}
    return (line for line in report.lines if filters.intersection(line.filters))


def _history(sheet: _Sheet, report: Report, voice: Voice) -> None:
    labels = {figure.kpi.metric: voice.say(figure.kpi.label) for figure in report.figures}
    sheet.sheet.set_column(0, 1, 36)
    sheet.sheet.freeze_panes(1, 0)
    sheet.head(voice.say(label) for label in (_END, _KPI, _VALUE))
    for point in report.history:
        if point.metric in labels:
            sheet.line([voice.local(point.end), labels[point.metric], point.value])


XLSX = Rendering(
    ending="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=write,
)
