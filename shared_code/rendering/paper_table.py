"""The table on paper: its most important lines, in columns that hold any word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from shared_code.core.chart import Unit
from shared_code.core.report import Report
from shared_code.core.table import NEVER, Cell, Column, Kind
from shared_code.core.text import Text, Value, message
from shared_code.rendering.cells import printable, shown
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PAGE

# Ten pages. The Excel file has all, and each line takes 130 KB while the PDF is typeset.
MOST_LINES = 300

_WIDTHS: Mapping[Kind, float] = {
    Kind.PAIR: 2.7,
    Kind.TEXT: 1.5,
    Kind.LIST: 1.6,
    Kind.CHOICE: 1.3,
    Kind.DATE: 1.3,
    Kind.MOMENT: 1.4,
}
_NARROW = 1.15
_MOST_UPRIGHT = 12.75
_UNITS: Mapping[Kind, Unit] = {
    Kind.COUNT: Unit.COUNT,
    Kind.SHARE: Unit.SHARE,
    Kind.SIZE: Unit.SIZE,
    Kind.DURATION: Unit.DURATION,
}

# Points: what an A4 page, upright or on its side, leaves for columns; sizes of letters.
_UPRIGHT, _SIDEWAYS, _INSET = 504, 751, 8
_LETTER, _SMALL_LETTER = 8.0, 6.1

# Widths of bold letters, as parts of their size; of others it is an upper bound.
_SLIM, _WIDE, _CAPITAL, _USUAL = 0.4, 1.0, 0.78, 0.62
_SLIM_LETTERS = frozenset("fijlrtI.,:;'|!()[]/- ")
_WIDE_LETTERS = frozenset("mwMW@%–—…")

_LONGEST = 250
_GAPS = re.compile(r"[\t\r\n\x85\u2028\u2029]+")
_WORD = re.compile(r"\S+")
_BREAKS = re.compile(r"(?<=[.@_-])(?=.)")
_MAY_BREAK = "\u200b"

_CAPPED = Text(
    de="Die ersten {n} von {all} Zeilen, die wichtigsten zuerst. Alle Zeilen und Spalten stehen in der Excel-Datei.",
    en="The first {n} of {all} rows, the most important first. All rows and columns are in the Excel file.",
)
_FEWER_COLUMNS = Text(
    de="Weitere Spalten stehen in der Excel-Datei.", en="The Excel file has further columns."
)

type Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Place:
    """A column on paper: its number in the table, its share of the width, and points for text."""

    column: Column
    number: int
    width: float
    room: float


def table_fields(report: Report, voice: Voice, *, most_lines: int = MOST_LINES) -> Fields:
    """What the template calls `r.table`."""
    table = report.content.table
    base = table.filters[0].id
    places = _places(table.columns)
    lines = islice((line for line in report.lines if base in line.filters), most_lines)
    return {
        "title": clean(voice.say(table.title)),
        "note": _note(report, voice, most_lines),
        "is_wide": _is_wide(places),
        "columns": [
            {
                "label": clean(voice.say(place.column.label)),
                "width": place.width,
                "is_number": place.column.kind in _UNITS,
            }
            for place in places
        ],
        "rows": [
            [_cell(place, line.cells[place.number], voice) for place in places] for line in lines
        ],
    }


def _places(columns: Sequence[Column]) -> tuple[_Place, ...]:
    """Without what the page shows when a line is opened."""
    kept = [(n, column) for n, column in enumerate(columns) if not column.detail]
    widths = [_WIDTHS.get(column.kind, _NARROW) for _, column in kept]
    page = _SIDEWAYS if sum(widths) > _MOST_UPRIGHT else _UPRIGHT
    return tuple(
        _Place(column, number, width, width / sum(widths) * page - _INSET)
        for (number, column), width in zip(kept, widths, strict=True)
    )


def _is_wide(places: Sequence[_Place]) -> bool:
    return sum(place.width for place in places) > _MOST_UPRIGHT


def _note(report: Report, voice: Voice, most_lines: int) -> str:
    table = report.content.table
    total = report.lines.counts.get(table.filters[0].id, 0)
    if total > most_lines:
        values: dict[str, Value] = {"n": most_lines, "all": total}
        return voice.say(message(_CAPPED, **values))
    return voice.say(_FEWER_COLUMNS) if any(c.detail for c in table.columns) else ""


def _cell(place: _Place, cell: Cell, voice: Voice) -> str | dict[str, str | None]:
    match place.column.kind, cell:
        case Kind.CHOICE, int():
            option = place.column.options[cell]
            return {"text": shown(option, voice), "tone": option.tone}
        case Kind.PAIR, (str() as main, str() as small):
            below = broken(clean(small), place.room, _SMALL_LETTER)
            return {"text": broken(clean(main), place.room) or DASH, "below": below}
        case kind, int() | float():
            return voice.measure(cell, _UNITS.get(kind, Unit.COUNT))
        case kind, datetime():
            return voice.moment(cell) if kind is Kind.MOMENT else voice.date(cell)
        case _:
            return broken(clean(_text(cell, voice)), place.room) or DASH


def _text(cell: Cell, voice: Voice) -> str:
    if cell is NEVER:
        return voice.say(PAGE["never"])
    if cell is None:
        return DASH
    return ", ".join(cell) if isinstance(cell, tuple) else str(cell)


def clean(text: str, *, longest: int = _LONGEST) -> str:
    """One line without what no font shows, and not endless."""
    line = printable(_GAPS.sub(" ", text))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def broken(text: str, room: float, size: float = _LETTER) -> str:
    """Words wider than `room` may break, after a mark if they have one.

    Others may not: whoever copies an address from the PDF would copy the break with it.
    """
    return _WORD.sub(lambda word: _MAY_BREAK.join(_pieces(word[0], room / size)), text)


def _pieces(word: str, room: float) -> Iterator[str]:
    if _width(word) <= room:
        yield word
        return
    held = ""
    for part in _BREAKS.split(word):
        for piece in _fitting(part, room):
            if held and _width(held + piece) > room:
                yield held
                held = ""
            held += piece
    yield held


def _fitting(part: str, room: float) -> Iterator[str]:
    start, width = 0, 0.0
    for end, letter in enumerate(part):
        width += _width(letter)
        if width > room and end > start:
            yield part[start:end]
            start, width = end, _width(letter)
    yield part[start:]


def _width(word: str) -> float:
    return sum(map(_letter_width, word))


def _letter_width(letter: str) -> float:
    if letter in _SLIM_LETTERS:
        return _SLIM
    if letter in _WIDE_LETTERS or letter > "\u2000":
        return _WIDE
    return _CAPITAL if letter.isupper() else _USUAL
