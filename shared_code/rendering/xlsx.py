"""XLSX: overview, all lines, changes and history, with typed cells; written row by row."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# XlsxWriter is typed in part, and ships no stubs.

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, BinaryIO

from shared_code.core.chart import Unit
from shared_code.core.report import Report
from shared_code.core.table import Column, Kind, Line
from shared_code.core.text import Language, Text, Value, message
from shared_code.rendering.cells import (
    UNKNOWN_WORD,
    Quantity,
    Word,
    headings,
    looks_like_formula,
    printable,
    quantity,
    sign,
    words,
)
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import FIGURES, PAGE, STATUS
from shared_code.rendering.rendering import Rendering
from shared_code.rendering.wording import gap_sentence

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Excel's own bounds: rows of a sheet, and UTF-16 units of a cell.
_MOST_ROWS = 1_048_576
_MOST_UNITS = 32_767

# Excel counts days, and from March 1900 on without a mistake (it knows a 29 February 1900).
_FIRST_DATE = date(1900, 3, 1)
_DAY_ZERO = date(1899, 12, 30).toordinal()

_MINUTES = 24 * 60

_DATE = {Language.DE: "dd.mm.yyyy", Language.EN: "d mmm yyyy"}
_QUANTITIES = {Unit.SHARE: "0.0 %", Unit.SIZE: "#,##0.000", Unit.DURATION: "#,##0"}
_WIDTHS = {
    Kind.PAIR: 30,
    Kind.TEXT: 24,
    Kind.LIST: 30,
    Kind.CHOICE: 18,
    Kind.DATE: 16,
    Kind.MOMENT: 18,
}
_NARROW = 12
# Of the name of a fact or key figure, its value, what that is read against, and the value before.
_OVERVIEW_WIDTHS = (40, 32, 56, 20)

# Of the overview's paragraphs: height of a line in points, and letters that fit.
_LINE, _LINE_LENGTH = 15, 100

_OVERVIEW = Text(de="Übersicht", en="Overview")
_DETAILS = Text(de="Details", en="Details")
_CHANGES = Text(de="Änderungen", en="Changes")
_HISTORY = Text(de="Verlauf", en="History")
_STATUS = Text(de="Status", en="Status")
_CUSTOMER = Text(de="Kunde", en="Customer")
_PERIOD = Text(de="Zeitraum", en="Period")
_RUN = Text(de="Lauf", en="Run")
_NOTES = Text(de="Hinweise", en="Notes")
_END = Text(de="Ende des Zeitraums", en="End of period")
_CAPPED = Text(
    de="Excel fasst höchstens {n} Zeilen; alle stehen in der CSV-Datei.",
    en="Excel holds at most {n} rows; the CSV file has all.",
)


@dataclass(frozen=True, slots=True)
class _Formats:
    bold: "Format"
    wrapped: "Format"
    head: "Format"
    quoted: "Format"  # Excel shows an apostrophe in the bar and takes the text as it is
    date: "Format"
    moment: "Format"
    number: "Format"
    quantities: Mapping[Unit, "Format"]
    signed: Mapping[Unit, "Format"]  # where no heading says what the numbers count


class _Sheet:
    """Writes downwards only: with constant memory a finished row is gone."""

    def __init__(self, sheet: "Worksheet", formats: _Formats, voice: Voice) -> None:
        self.sheet = sheet
        self.formats = formats
        self.voice = voice
        self.row = 0

    def head(self, *labels: Text) -> None:
        self.line(map(self.voice.say, labels), self.formats.head)

    def line(
        self, values: Iterable[Word], given: "Format | None" = None, *, signed: bool = False
    ) -> None:
        """`given` is for texts; numbers and dates have formats of their own."""
        for column, value in enumerate(values):
            if isinstance(value, str):
                self._text(column, value, given)
            elif isinstance(value, date):
                self._date(column, value, given)
            elif isinstance(value, Quantity):
                forms = self.formats.signed if signed else self.formats.quantities
                self.sheet.write_number(self.row, column, value.value, forms[value.unit])
            else:
                self.sheet.write_number(self.row, column, value, self.formats.number)
        self.row += 1

    def say(self, *values: Value) -> None:
        self.line([self.voice.say(v) for v in values])

    def paragraph(self, label: Text, text: Value) -> None:
        """Over the columns of the overview, as many lines as it takes."""
        said = _defused(self.voice.say(text))
        self.sheet.set_row(self.row, _LINE * ceil(len(said) / _LINE_LENGTH))
        self._text(0, self.voice.say(label), self.formats.wrapped)
        self.sheet.merge_range(self.row, 1, self.row, 3, said, self.formats.wrapped)
        self.row += 1

    def _date(self, column: int, value: date, given: "Format | None") -> None:
        is_moment = isinstance(value, datetime)
        if (value.date() if is_moment else value) < _FIRST_DATE:
            self._text(column, value.isoformat(*(" ", "minutes") if is_moment else ()), given)
            return
        days = value.toordinal() - _DAY_ZERO
        if is_moment:
            days += (value.hour * 60 + value.minute) / _MINUTES
        form = self.formats.moment if is_moment else self.formats.date
        self.sheet.write_number(self.row, column, days, form)

    def _text(self, column: int, value: str, given: "Format | None") -> None:
        text = _defused(value)
        form = self.formats.quoted if looks_like_formula(text) else given
        if text:  # an empty text would count as a value
            self.sheet.write_string(self.row, column, text, form)


def _defused(value: str) -> str:
    text = printable(value)
    # XlsxWriter's constant-memory mode takes what stands between these marks for XML of its own.
    if text.startswith("<r>"):
        text = f" {text}"
    if len(text) > _MOST_UNITS // 2:
        text = text.encode("utf-16-le")[: _MOST_UNITS * 2].decode("utf-16-le", "ignore")
    return text


def write(
    report: Report, language: Language, out: BinaryIO, *, most_rows: int = _MOST_ROWS
) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - cold start

    book = Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "use_zip64": True,
        },
    )
    # Else it would write down the time of rendering.
    created = report.as_of.replace(tzinfo=None)
    book.set_properties({"company": report.brand, "created": created})
    voice = Voice.of(report.tenant, language)
    formats = _formats(book, voice)

    def sheet(title: Text) -> _Sheet:
        return _Sheet(book.add_worksheet(title[language]), formats, voice)

    columns = report.content.table.columns
    _overview(sheet(_OVERVIEW), report, most_rows)
    if report.lists_people:
        _table(sheet(_DETAILS), columns, report.lines, most_rows)
        _table(sheet(_CHANGES), columns, _changed(report), most_rows)
    _history(sheet(_HISTORY), report)
    book.close()


def _formats(book: "Workbook", voice: Voice) -> _Formats:
    day = _DATE[voice.language]
    return _Formats(
        bold=book.add_format({"bold": True}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        head=book.add_format({"bold": True, "bg_color": "#0F4C6B", "font_color": "#FFFFFF"}),
        quoted=book.add_format({"quote_prefix": True}),
        date=book.add_format({"num_format": day, "align": "left"}),
        moment=book.add_format({"num_format": f"{day} hh:mm", "align": "left"}),
        number=book.add_format({"num_format": "#,##0"}),
        quantities={u: book.add_format({"num_format": p}) for u, p in _QUANTITIES.items()},
        signed={u: book.add_format({"num_format": _signed(u, voice)}) for u in _QUANTITIES},
    )


def _signed(unit: Unit, voice: Voice) -> str:
    pattern = _QUANTITIES[unit]
    return pattern if unit is Unit.SHARE else f'{pattern}" {sign(unit, voice)}"'


def _overview(sheet: _Sheet, report: Report, most_rows: int) -> None:
    for column, width in enumerate(_OVERVIEW_WIDTHS):
        sheet.sheet.set_column(column, column, width)
    sheet.line([sheet.voice.say(report.type.title)], sheet.formats.bold)
    lead = report.content.lead
    for sentence in (lead.strong, lead.rest):
        if sentence:
            sheet.say(sentence)
    sheet.row += 1
    for label, value in _facts(report, sheet.voice):
        sheet.line([sheet.voice.say(label), value])
    sheet.row += 1
    _figures(sheet, report)
    _notes(sheet, report, most_rows)
    sheet.row += 1
    for label, text in report.content.about:
        sheet.paragraph(label, text)


def _facts(report: Report, voice: Voice) -> Iterable[tuple[Text, str]]:
    compared, period = report.compared_with, report.period
    yield _STATUS, voice.say(STATUS[report.status][-1])
    yield _CUSTOMER, f"{report.tenant.customer} · {report.tenant.domain}"
    yield PAGE["as_of"], voice.moment(report.as_of)
    yield _PERIOD, f"{voice.moment(period.start)} {DASH} {voice.moment(period.end)}"
    yield PAGE["compared"], voice.say(compared or PAGE["first"])
    yield _RUN, report.run_id


def _figures(sheet: _Sheet, report: Report) -> None:
    say = sheet.voice.say
    sheet.head(*FIGURES)
    for figure in report.figures:
        kpi, previous = figure.kpi, figure.previous
        known = say(UNKNOWN_WORD) if kpi.value is None else quantity(kpi.value, kpi.unit)
        before = quantity(previous.value, kpi.unit) if previous else DASH
        sheet.line([say(kpi.label), known, say(kpi.note), before], signed=True)


def _notes(sheet: _Sheet, report: Report, most_rows: int) -> None:
    is_capped = report.lines.total >= most_rows
    if report.content.notes or report.gaps or is_capped:
        sheet.row += 1
        sheet.head(_NOTES)
    for label, text in report.content.notes:
        sheet.paragraph(label, text)
    for gap in report.gaps:
        sheet.paragraph(report.gap_title(gap), gap_sentence(gap, report))
    if is_capped:
        sheet.say(message(_CAPPED, n=most_rows - 1))


def _table(sheet: _Sheet, columns: Sequence[Column], lines: Iterable[Line], most_rows: int) -> None:
    for number, width in enumerate(_widths(columns)):
        sheet.sheet.set_column(number, number, width)
    labels = headings(columns, sheet.voice)
    sheet.sheet.freeze_panes(1, 1)
    sheet.line(labels, sheet.formats.head)
    for line in islice(lines, most_rows - 1):
        sheet.line(words(columns, line.cells, sheet.voice))
    sheet.sheet.autofilter(0, 0, max(sheet.row - 1, 1), len(labels) - 1)


def _widths(columns: Iterable[Column]) -> Iterable[int]:
    for column in columns:
        width = _WIDTHS.get(column.kind, _NARROW)
        yield from (width, width) if column.kind is Kind.PAIR else (width,)


def _changed(report: Report) -> Iterable[Line]:
    filters = {change.filter for change in report.content.changes}
    return (line for line in report.lines if not filters.isdisjoint(line.filters))


def _history(sheet: _Sheet, report: Report) -> None:
    kpis = {figure.kpi.metric: figure.kpi for figure in report.figures}
    sheet.sheet.set_column(0, 1, 36)
    sheet.sheet.freeze_panes(1, 0)
    sheet.head(_END, *FIGURES[:2])
    for point in report.history:
        kpi = kpis.get(point.metric)
        if kpi:
            day = sheet.voice.local(point.end).date()
            value = quantity(point.value, kpi.unit)
            sheet.line([day, sheet.voice.say(kpi.label), value], signed=True)


XLSX = Rendering(
    ending="xlsx",
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    write=write,
)
