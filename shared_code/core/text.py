"""What readers see, in German and English side by side, with values formatted by the renderer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum


class Language(StrEnum):
    """Languages a report is rendered in; the first is the default."""

    DE = "de"
    EN = "en"


class German(StrEnum):
    """The German that a tenant's readers are used to: months, separators, ß or ss."""

    AUSTRIA = "de-AT"
    GERMANY = "de-DE"
    SWITZERLAND = "de-CH"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages; `{name}` stands for a value. Neither may be left out."""

    de: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.de if language is Language.DE else self.en


@dataclass(frozen=True, slots=True)
class Share:
    """A rate 0..1 that readers see as a percentage."""

    rate: float


@dataclass(frozen=True, slots=True)
class Points:
    """A difference of two rates, said in percentage points with its sign."""

    change: float


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes, said in the unit that fits."""

    bytes: float


@dataclass(frozen=True, slots=True)
class Month:
    """A day of which only month and year are said."""

    day: date


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that is said with the hour."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """Several values, joined by commas."""

    values: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A text with its values. `str` values come from the tenant and are hostile: renderers escape."""

    text: Text
    values: Mapping[str, "Value"] = field(default_factory=dict[str, "Value"])


type Value = (
    int
    | float
    | str
    | Share
    | Points
    | Size
    | Month
    | Moment
    | timedelta
    | date
    | datetime
    | Listing
    | Text
    | Message
)


def message(text: Text, /, **values: Value) -> Message:
    return Message(text, values)


def counted(
    count: int, /, *, one: Text, other: Text, zero: Text | None = None, **values: Value
) -> Message:
    """Singular and plural; German and English both have exactly these two forms."""
    chosen = zero if zero and count == 0 else one if count == 1 else other
    return Message(chosen, {"n": count, **values})


_ALONE = Text(de="{value}", en="{value}")


def said(value: Value) -> Message:
    """A value that needs no sentence."""
    return message(_ALONE, value=value)


_BOTH = Text(de="{first} {second}", en="{first} {second}")


def first_two(*sentences: Message | None) -> Message | None:
    """Of those that there are; a reader takes in no more at once."""
    found = (each for each in sentences if each)
    first, second, *_ = (*found, None, None)
    return message(_BOTH, first=first, second=second) if first and second else first


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


_ABOVE = Text(de="+{n}", en="+{n}")
_BELOW = Text(de="−{n}", en="−{n}")
_EQUAL = Text(de="±{n}", en="±{n}")


def signed(difference: int) -> Message:
    """A difference of two counts; minus is a true minus, not a hyphen."""
    text = _ABOVE if difference > 0 else _BELOW if difference < 0 else _EQUAL
    return message(text, n=abs(difference))
