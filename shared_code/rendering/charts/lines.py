"""Lines over time, together or as small charts apart."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup

from shared_code.core.chart import LineChart, Series
from shared_code.rendering.charts.plot import Plot, grid, labels, plot_of
from shared_code.rendering.charts.scale import known
from shared_code.rendering.charts.svg import (
    LETTER,
    WIDE,
    Drawing,
    Key,
    clipped,
    dot,
    joined,
    said,
    short,
    text,
)
from shared_code.rendering.language import Voice

_HEIGHT, _TOP, _BELOW = 250, 20, 40
_MARGIN, _LINE = 12, 18

# Small charts: two beside each other, each with its title.
_ACROSS, _BETWEEN = 2, 28
_SMALL_HEIGHT, _SMALL_TOP, _SMALL_BELOW = 132, 30, 34


@dataclass(frozen=True, slots=True)
class _End:
    """The last known value of a series, beside its point."""

    x: float
    y: float
    words: str


def lines(chart: LineChart, voice: Voice) -> Drawing:
    return _apart(chart, voice) if chart.apart else _together(chart, voice)


def _together(chart: LineChart, voice: Voice) -> Drawing:
    numbers = [voice.measure(v[-1], chart.values) for s in chart.series if (v := known(s.values))]
    room = max(map(len, numbers), default=0) * LETTER + _MARGIN
    plot = _plot(chart, voice, (0, _TOP, WIDE - room, _HEIGHT - _BELOW))
    ends = _spread(end for s in chart.series if (end := _end(s, chart, plot, voice)))
    body = (
        grid(plot, chart.values, voice),
        *(_path(series, plot) for series in chart.series),
        *(_beside(end, plot) for end in ends),
        labels(plot, chart.labels, voice),
    )
    keys = tuple(Key(_style(s), said(s.label, voice), is_line=True) for s in chart.series)
    return Drawing(WIDE, _HEIGHT, joined(body), keys if len(keys) > 1 else ())


def _apart(chart: LineChart, voice: Voice) -> Drawing:
    pitch = (WIDE + _BETWEEN) / _ACROSS
    small = (
        _small(series, chart, voice, left=pitch * (n % _ACROSS), top=n // _ACROSS * _SMALL_HEIGHT)
        for n, series in enumerate(chart.series)
    )
    rows = math.ceil(len(chart.series) / _ACROSS)
    return Drawing(WIDE, rows * _SMALL_HEIGHT, joined(small))


def _small(series: Series, chart: LineChart, voice: Voice, *, left: float, top: float) -> Markup:
    right = left + (WIDE - _BETWEEN * (_ACROSS - 1)) / _ACROSS
    box = (left, top + _SMALL_TOP, right, top + _SMALL_HEIGHT - _SMALL_BELOW)
    plot = _plot(chart, voice, box)
    lowest_and_highest = replace(plot, steps=(0, plot.steps[-1]))
    end = _end(series, chart, plot, voice)
    number = end.words if end else ""
    title = clipped(said(series.label, voice), right - left - (len(number) + 2) * LETTER)
    below = plot.bottom + 18
    return joined(
        (
            text(left, top + 14, title, "title"),
            text(right, top + 14, number, "value end"),
            grid(lowest_and_highest, chart.values, voice),
            _path(series, plot),
            text(plot.left, below, said(chart.labels[0], voice), "axis"),
            text(right, below, said(chart.labels[-1], voice), "axis end last"),
        )
    )


def _plot(chart: LineChart, voice: Voice, box: tuple[float, float, float, float]) -> Plot:
    highest = max((value for series in chart.series for value in known(series.values)), default=0)
    return plot_of(highest, chart.values, voice, box=box, count=len(chart.labels))


def _path(series: Series, plot: Plot) -> Markup:
    """Broken where nothing is known; the last known value is a dot."""
    stretches = list(_stretches(series))
    points = [[(plot.x(n), plot.y(value)) for n, value in stretch] for stretch in stretches]
    steps = " ".join(
        "M" + " L".join(f"{short(x)} {short(y)}" for x, y in stretch) for stretch in points
    )
    alone = [stretch[0] for stretch in points[:-1] if len(stretch) == 1]
    dots = [*alone, *(stretch[-1] for stretch in points[-1:])]
    drawn = Markup('<path class="line {}" d="{}"/>').format(_style(series), steps)
    return joined(
        (drawn if steps else Markup(), *(dot(x, y, 3.5, style=series.colour) for x, y in dots))
    )


def _stretches(series: Series) -> Iterator[list[tuple[int, float]]]:
    for is_known, run in groupby(enumerate(series.values), lambda each: each[1] is not None):
        if is_known:
            yield [(n, value) for n, value in run if value is not None]


def _style(series: Series) -> str:
    return f"{series.colour} dashed" if series.dashed else series.colour


def _end(series: Series, chart: LineChart, plot: Plot, voice: Voice) -> _End | None:
    values = [(n, value) for n, value in enumerate(series.values) if value is not None]
    if not values:
        return None
    n, value = values[-1]
    return _End(plot.x(n), plot.y(value), voice.measure(value, chart.values))


def _spread(ends: Iterable[_End]) -> Iterator[_End]:
    """From the top down, none on another."""
    lowest: dict[float, float] = {}
    for end in sorted(ends, key=lambda end: end.y):
        y = max(end.y, lowest.get(end.x, 0))
        lowest[end.x] = y + _LINE
        yield replace(end, y=y)


def _beside(end: _End, plot: Plot) -> Markup:
    """Right of the last point, or above one in the middle."""
    if end.x + plot.pitch > plot.right:
        return text(end.x + 8, end.y + 4, end.words, "value")
    return text(end.x, end.y - 9, end.words, "value middle")
