"""What changed since the last report: the tiles that count it, and how far a figure moved."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shared_code.core.chart import Tone
from shared_code.core.report import Change, History
from shared_code.core.table import Filter
from shared_code.core.text import Text


@dataclass(frozen=True, slots=True)
class Tile:
    """Counts the lines of the filter with this id."""

    id: str
    label: Text
    tone: Tone

    @property
    def filter(self) -> Filter:
        """For a tile whose filter has no chip of its own."""
        return Filter(id=self.id, label=self.label, is_chip=False)


def changes(
    tiles: Iterable[Tile],
    counts: Counter[str],
    history: History,
    *,
    unknown: Collection[str] = (),
) -> tuple[Change, ...]:
    """`unknown` are tiles that cannot be compared; in the first report there are none at all."""
    if history.compared_with is None:
        return ()
    return tuple(
        Change(
            filter=tile.id,
            label=tile.label,
            count=None if tile.id in unknown else counts[tile.id],
            tone=tile.tone,
        )
        for tile in tiles
    )


def moved(history: History, metric: str, now: int) -> int | None:
    """By how many a count is above or below the last report's; None in the first one."""
    past = history.series(metric)
    return now - round(past[-1].value) if past else None
