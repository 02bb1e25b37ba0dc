"""What is counted as a change, and what cannot be compared."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from shared_code.core.change import Tile, changes, moved
from shared_code.core.chart import Tone
from shared_code.core.metric import Point
from shared_code.core.text import Text, signed

END = datetime(2026, 11, 16, 5, tzinfo=UTC)
TILES = tuple(Tile(name, Text(name, name), Tone.INFO) for name in ("added", "gone", "idle"))


@dataclass
class Past:
    """A history that holds nothing but figures."""

    compared_with: datetime | None = None
    figures: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def series(self, metric: str) -> Sequence[Point]:
        return [Point(metric, END, value) for value in self.figures.get(metric, ())]

    def before[M](self, key: str, shape: type[M]) -> M | None:
        return None

    def remembered[M](self, shape: type[M]) -> Iterable[tuple[str, M]]:
        return ()


def test_the_first_report_has_no_changes() -> None:
    assert changes(TILES, Counter(added=3), Past()) == ()


def test_what_cannot_be_compared_has_no_count_and_what_did_not_happen_has_none_of_it() -> None:
    tiles = changes(TILES, Counter(added=3, idle=2), Past(END), unknown=("idle",))
    assert [(tile.filter, tile.count) for tile in tiles] == [
        ("added", 3),
        ("gone", 0),
        ("idle", None),
    ]


def test_a_count_is_compared_with_the_last_reports() -> None:
    past = Past(END, {"people": [9, 4]})
    assert (moved(past, "people", 6), moved(past, "people", 4)) == (2, 0)
    assert moved(past, "another", 6) is None


@pytest.mark.parametrize(("difference", "sign"), [(2, "+"), (-2, "−"), (0, "±")])
def test_a_difference_shows_its_sign(difference: int, sign: str) -> None:
    said = signed(difference)
    assert (said.text.de, said.text.en) == (f"{sign}{{n}}", f"{sign}{{n}}")
    assert said.values == {"n": abs(difference)}
