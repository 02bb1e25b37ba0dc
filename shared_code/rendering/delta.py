"""How a key figure moved since the last report, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared_code.core.chart import Unit
from shared_code.core.report import Better, Figure
from shared_code.core.text import Text
from shared_code.rendering.language import NBSP, Voice
from shared_code.rendering.page_words import PAGE

# So long a day needs no year.
_NEAR = timedelta(days=330)

# Decimals that readers see; a change too small to be shown is none: no "+0,0 PP".
_DIGITS = {Unit.SHARE: 3}


@dataclass(frozen=True, slots=True)
class Delta:
    """`verdict` is a word of PAGE, empty where neither direction is good or nothing moved."""

    text: str
    arrow: str = ""
    verdict: str = ""
    change: str = ""  # without since when


def delta_of(figure: Figure, voice: Voice, *, at: datetime) -> Delta:
    """`at` is the end of the report's period."""
    kpi, previous = figure.kpi, figure.previous
    if kpi.value is None:
        return Delta("")
    if previous is None:
        return Delta(voice.say(PAGE["first_value"]))
    change = round(kpi.value - previous.value, _DIGITS.get(kpi.unit, 0))
    is_near = at - previous.end < _NEAR
    day = voice.short_date(previous.end) if is_near else voice.date(previous.end)
    since = f"{voice.say(PAGE['since'])}{NBSP}{day.replace(' ', NBSP)}"
    if not change:
        return Delta(f"{voice.say(PAGE['unchanged'])} {since}", change="±0")
    signed = _signed(change, kpi.unit, voice)
    arrow = "▲" if change > 0 else "▼"
    return Delta(f"{signed} {since}", arrow, _verdict(change, kpi.better), signed)


def _signed(change: float, unit: Unit, voice: Voice) -> str:
    if unit is Unit.SHARE:
        points: Text = PAGE["points"]
        return f"{voice.points(change)}{NBSP}{voice.say(points)}"
    sign = "+" if change > 0 else ""
    return sign + voice.measure(change, unit)


def _verdict(change: float, better: Better) -> str:
    if better is Better.NONE:
        return ""
    return "better" if (change > 0) == (better is Better.UP) else "worse"
