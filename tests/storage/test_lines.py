"""Lines and memories: ordered by rank, counted, remembered for the next run."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from shared_code.core.errors import ContractBroken
from shared_code.core.metric import Point
from shared_code.core.table import NEVER, Line
from shared_code.storage.spool import LocalSpool, open_spool
from tests.storage import MONDAY


class Seen(msgspec.Struct, frozen=True):
    state: str
    days: int | None = None


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[LocalSpool]:
    with open_spool(tmp_path) as spool:
        yield spool


def _line(number: int, rank: int = 0, state: str | None = None) -> Line:
    memory = msgspec.Raw(msgspec.msgpack.encode(Seen(state=state))) if state else None
    return Line(f"k{number}", (number,), rank, (f"rank{rank}", "all"), memory)


def test_cells_of_every_kind_come_back_as_they_were(spool: LocalSpool) -> None:
    line = Line(
        "k", ("never", NEVER, None, -3, MONDAY, ("a", "b"), (), ""), -1, ("all",), None, "MC1"
    )

    [found] = spool.lines([line])

    assert found == line
    assert found.cells[1] is NEVER
    assert type(found.cells[0]) is str


def test_lines_are_in_order_of_rank_and_stable_within_it(spool: LocalSpool) -> None:
    given = [_line(n, rank=n % 7 - 3) for n in range(5000)]

    lines = spool.lines(iter(given))

    assert list(lines) == list(lines) == sorted(given, key=lambda line: line.rank)


def test_a_rank_for_every_line_is_possible(spool: LocalSpool) -> None:
    given = [_line(n, rank=-n) for n in range(10_000)]

    assert list(spool.lines(given)) == given[::-1]


def test_lines_are_counted_per_filter(spool: LocalSpool) -> None:
    lines = spool.lines(_line(n, rank=n % 3) for n in range(10))

    assert lines.total == 10
    assert lines.counts == {"all": 10, "rank0": 4, "rank1": 3, "rank2": 3}
    assert lines.counts["nobody"] == 0


def test_no_lines_are_no_lines(spool: LocalSpool) -> None:
    lines = spool.lines(())

    assert (list(lines), lines.total) == ([], 0)


def test_what_was_remembered_is_known_in_the_next_run(spool: LocalSpool) -> None:
    given = [_line(n, rank=n % 2, state=f"s{n}") for n in range(2100)]
    lines = spool.lines([*given, _line(9999)])
    memory = spool.remember(lines)

    history = spool.history(points=(), memory=memory, compared_with=MONDAY)

    ordered = sorted(given, key=lambda line: line.rank)
    expected = [(line.key, Seen(state=f"s{line.key[1:]}")) for line in ordered]
    assert list(history.remembered(Seen)) == expected == list(history.remembered(Seen))
    assert [(key, history.before(key, Seen)) for key, _ in expected] == expected
    assert history.before("k9999", Seen) is None
    assert history.compared_with == MONDAY


def test_a_first_run_remembers_nothing(spool: LocalSpool) -> None:
    history = spool.history(points=(), memory=None, compared_with=None)

    assert history.before("k1", Seen) is None
    assert list(history.remembered(Seen)) == []
    assert history.compared_with is None


def test_a_series_has_one_metric_oldest_first(spool: LocalSpool) -> None:
    points = [Point("a", MONDAY, 1), Point("b", MONDAY, 2), Point("a", MONDAY, 3)]

    history = spool.history(points=points, memory=None, compared_with=None)

    assert list(history.series("a")) == [points[0], points[2]]
    assert list(history.series("c")) == []


def test_a_memory_of_another_shape_is_a_broken_contract(spool: LocalSpool) -> None:
    memory = spool.remember(spool.lines([_line(1, state="x")]))
    history = spool.history(points=(), memory=memory, compared_with=MONDAY)

    with pytest.raises(ContractBroken):
        history.before("k1", int)


def test_a_file_that_is_no_memory_is_a_broken_contract(spool: LocalSpool, tmp_path: Path) -> None:
    other = spool.path("other.bin")
    other.write_bytes(b"PK not a memory")
    history = spool.history(points=(), memory=other, compared_with=MONDAY)

    with pytest.raises(ContractBroken):
        history.before("k1", Seen)


def test_a_memory_cut_short_is_a_broken_contract(spool: LocalSpool) -> None:
    memory = spool.remember(spool.lines(_line(n, state=f"s{n}") for n in range(500)))
    memory.write_bytes(memory.read_bytes()[:-100])
    history = spool.history(points=(), memory=memory, compared_with=MONDAY)

    with pytest.raises(ContractBroken):
        list(history.remembered(Seen))


def test_a_memory_that_is_not_msgpack_is_refused_when_written(spool: LocalSpool) -> None:
    json = msgspec.Raw(msgspec.json.encode(Seen(state="x")))

    with pytest.raises(ValueError, match="msgpack"):
        spool.lines([Line("k", (), memory=json)])
