"""Says values in the reader's language: numbers, shares, dates, sentences with both in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from shared_code.core.text import Language, Message, Share, Text, Value

# The partner is Austrian: Jänner, and a dot between thousands where de-CH has an apostrophe.
_LOCALES: Mapping[Language, str] = {Language.DE: "de_AT", Language.EN: "en_GB"}

_DATE = {Language.DE: "dd.MM.yyyy", Language.EN: "d MMM yyyy"}
_CLOCK = {Language.DE: "dd.MM.yyyy, HH:mm 'Uhr'", Language.EN: "d MMM yyyy, HH:mm"}

# Between a number and its unit, else phones break the line there.
NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "–"


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(_LOCALES[language])


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Voice:
    """One language in one tenant's time zone. What it says is text, not markup: escape it."""

    language: Language
    time_zone: str

    def say(self, value: Value) -> str:
        match value:
            case Text():
                return value[self.language]
            case Message():
                said = {name: self.say(each) for name, each in value.values.items()}
                return value.text[self.language].format_map(said)
            case Share():
                return self.share(value.rate)
            case datetime() | date():
                return self.date(value)
            case str():
                return value
            case _:
                return self.number(value)

    def number(self, value: float, *, digits: int = 0) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        text = format_decimal(value, format=pattern, locale=_locale(self.language))
        # Austrian German groups with a no-break space in CLDR; Excel, invoices and readers with a dot.
        return text.replace("\u00a0", ".").replace("\u202f", ".").replace("-", MINUS)

    def share(self, rate: float, *, digits: int = 1) -> str:
        return f"{self.number(rate * 100, digits=digits)}{NBSP}%"

    def date(self, value: date | datetime) -> str:
        day = self.local(value).date() if isinstance(value, datetime) else value
        return format_date(day, format=_DATE[self.language], locale=_locale(self.language))

    def moment(self, value: datetime) -> str:
        return format_datetime(
            self.local(value), format=_CLOCK[self.language], locale=_locale(self.language)
        )

    def local(self, value: datetime) -> datetime:
        """In the tenant's zone; the first and last instants of the calendar stay in UTC."""
        try:
            return value.astimezone(_zone(self.time_zone))
        except OverflowError:
            return value
