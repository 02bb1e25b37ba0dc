"""One chart, whatever its kind: as a part of the page, or as an SVG file of its own."""

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

from markupsafe import Markup

from shared_code.core.chart import (
    BarChart,
    Chart,
    ColumnChart,
    LineChart,
    ShareChart,
    Timeline,
)
from shared_code.rendering import assets
from shared_code.rendering.charts.bars import bars
from shared_code.rendering.charts.columns import columns
from shared_code.rendering.charts.lines import lines
from shared_code.rendering.charts.shares import shares
from shared_code.rendering.charts.svg import (
    LETTER,
    WIDE,
    Drawing,
    Key,
    joined,
    line,
    rect,
    said,
    text,
)
from shared_code.rendering.charts.timeline import timeline
from shared_code.rendering.language import Voice

_ROW, _SWATCH, _BETWEEN = 20, 12, 18

# Letters reach a little beyond their place, and a file ends at its edge.
_MARGIN = 4

# As the fonts that our PDF files carry.
_FONT = '.chart { font: 12px "Noto Sans", "Segoe UI", sans-serif; }'


def draw(chart: Chart, voice: Voice, ident: str) -> Markup:
    """Without the legend, which the page writes as text; `ident` makes ids the page's own."""
    drawing = drawn(chart, voice)
    return Markup(
        '<svg class="chart{wide}" viewBox="0 0 {w} {h}" role="img"'
        ' aria-labelledby="{i}-title {i}-summary">'
        '<title id="{i}-title">{title}</title><desc id="{i}-summary">{summary}</desc>{body}</svg>'
    ).format(
        wide=" wide" if drawing.width == WIDE else "",
        w=drawing.width,
        h=round(drawing.height),
        i=ident,
        title=said(chart.title, voice),
        summary=said(chart.summary, voice),
        body=drawing.body,
    )


def legend(chart: Chart, voice: Voice) -> list[tuple[Markup, str]]:
    """What the colours mean, each as a swatch and a word; empty where the chart says it itself."""
    return [(_swatch_alone(key), key.label) for key in drawn(chart, voice).keys]


def standalone(chart: Chart, voice: Voice) -> str:
    """An SVG document with its own light colours and its legend, for files without our style."""
    drawing = drawn(chart, voice)
    below, height = _legend(drawing.keys, drawing)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="{x} 0 {w} {h}"'
        ' width="{w}" height="{h}"><title>{title}</title><desc>{summary}</desc>'
        "<style>{style}</style>{body}{below}</svg>"
    ).format(
        x=-_MARGIN,
        w=drawing.width + 2 * _MARGIN,
        h=round(drawing.height + height),
        title=said(chart.title, voice),
        summary=said(chart.summary, voice),
        style=Markup(_style()),  # noqa: S704 - our own file
        body=drawing.body,
        below=below,
    )


def drawn(chart: Chart, voice: Voice) -> Drawing:
    match chart:
        case BarChart():
            return bars(chart, voice)
        case ColumnChart():
            return columns(chart, voice)
        case LineChart():
            return lines(chart, voice)
        case ShareChart():
            return shares(chart, voice)
        case Timeline():
            return timeline(chart, voice)


def _legend(keys: Iterable[Key], drawing: Drawing) -> tuple[Markup, float]:
    """In rows below the chart, and the height they take."""
    x, y, parts = 0.0, drawing.height + 16, list[Markup]()
    for key in keys:
        long = _SWATCH + 6 + len(key.label) * LETTER
        if x and x + long > drawing.width:
            x, y = 0.0, y + _ROW
        parts.append(_swatch(key, x, y - 10) + text(x + _SWATCH + 6, y, key.label, "axis"))
        x += long + _BETWEEN
    return joined(parts), y + 8 - drawing.height if parts else 0


def _swatch_alone(key: Key) -> Markup:
    return Markup(
        '<svg class="chart swatch" viewBox="0 0 {w} {w}" width="{w}" height="{w}"'
        ' aria-hidden="true" focusable="false">{key}</svg>'
    ).format(w=_SWATCH, key=_swatch(key, 0, 0))


def _swatch(key: Key, x: float, y: float) -> Markup:
    if key.is_line:
        return line(x, y + 6, x + _SWATCH, y + 6, style=f"line {key.style}")
    return rect(x, y, _SWATCH, _SWATCH, style=key.style, round_by=2)


@cache
def _style() -> str:
    """The page's rules for charts, with the light colours in place of their names."""
    colours, rules = (
        resources.files(assets).joinpath(name).read_text("utf-8")
        for name in ("colours.css", "chart.css")
    )
    light = colours.partition("{")[2].partition("}")[0]
    values = dict(re.findall(r"(--[\w-]+): ([^;]+);", light))
    named = re.sub(r"var\((--[\w-]+)\)", lambda name: values[name[1]], rules.strip())
    return f"{_FONT}\n{named}"
