"""The frame that columns and lines stand in: grid, whole-number axis, labels below."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from shared_code.core.chart import Label, Unit
from shared_code.rendering.charts.scale import ticks
from shared_code.rendering.charts.svg import LARGER, LETTER, clipped, joined, line, said, text
from shared_code.rendering.language import Voice

_GAP = 8
_LONGEST_LABEL = 90


@dataclass(frozen=True, slots=True)
class Plot:
    """The area between `left`, `top`, `right` and `bottom`, for values from 0 to `steps[-1]`."""

    left: float
    top: float
    right: float
    bottom: float
    steps: Sequence[float]
    count: int  # of labels

    @property
    def pitch(self) -> float:
        return (self.right - self.left) / max(1, self.count)

    def x(self, place: int) -> float:
        """Middle of what belongs to a label."""
        return self.left + self.pitch * (place + 0.5)

    def y(self, value: float) -> float:
        share = max(0, value) / self.steps[-1]
        return self.bottom - (self.bottom - self.top) * share


def plot_of(
    highest: float, unit: Unit, voice: Voice, *, box: tuple[float, float, float, float], count: int
) -> Plot:
    """`box`: left, top, right, bottom; the axis takes its room from the left."""
    left, top, right, bottom = box
    steps = ticks(highest, unit)
    room = max(len(tick_text(step, unit, voice)) for step in steps) * LETTER + _GAP
    return Plot(left + room, top, right, bottom, steps, count)


def tick_text(value: float, unit: Unit, voice: Voice) -> str:
    return voice.share(value, digits=0) if unit is Unit.SHARE else voice.measure(value, unit)


def grid(plot: Plot, unit: Unit, voice: Voice) -> Markup:
    return joined(
        line(plot.left, plot.y(step), plot.right, plot.y(step), style="grid")
        + text(plot.left - _GAP, plot.y(step) + 4, tick_text(step, unit, voice), "axis end")
        for step in plot.steps
    )


def labels(plot: Plot, given: Sequence[Label], voice: Voice) -> Markup:
    """As many as fit, the last one always; a year stands below its month. A phone and paper, whose
    letters are larger, hide the spare ones."""
    words = [_rows(label, voice) for label in given]
    longest = max((len(word) for parts in words for word in parts), default=1)
    room = (longest + 1) * LETTER
    every = math.ceil(room / plot.pitch)
    few = every * math.ceil(room * LARGER / (plot.pitch * every))
    last = len(words) - 1
    return joined(
        _label(plot.x(n), plot.bottom, parts, _style(last - n, few))
        for n, parts in enumerate(words)
        if (last - n) % every == 0
    )


def _rows(label: Label, voice: Voice) -> list[str]:
    words = said(label, voice)
    return words.split(" ") if isinstance(label, date) else [clipped(words, _LONGEST_LABEL)]


def _style(to_last: int, few: int) -> str:
    if to_last == 0:
        return "axis middle last"
    return "axis middle spare" if to_last % few else "axis middle"


def _label(x: float, bottom: float, parts: Sequence[str], style: str) -> Markup:
    return joined(text(x, bottom + 19 + 18 * n, row, style) for n, row in enumerate(parts))
