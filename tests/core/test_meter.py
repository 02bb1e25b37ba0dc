"""What a run took is counted in the run, whoever works for it, and nowhere else."""

import asyncio
from datetime import timedelta

import pytest

from shared_code.core.cost import EXECUTION, GIGABYTE_SECOND, OPERATIONS
from shared_code.core.effort import Effort, Phase
from shared_code.core.meter import Meter, meter, metering, step
from tests.fakes import FakeClock


def test_phases_are_timed_also_when_they_fail() -> None:
    clock = FakeClock()
    current = Meter(clock, 2.0)
    with metering(current):
        with step(Phase.RENDER, "report.de.html"):
            clock.advance(timedelta(seconds=2))
        with pytest.raises(KeyError):
            _break(clock)
        clock.advance(timedelta(seconds=4))

    effort = current.effort()
    assert (effort.render, effort.build, effort.seconds) == (3, 0, 7)
    assert [each.of for each in current.steps] == ["report.de.html", "report.en.html"]


def _break(clock: FakeClock) -> None:
    with step(Phase.RENDER, "report.en.html"):
        clock.advance(timedelta(seconds=1))
        raise KeyError


def test_a_dataset_is_part_of_collecting_and_not_counted_twice() -> None:
    clock = FakeClock()
    current = Meter(clock, 2.0)
    with metering(current), step(Phase.COLLECT), step(Phase.READ, "guests"):
        clock.advance(timedelta(seconds=5))

    assert current.effort().collect == 5


def test_the_cost_goes_by_seconds_and_memory_and_is_that_of_one_execution() -> None:
    clock = FakeClock()
    small, large = Meter(clock, 0.5), Meter(clock, 4.0)
    clock.advance(timedelta(seconds=100))

    assert small.effort().cost == pytest.approx(50 * GIGABYTE_SECOND + EXECUTION)
    assert large.effort().cost == pytest.approx(400 * GIGABYTE_SECOND + EXECUTION)


def test_requests_to_storage_are_counted_together_and_cost_by_their_kind() -> None:
    current = Meter(FakeClock(), 2.0)
    current.operations.update({"blob writes": 10, "table reads": 4})

    effort = current.effort()
    assert effort.operations == 14
    expected = EXECUTION + 10 * OPERATIONS["blob writes"] + 4 * OPERATIONS["table reads"]
    assert effort.cost == pytest.approx(expected)


def test_a_clock_that_is_set_back_gives_no_time_and_no_money_back() -> None:
    clock = FakeClock()
    current = Meter(clock, 2.0)
    with metering(current), step(Phase.BUILD):
        clock.advance(timedelta(hours=-1))

    effort = current.effort()
    assert (effort.seconds, effort.build) == (0, 0)
    assert effort.cost == pytest.approx(EXECUTION)


def test_outside_of_runs_nothing_is_counted_and_nothing_fails() -> None:
    with step(Phase.FILE, "report.json"):
        assert meter() is None


async def test_runs_in_one_process_count_for_themselves_in_tasks_and_threads() -> None:
    async def run(rows: int) -> Effort:
        mine = Meter(FakeClock(), 2.0)
        with metering(mine):
            for _ in range(rows):
                await asyncio.sleep(0)
                await asyncio.to_thread(_count)
        return mine.effort()

    assert [effort.rows for effort in await asyncio.gather(run(3), run(5))] == [3, 5]


def _count() -> None:
    current = meter()
    assert current
    current.rows += 1


def test_efforts_add_up_field_by_field() -> None:
    first, second = Effort(rows=1, seconds=2.5, cost=0.1), Effort(rows=2, seconds=1, throttled=4)

    assert first + second == Effort(rows=3, seconds=3.5, cost=0.1, throttled=4)
