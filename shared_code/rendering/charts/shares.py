"""Bars of 100 %, divided into parts."""

from collections.abc import Iterator

from markupsafe import Markup

from shared_code.core.chart import ShareChart, ShareRow
from shared_code.rendering.charts.bars import (
    LABEL,
    ROW,
    THICK,
    room_beside,
    row_label,
    track,
)
from shared_code.rendering.charts.svg import (
    NARROW,
    Drawing,
    Key,
    clipped,
    group,
    joined,
    rect,
    said,
    text,
)
from shared_code.rendering.language import Voice


def shares(chart: ShareChart, voice: Voice) -> Drawing:
    notes = [said(row.note, voice) if row.note else "" for row in chart.rows]
    room = NARROW - LABEL - (room_beside(notes) if any(notes) else 0)
    rows = (
        joined(
            (
                row_label(n, said(row.label, voice)),
                track(n, room),
                group("stack", _parts(n, row, chart, room, voice)),
                text(NARROW, n * ROW + 21, clipped(note, NARROW - LABEL - room), "value end"),
            )
        )
        for n, (row, note) in enumerate(zip(chart.rows, notes, strict=True))
    )
    keys = tuple(Key(colour, said(label, voice)) for label, colour in chart.parts)
    return Drawing(NARROW, ROW * len(chart.rows) + 4, joined(rows), keys)


def rates(row: ShareRow) -> tuple[float, ...]:
    """Parts of one; all 0 where there is nothing to divide."""
    whole = sum(row.values) or 1
    return tuple(value / whole for value in row.values)


def _parts(
    place: int, row: ShareRow, chart: ShareChart, room: float, voice: Voice
) -> Iterator[Markup]:
    x = float(LABEL)
    for (label, colour), rate in zip(chart.parts, rates(row), strict=True):
        width = room * rate
        tip = f"{said(label, voice)}: {voice.share(rate)}"
        if rate > 0:
            yield rect(x, place * ROW + 8, max(width, 1.5), THICK, style=colour, tip=tip)
        x += width
