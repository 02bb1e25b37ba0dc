"""A chart as a table, for readers who want or need the numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared_code.core.chart import (
    BarChart,
    Chart,
    ColumnChart,
    Label,
    LineChart,
    ShareChart,
    Timeline,
)
from shared_code.core.text import Message, Month
from shared_code.rendering.charts.shares import rates
from shared_code.rendering.charts.svg import said
from shared_code.rendering.charts.timeline import when
from shared_code.rendering.language import DASH, Voice
from shared_code.rendering.page_words import PAGE


@dataclass(frozen=True, slots=True)
class Numbers:
    """A title per column of values, a label and values per row; `style` is that of the values."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    style: str = "count"


def numbers(chart: Chart, voice: Voice) -> Numbers:
    match chart:
        case BarChart():
            return _bars(chart, voice)
        case ColumnChart() | LineChart():
            return _series(chart, voice)
        case ShareChart():
            return _shares(chart, voice)
        case Timeline():
            return _marks(chart, voice)


def _bars(chart: BarChart, voice: Voice) -> Numbers:
    def value(number: float, note: Message | None) -> str:
        said_number = voice.measure(number, chart.values)
        return f"{said_number} {said(note, voice)}" if note else said_number

    rows = ((said(bar.label, voice), (value(bar.value, bar.note),)) for bar in chart.bars)
    return Numbers((voice.say(chart.unit),), tuple(rows))


def _series(chart: ColumnChart | LineChart, voice: Voice) -> Numbers:
    def row(values: Iterable[float | None]) -> tuple[str, ...]:
        return tuple(DASH if v is None else voice.measure(v, chart.values) for v in values)

    by_label = zip(*(series.values for series in chart.series), strict=True)
    return Numbers(
        tuple(said(series.label, voice) for series in chart.series),
        tuple(
            (_label(label, voice), row(values))
            for label, values in zip(chart.labels, by_label, strict=True)
        ),
    )


def _shares(chart: ShareChart, voice: Voice) -> Numbers:
    has_notes = any(row.note for row in chart.rows)
    heads = tuple(said(label, voice) for label, _ in chart.parts)
    rows = (
        (
            _label(row.label, voice),
            tuple(map(voice.share, rates(row)))
            + ((said(row.note, voice) if row.note else DASH,) if has_notes else ()),
        )
        for row in chart.rows
    )
    return Numbers(heads + ((voice.say(chart.unit),) if has_notes else ()), tuple(rows))


def _marks(chart: Timeline, voice: Voice) -> Numbers:
    rows = (
        (said(row.label, voice), (when(mark, voice), said(mark.label, voice)))
        for row in chart.rows
        for mark in row.marks
    )
    return Numbers((voice.say(PAGE["when"]), voice.say(chart.unit)), tuple(rows), style="text")


def _label(label: Label, voice: Voice) -> str:
    """With the year: a table has room for it."""
    return voice.say(Month(label)) if isinstance(label, date) else said(label, voice)
