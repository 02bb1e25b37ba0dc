"""Says values in the reader's language: numbers, shares, dates, sentences with both in them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from shared_code.core.chart import Unit
from shared_code.core.tenant import Tenant
from shared_code.core.text import (
    German,
    Language,
    Listing,
    Message,
    Moment,
    Month,
    Points,
    Share,
    Size,
    Text,
    Value,
)

_ENGLISH = "en-GB"

_DATE = {Language.DE: "dd.MM.yyyy", Language.EN: "d MMM yyyy"}
_SHORT_DATE = {Language.DE: "dd.MM.", Language.EN: "d MMM"}
_CLOCK = {Language.DE: "{:%H:%M} Uhr", Language.EN: "{:%H:%M}"}

# Of durations, the largest first.
UNITS = (
    Text(de="Tg.", en="d"),
    Text(de="Std.", en="h"),
    Text(de="Min.", en="min"),
)

# Within dates and between a number and its unit, else phones break the line there.
NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "–"


_KIB = 1024
_SIZES = ("B", "KB", "MB", "GB", "TB", "PB")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name, sep="-")


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


type Day = date | datetime


@dataclass(frozen=True, slots=True)
class Voice:
    """One language in one tenant's time zone. What it says is text, not markup: escape it."""

    language: Language
    time_zone: str
    german: German = German.AUSTRIA

    @classmethod
    def of(cls, tenant: Tenant, language: Language) -> "Voice":
        return cls(language, tenant.time_zone, tenant.german)

    @property
    def locale(self) -> str:
        """As browsers and Babel name it."""
        return self.german if self.language is Language.DE else _ENGLISH

    def say(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Message):
            said = {name: self.say(each) for name, each in value.values.items()}
            return self.spelled(value.text).format_map(said)
        for kind, say in _SAYINGS:
            if isinstance(value, kind):
                return say(self, value)
        return self.number(cast("float", value))

    def number(self, value: float, *, digits: int = 0) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        # Halves go up, as files and browsers have it.
        rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        text = format_decimal(rounded, format=pattern, locale=_locale(self.locale))
        if self.locale == German.AUSTRIA:
            # CLDR groups with a no-break space; Excel, invoices and readers with a dot.
            text = text.replace("\u00a0", ".").replace("\u202f", ".")
        return text.replace("-", MINUS)

    def measure(self, value: float, unit: Unit) -> str:
        match unit:
            case Unit.SHARE:
                return self.share(value)
            case Unit.SIZE:
                return self.size(value)
            case Unit.DURATION:
                return self.duration(value)
            case Unit.COUNT:
                return self.number(value)

    def size(self, count: float) -> str:
        """Binary units, one digit where it says something: 1 TB = 1,024 GB."""
        step, rest = 0, abs(count)
        while rest >= _KIB and step < len(_SIZES) - 1:
            rest /= _KIB
            step += 1
        digits = 1 if step > _SIZES.index("MB") and rest < 100 else 0  # noqa: PLR2004
        sign = -1 if count < 0 else 1
        return f"{self.number(sign * rest, digits=digits)}{NBSP}{_SIZES[step]}"

    def duration(self, seconds: float) -> str:
        """In the two largest units: 6 Std. 20 Min."""
        minutes = int(abs(seconds) / _MINUTE + 0.5)
        days, rest = divmod(minutes, _DAY // _MINUTE)
        hours, minutes = divmod(rest, _HOUR // _MINUTE)
        parts = [p for p in zip((days, hours, minutes), UNITS, strict=True) if p[0]][:2]
        words = [f"{self.number(n)}{NBSP}{unit[self.language]}" for n, unit in parts]
        text = " ".join(words) or f"0{NBSP}{UNITS[-1][self.language]}"
        return MINUS + text if seconds < 0 and words else text

    def share(self, rate: float, *, digits: int = 1) -> str:
        return f"{self.number(rate * 100, digits=digits)}{NBSP}%"

    def points(self, change: float) -> str:
        """Of percentage, without their name."""
        sign = "+" if change > 0 else ""
        return sign + self.number(change * 100, digits=1)

    def date(self, value: Day) -> str:
        day = self.local(value).date() if isinstance(value, datetime) else value
        return self.formatted(day, _DATE[self.language]).replace(" ", NBSP)

    def short_date(self, value: datetime) -> str:
        """Without the year, where nobody can mistake it."""
        day = self.local(value).date()
        return self.formatted(day, _SHORT_DATE[self.language]).replace(" ", NBSP)

    def month(self, value: Day) -> str:
        """Short, for charts; January carries its year."""
        return self.formatted(value, "LLL yy" if value.month == 1 else "LLL").replace(".", "")

    def formatted(self, day: Day, pattern: str) -> str:
        return format_date(day, format=pattern, locale=_locale(self.locale))

    def spelled(self, text: Text) -> str:
        said = text[self.language]
        # Switzerland writes no ß.
        is_swiss = self.language is Language.DE and self.german is German.SWITZERLAND
        return said.replace("ß", "ss") if is_swiss else said

    def moment(self, value: datetime) -> str:
        clock = _CLOCK[self.language].format(self.local(value)).replace(" ", NBSP)
        return f"{self.date(value)}, {clock}"

    def local(self, value: datetime) -> datetime:
        """In the tenant's zone; the first and last instants of the calendar stay in UTC."""
        try:
            return value.astimezone(_zone(self.time_zone))
        except OverflowError:
            return value


# A datetime is a date too; what is no kind of these is a number.
_SAYINGS: tuple[tuple[Any, Callable[[Voice, Any], str]], ...] = (
    (Text, Voice.spelled),
    (Share, lambda voice, share: voice.share(share.rate)),
    (Points, lambda voice, points: voice.points(points.change)),
    (Size, lambda voice, size: voice.size(size.bytes)),
    (Month, lambda voice, month: voice.formatted(month.day, "MMMM yyyy")),
    (Moment, lambda voice, moment: voice.moment(moment.at)),
    (Listing, lambda voice, listing: ", ".join(map(voice.say, listing.values))),
    (timedelta, lambda voice, span: voice.duration(span.total_seconds())),
    (date, Voice.date),
)
