"""What a cell says in a file, and how text from a tenant is kept from being taken for a formula."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from shared_code.core.report import NEVER, Cell, Column, Kind, Option
from shared_code.core.text import Language, Text
from shared_code.rendering.language import DASH, Voice

type Word = str | float | date

NEVER_WORD = Text(de="nie", en="never")
UNKNOWN_WORD = Text(de="unbekannt", en="unknown")

# As Excel takes it in a reader's language.
SEPARATOR = {Language.DE: ";", Language.EN: ","}

# OWASP: spreadsheets take a text that begins so for a formula; some of them, full-width signs too.
_DANGEROUS = frozenset("=+-@\t\r\n\0＝＋－＠")
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def looks_like_formula(text: str) -> bool:
    return text[:1] in _DANGEROUS and _NUMBER.fullmatch(text) is None


def printable(text: str) -> str:
    """Without the characters that no file format of ours may hold."""
    return text if text.isprintable() else _UNPRINTABLE.sub("", text)


def style(column: Column) -> str:
    """Style classes of its cells on the page."""
    return f"{column.kind} secondary" if column.secondary else column.kind


def shown(option: Option, voice: Voice) -> str:
    """On the page; the usual case is a dash, so that the others stand out."""
    return f"{option.glyph} {voice.say(option.label)}".strip() if option.is_notable else DASH


def headings(columns: Sequence[Column], voice: Voice) -> list[str]:
    """A PAIR takes two columns."""
    labels = ((c.label, c.small) if c.kind is Kind.PAIR else (c.label,) for c in columns)
    return [voice.say(label) for pair in labels for label in pair if label]


def words(columns: Sequence[Column], cells: Sequence[Cell], voice: Voice) -> list[Word]:
    """One line for the file's own types; dates are local, never and unknown are words."""
    pairs = zip(columns, cells, strict=True)
    return [word for column, cell in pairs for word in _words(column, cell, voice)]


def _words(column: Column, cell: Cell, voice: Voice) -> tuple[Word, ...]:
    if cell is None:
        return (UNKNOWN_WORD[voice.language],) * (2 if column.kind is Kind.PAIR else 1)
    if isinstance(cell, tuple):
        parts = cell if column.kind is Kind.PAIR else (", ".join(cell),)
        return tuple(map(printable, parts))
    return (_word(column, cell, voice),)


def _word(column: Column, cell: str | float | datetime, voice: Voice) -> Word:
    if cell is NEVER:
        return NEVER_WORD[voice.language]
    if isinstance(cell, str):
        return printable(cell)
    if isinstance(cell, datetime):
        return voice.local(cell).date()
    return column.options[int(cell)].label[voice.language] if column.options else cell
