"""Moments as dots and spans as bars, one row per subject below its name, over an axis of dates."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from shared_code.core.chart import Mark, Timeline, TimelineRow
from shared_code.core.text import Language
from shared_code.rendering.charts.svg import (
    LARGER,
    LETTER,
    WIDE,
    Drawing,
    clipped,
    dot,
    joined,
    line,
    rect,
    said,
    text,
)
from shared_code.rendering.language import Voice

_LEFT, _RIGHT = 28, WIDE - 28
_ROW, _LANE, _MOST_LANES = 28, 18, 6
_AXIS = 26
_ROOM = WIDE / LARGER
_RADIUS, _THICK = 5.5, 11
_LEAST_ROOM = 8 * LETTER

# Between two dates of the axis: as few days as leave room for both.
_STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364)
_MOST_TICKS = 7
_DAY = {Language.DE: "dd.MM.", Language.EN: "d MMM"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mark stands: from `x` to `end`, on a lane of its row."""

    mark: Mark
    x: float
    end: float
    lane: int


def timeline(chart: Timeline, voice: Voice) -> Drawing:
    rows = [_placed(row, chart) for row in chart.rows]
    tops, height = _tops(rows)
    body = (
        _axis(chart, voice, height),
        *(
            _row(row, places, top, voice)
            for row, places, top in zip(chart.rows, rows, tops, strict=True)
        ),
    )
    return Drawing(WIDE, height + _AXIS, joined(body))


def _tops(rows: Sequence[Sequence[_Place]]) -> tuple[list[float], float]:
    """Upper edge of each row, and the lower edge of the last."""
    tops, y = list[float](), 0.0
    for places in rows:
        tops.append(y)
        y += _ROW + _LANE * (1 + max((place.lane for place in places), default=0))
    return tops, y


def _x(moment: datetime, chart: Timeline) -> float:
    span = (chart.end - chart.start) or timedelta(days=1)
    share = (moment - chart.start) / span
    return _LEFT + (_RIGHT - _LEFT) * min(1, max(0, share))


def _placed(row: TimelineRow, chart: Timeline) -> list[_Place]:
    """Marks that would cover each other stand on lanes, those outside the axis nowhere."""
    ends: list[float] = []
    placed: list[_Place] = []
    for mark in sorted(row.marks, key=lambda mark: mark.start):
        if mark.start > chart.end or (mark.end or mark.start) < chart.start:
            continue
        x = _x(mark.start, chart)
        end = max(_x(mark.end, chart), x + 3) if mark.end else x
        lane = _lane(x, ends)
        ends[lane : lane + 1] = [end]
        placed.append(_Place(mark, x, end, lane))
    return placed


def _lane(x: float, ends: Sequence[float]) -> int:
    """The first that is free at `x`; with too many, the one that is free soonest."""
    free = (lane for lane, end in enumerate(ends) if end + 2 * _RADIUS < x)
    if len(ends) < _MOST_LANES:
        return next(free, len(ends))
    return next(free, min(range(len(ends)), key=lambda lane: ends[lane]))


def _row(row: TimelineRow, places: Sequence[_Place], top: float, voice: Voice) -> Markup:
    label = text(0, top + 18, clipped(said(row.label, voice), _ROOM), "name")
    rule = line(0, top, WIDE, top, style="grid")
    marks = (_mark(place, _room(place, places), top, voice) for place in places)
    return joined((rule if top else Markup(), label, *marks))


def _room(place: _Place, places: Sequence[_Place]) -> float:
    """Right of a mark, up to the next one of its lane."""
    following = places[places.index(place) + 1 :]
    starts = (each.x - _RADIUS for each in following if each.lane == place.lane)
    return min(starts, default=float(WIDE)) - place.end - 2 * _RADIUS


def _mark(place: _Place, room: float, top: float, voice: Voice) -> Markup:
    mark, y = place.mark, top + _ROW + _LANE * place.lane + 5
    words = said(mark.label, voice)
    tip = f"{when(mark, voice)}: {words}"
    if mark.end:
        drawn = rect(
            place.x,
            y - _THICK / 2,
            place.end - place.x,
            _THICK,
            style=mark.tone,
            tip=tip,
            round_by=2,
        )
    else:
        drawn = dot(place.x, y, _RADIUS, style=mark.tone, tip=tip)
    has_room = room >= _LEAST_ROOM or room >= len(words) * LETTER
    beside = clipped(words, room) if has_room else ""
    return drawn + (text(place.end + 10, y + 4, beside, "axis beside") if beside else Markup())


def when(mark: Mark, voice: Voice) -> str:
    """A span has its hours; a moment is a day."""
    if mark.end is None:
        return voice.date(mark.start)
    return f"{voice.moment(mark.start)} – {voice.moment(mark.end)}"


def _axis(chart: Timeline, voice: Voice, height: float) -> Markup:
    return joined(
        line(_x(day, chart), 0, _x(day, chart), height + 5, style="grid")
        + text(
            _x(day, chart), height + 20, voice.formatted(day, _DAY[voice.language]), "axis middle"
        )
        for day in _days(chart, voice)
    )


def _days(chart: Timeline, voice: Voice) -> Iterator[datetime]:
    """Midnights in the tenant's zone."""
    span = (chart.end - chart.start) / timedelta(days=1)
    least = max(1, span / _MOST_TICKS)
    step = next((days for days in _STEPS if days >= least), math.ceil(least))
    day = voice.local(chart.start).replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= chart.end:
        if day >= chart.start:
            yield day
        day += timedelta(days=step if day >= chart.start else 1)
