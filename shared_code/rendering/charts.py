"""Small inline-SVG charts: classes instead of colours, so that dark mode, print and forced colours
need no second rendering, and no inline style, so that a strict policy holds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared_code.core.chart import Bar, BarChart, Chart, Tone
from shared_code.rendering.language import Voice

_WIDTH, _ROW, _LABEL, _VALUE = 460, 30, 165, 90
_MOST_CHARACTERS = 22
_STEPS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


def sparkline(values: Sequence[float], *, width: int = 84, height: int = 28) -> Markup:
    """Nothing for fewer than two points. Decoration: the number and its delta stand beside it."""
    if len(values) < 2:  # noqa: PLR2004 - a line has two ends
        return Markup()
    low, spread = min(values), (max(values) - min(values)) or 1
    step = (width - 8) / (len(values) - 1)
    points = [
        (4 + n * step, 4 + (height - 8) * (1 - (value - low) / spread))
        for n, value in enumerate(values)
    ]
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-hidden="true"'
        ' focusable="false"><path d="{path}" fill="none" stroke-width="2" stroke-linecap="round"'
        ' stroke-linejoin="round"/><circle cx="{x}" cy="{y}" r="3"/></svg>'
    ).format(w=width, h=height, path=path, x=f"{points[-1][0]:.1f}", y=f"{points[-1][1]:.1f}")


@dataclass(frozen=True, slots=True)
class Numbers:
    """A chart as a table: a title per column of values, a label and values per row."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def draw(chart: Chart, voice: Voice, ident: str) -> Markup:
    """`ident` makes the ids of title and summary the page's own."""
    match chart:
        case BarChart():
            return _bars(chart, voice, ident)
        case _:
            raise NotImplementedError


def numbers(chart: Chart, voice: Voice) -> Numbers:
    match chart:
        case BarChart():
            return Numbers(
                (voice.say(chart.unit),), tuple(_row(b, chart, voice) for b in chart.bars)
            )
        case _:
            raise NotImplementedError


def _row(bar: Bar, chart: BarChart, voice: Voice) -> tuple[str, tuple[str, ...]]:
    value = voice.measure(bar.value, chart.values)
    return voice.say(bar.label), (f"{value} {voice.say(bar.note)}" if bar.note else value,)


def _bars(chart: BarChart, voice: Voice, ident: str) -> Markup:
    """Horizontal bars with the value beside each; title and summary for who cannot see them."""
    longest = _nice(max((bar.value for bar in chart.bars), default=0))
    rows = Markup("").join(
        _bar(
            n * _ROW + 2,
            label=_short(voice.say(bar.label)),
            share=bar.value / longest,
            value=voice.measure(bar.value, chart.values),
            note=voice.say(bar.note) if bar.note else "",
            tone=bar.tone,
        )
        for n, bar in enumerate(chart.bars)
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{i}-title {i}-summary">'
        '<title id="{i}-title">{title}</title><desc id="{i}-summary">{summary}</desc>{rows}</svg>'
    ).format(
        w=_WIDTH,
        h=_ROW * len(chart.bars) + 4,
        i=ident,
        title=voice.say(chart.title),
        summary=voice.say(chart.summary),
        rows=rows,
    )


def _bar(y: int, *, label: str, share: float, value: str, note: str, tone: Tone) -> Markup:
    room = _WIDTH - _LABEL - _VALUE
    # The smallest share is still seen, and none is not.
    length = max(1.5, room * share) if share > 0 else 0
    return Markup(
        '<text x="0" y="{base}">{label}</text>'
        '<rect class="track" x="{x}" y="{top}" width="{room}" height="{thick}" rx="3"/>'
        '<rect class="{tone}" x="{x}" y="{top}" width="{long}" height="{thick}" rx="3"/>'
        '<text class="value" x="{end}" y="{base}">{value}{note}</text>'
    ).format(
        base=y + 19,
        top=y + 6,
        thick=_ROW - 12,
        x=_LABEL,
        room=room,
        long=f"{length:.1f}",
        end=_LABEL + room + 8,
        label=label,
        value=value,
        note=Markup("<tspan> {}</tspan>").format(note) if note else "",
        tone=tone,
    )


def _short(label: str) -> str:
    return label if len(label) <= _MOST_CHARACTERS else label[: _MOST_CHARACTERS - 1] + "…"


def _nice(value: float) -> float:
    """The next round number, so that bars of two reports are of comparable length."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in _STEPS if value <= step * power)
