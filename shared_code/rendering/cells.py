"""What a cell says in a file, and how text from a tenant is kept from being taken for a formula."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from babel import Locale
from babel.numbers import get_decimal_symbol

from shared_code.core.chart import Unit
from shared_code.core.table import NEVER, Cell, Column, Kind, Option
from shared_code.core.text import Language, Text
from shared_code.rendering.language import DASH, MINUS, NBSP, Voice


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as files hold it: a rate, gigabytes (binary) or minutes."""

    value: float
    unit: Unit


type Word = str | float | date | Quantity
"""A datetime is the tenant's local time, to the minute, without its zone."""

NEVER_WORD = Text(de="nie", en="never")
UNKNOWN_WORD = Text(de="unbekannt", en="unknown")

# As Excel takes it in a reader's language.
SEPARATOR = {Language.DE: ";", Language.EN: ","}

_UNITS: Mapping[Kind, Unit] = {
    Kind.SHARE: Unit.SHARE,
    Kind.SIZE: Unit.SIZE,
    Kind.DURATION: Unit.DURATION,
}
_SIGNS: Mapping[Unit, Text] = {
    Unit.SHARE: Text(de="%", en="%"),
    Unit.SIZE: Text(de="GB", en="GB"),
    Unit.DURATION: Text(de="Min.", en="min"),
}
_DIGITS: Mapping[Unit, int] = {Unit.SHARE: 1, Unit.SIZE: 3, Unit.DURATION: 0}
_SIZES: Mapping[Unit, float] = {Unit.SIZE: 1 << 30, Unit.DURATION: 60}

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
    if not option.is_notable:
        return DASH
    # Lines break after a dash even where a space does not let them, but not after a minus.
    glyph = option.glyph.replace(DASH, MINUS)
    return f"{glyph}{NBSP}{voice.say(option.label)}".strip()


def headings(columns: Sequence[Column], voice: Voice, *, percent: bool = False) -> list[str]:
    """A PAIR takes two columns. `percent`: the file's cells do not say it themselves."""
    return [label for column in columns for label in _headings(column, voice, percent=percent)]


def _headings(column: Column, voice: Voice, *, percent: bool) -> list[str]:
    labels = [voice.say(column.label)]
    if column.kind is Kind.PAIR and column.small:
        labels.append(voice.say(column.small))
    unit = _UNITS.get(column.kind, Unit.COUNT)
    if unit is not Unit.SHARE or percent:
        labels[0] = with_sign(labels[0], unit, voice)
    return labels


def with_sign(label: str, unit: Unit, voice: Voice) -> str:
    """Says what its numbers count: Größe (GB)."""
    return f"{label} ({sign(unit, voice)})" if unit in _SIGNS else label


def sign(unit: Unit, voice: Voice) -> str:
    return voice.say(_SIGNS[unit]) if unit in _SIGNS else ""


def quantity(value: float, unit: Unit) -> Word:
    """Counts are plain numbers."""
    return value if unit is Unit.COUNT else Quantity(value / _SIZES.get(unit, 1), unit)


def plain(quantity: Quantity, voice: Voice) -> str:
    """With as many digits as readers see, halves up; rates as percentages."""
    digits = _DIGITS[quantity.unit]
    value = quantity.value * 100 if quantity.unit is Unit.SHARE else quantity.value
    rounded = math.floor(value * 10**digits + 0.5) / 10**digits
    return f"{rounded:.{digits}f}".replace(".", _point(voice.locale))


@cache
def _point(locale: str) -> str:
    return get_decimal_symbol(Locale.parse(locale, sep="-"))


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
        local = voice.local(cell)
        is_moment = column.kind is Kind.MOMENT
        return local.replace(second=0, microsecond=0, tzinfo=None) if is_moment else local.date()
    if column.options:
        return voice.say(column.options[int(cell)].label)
    return quantity(cell, _UNITS.get(column.kind, Unit.COUNT))
