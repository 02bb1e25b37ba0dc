"""Stacked columns."""

from collections.abc import Iterator

from markupsafe import Markup

from shared_code.core.chart import ColumnChart
from shared_code.rendering.charts.plot import Plot, grid, labels, plot_of
from shared_code.rendering.charts.scale import known
from shared_code.rendering.charts.svg import WIDE, Drawing, Key, group, rect, said, text
from shared_code.rendering.language import Voice

_HEIGHT, _TOP, _BELOW = 250, 20, 40
_WIDEST = 40

# Lower ones have no room for a number.
_LOW = 15


def columns(chart: ColumnChart, voice: Voice) -> Drawing:
    count = len(chart.labels)
    highest = max((sum(known(_values(chart, n))) for n in range(count)), default=0)
    box = (0, _TOP, WIDE - 4, _HEIGHT - _BELOW)
    plot = plot_of(highest, chart.values, voice, box=box, count=count)
    stacks = (group("stack", _column(chart, n, plot, voice)) for n in range(count))
    body = grid(plot, chart.values, voice) + Markup().join(stacks)
    keys = tuple(Key(s.colour, said(s.label, voice)) for s in reversed(chart.series))
    return Drawing(
        WIDE,
        _HEIGHT,
        body + labels(plot, chart.labels, voice),
        keys if len(keys) > 1 else (),
    )


def _values(chart: ColumnChart, place: int) -> list[float | None]:
    return [series.values[place] for series in chart.series]


def _column(chart: ColumnChart, place: int, plot: Plot, voice: Voice) -> Iterator[Markup]:
    """From the bottom up; the last one carries its numbers."""
    width = min(_WIDEST, plot.pitch * 0.66)
    left, base = plot.x(place) - width / 2, 0.0
    is_last = place == len(chart.labels) - 1
    for series, value in zip(chart.series, _values(chart, place), strict=True):
        if not value or value < 0:
            continue
        top, height = plot.y(base + value), plot.y(base) - plot.y(base + value)
        number = voice.measure(value, chart.values)
        tip = f"{said(chart.labels[place], voice)} – {said(series.label, voice)}: {number}"
        yield rect(left, top, width, height, style=series.colour, tip=tip)
        if is_last and len(chart.series) == 1:
            yield text(plot.x(place), top - 6, number, "value middle")
        elif is_last and height >= _LOW:
            yield text(
                plot.x(place), top + height / 2 + 4, number, f"inside on-{series.colour} middle"
            )
        base += value
