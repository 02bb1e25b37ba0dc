"""What a cell says in a file, and how text from a tenant is kept from being taken for a formula."""

import re
from collections.abc import Sequence
from datetime import datetime

from shared_code.core.report import NEVER, Cell, Column, Kind
from shared_code.core.text import Text
from shared_code.rendering.language import Voice

NEVER_WORD = Text(de="nie", en="never")
UNKNOWN_WORD = Text(de="unbekannt", en="unknown")

# OWASP: spreadsheets take a text that begins so for a formula.
_FORMULA = re.compile(r"[=+\-@\t\r\0]")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def looks_like_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def printable(text: str) -> str:
    """Without the characters that no file format of ours may hold."""
    return _CONTROL.sub("", text)


def headings(columns: Sequence[Column], voice: Voice) -> list[str]:
    """A PAIR takes two columns."""
    labels = ((c.label, c.small) if c.kind is Kind.PAIR else (c.label,) for c in columns)
    return [voice.say(label) for pair in labels for label in pair if label]


def words(  # noqa: PLR0911 - one for each kind
    column: Column, cell: Cell, voice: Voice
) -> tuple[str | int | datetime, ...]:
    """Text, number or local time for the file's own type; never and unknown are words."""
    if cell is None:
        return (UNKNOWN_WORD[voice.language],) * (2 if column.kind is Kind.PAIR else 1)
    match column.kind, cell:
        case Kind.PAIR, (str() as main, str() as small):
            return printable(main), printable(small)
        case Kind.LIST, tuple():
            return (printable(", ".join(cell)),)
        case Kind.CHOICE, int():
            return (voice.say(column.options[cell].label),)
        case Kind.DATE, datetime():
            return (voice.local(cell),)
        case Kind.DATE, _ if cell == NEVER:
            return (NEVER_WORD[voice.language],)
        case Kind.COUNT, int():
            return (cell,)
        case _:
            return (printable(str(cell)),)
