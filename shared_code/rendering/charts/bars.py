"""Horizontal bars, with the value beside each."""

from collections.abc import Iterable

from markupsafe import Markup

from shared_code.core.chart import Bar, BarChart
from shared_code.rendering.charts.scale import round_top
from shared_code.rendering.charts.svg import (
    LETTER,
    NARROW,
    Drawing,
    clipped,
    joined,
    rect,
    said,
    text,
    wrapped,
)
from shared_code.rendering.language import Voice

ROW, LABEL, THICK = 30, 165, 18
_LINE = 15
# Letters of narrow charts on a phone.
_LARGER = 7 / 6
_LEAST_ROOM, _MOST_ROOM = 70, 150


def bars(chart: BarChart, voice: Voice) -> Drawing:
    notes = [said(bar.note, voice) if bar.note else "" for bar in chart.bars]
    values = [voice.measure(bar.value, chart.values) for bar in chart.bars]
    room = NARROW - LABEL - room_beside(map(" ".join, zip(values, notes, strict=True)))
    longest = round_top(max((bar.value for bar in chart.bars), default=0))
    rows = (
        joined(
            (
                row_label(n, said(bar.label, voice)),
                _bar(n, bar, share=bar.value / longest, room=room),
                beside(n, value, note, room),
            )
        )
        for n, (bar, value, note) in enumerate(zip(chart.bars, values, notes, strict=True))
    )
    return Drawing(NARROW, ROW * len(chart.bars) + 4, joined(rows))


def _bar(row: int, bar: Bar, *, share: float, room: float) -> Markup:
    # The smallest share is still seen, and none is not.
    length = max(1.5, room * share) if share > 0 else 0
    return track(row, room) + rect(LABEL, row * ROW + 8, length, THICK, style=bar.tone, round_by=3)


def row_label(row: int, words: str) -> Markup:
    """In two lines where one has no room for it, also in the letters of a phone."""
    rows = wrapped(words, (LABEL - 14) / _LARGER)
    top = row * ROW + (21 if len(rows) == 1 else 13)
    return joined(text(0, top + _LINE * n, each) for n, each in enumerate(rows))


def track(row: int, room: float) -> Markup:
    return rect(LABEL, row * ROW + 8, room, THICK, style="track", round_by=3)


def room_beside(words: Iterable[str]) -> float:
    """For values and notes beside the bars; what is longer is cut."""
    return min(_MOST_ROOM, max(_LEAST_ROOM, (max(map(len, words), default=0) + 3) * LETTER))


def beside(row: int, value: str, note: str, room: float) -> Markup:
    left = NARROW - LABEL - room - LETTER * (len(value) + 1)
    words = Markup("{} <tspan>{}</tspan>").format(value, clipped(note, left)) if note else value
    return text(LABEL + room + 8, row * ROW + 21, words, "value")
