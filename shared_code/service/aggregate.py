"""What a report says where it may list nobody: counts, and no group small enough to know each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from shared_code.core.chart import Bar, BarChart, Chart, ShareChart, ShareRow
from shared_code.core.privacy import SMALLEST_GROUP
from shared_code.core.report import Content
from shared_code.core.table import Line
from shared_code.core.text import Text, message

_NOTE = Text(de="Datenschutz", en="Privacy")
_NOBODY = Text(
    de="Dieser Bericht nennt keine Personen, auch nicht in den Dateien. Gruppen mit weniger als {n} Personen sind "
    "nicht gezeigt.",
    en="This report names nobody, in its files neither. Groups of fewer than {n} people are not shown.",
)


@dataclass(frozen=True, slots=True)
class NoLines:
    """Nobody is listed; how many there are stays known."""

    counts: Mapping[str, int]
    total: int = 0

    def __iter__(self) -> Iterator[Line]:
        return iter(())


def in_groups(content: Content) -> Content:
    return replace(
        content,
        actions=tuple(replace(action, filter=None) for action in content.actions),
        charts=tuple(map(_in_groups, content.charts)),
        notes=((_NOTE, message(_NOBODY, n=SMALLEST_GROUP)), *content.notes),
    )


def _in_groups(chart: Chart) -> Chart:
    match chart:
        case BarChart():
            return replace(chart, bars=tuple(filter(_is_shown, chart.bars)))
        case ShareChart():
            return replace(chart, rows=tuple(filter(_is_shown, chart.rows)))
        case _:
            return chart


def _is_shown(part: Bar | ShareRow) -> bool:
    return part.people is None or part.people >= SMALLEST_GROUP
