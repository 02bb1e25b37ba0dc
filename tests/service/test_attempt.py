"""Each attempt at a run ends in one line; what all of them took stands in the run's row."""

import logging
import re
from dataclasses import dataclass, field

import pytest

from shared_code.core.effort import Phase
from shared_code.core.errors import ConsentMissing, Throttled
from shared_code.service.attempt import Attempt
from tests.service.stage import Stage, request


@dataclass
class Watching:
    seen: list[list[tuple[Phase, str]]] = field(default_factory=list[list[tuple[Phase, str]]])

    def ended(self, attempt: Attempt) -> None:
        self.seen.append([(each.phase, each.of) for each in attempt.meter.steps])


class Blind:
    def ended(self, attempt: Attempt) -> None:
        raise ValueError("no eyes for Ada Lovelace")


def ended(caplog: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    lines = [line for line in caplog.messages if line.startswith("run ended ")]
    return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in lines]


@pytest.fixture(autouse=True)
def _told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


async def test_a_delivered_run_tells_its_rows_and_pages(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    run = await stage.delivered()

    [line] = ended(caplog)
    assert (line["state"], line["rows"], line["pages"]) == ("delivered", "8", "5")
    assert run.effort
    assert (run.effort.rows, run.effort.pages) == (8, 5)


async def test_a_blocked_run_tells_that_it_is(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.source.fail("people", ConsentMissing("no consent"))
    await stage.produce(request())

    assert [line["state"] for line in ended(caplog)] == ["blocked"]


async def test_what_there_was_nothing_to_do_for_is_skipped(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.produce(request())
    await stage.produce(request())

    assert [line["state"] for line in ended(caplog)] == ["delivered", "skipped"]


async def test_an_attempt_that_comes_back_later_is_told_and_added_to_the_run(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.source.fail("people", Throttled("people"), before_page=2)
    with pytest.raises(Throttled):
        await stage.produce(request())
    run = await stage.produce(request())

    first, second = ended(caplog)
    assert (first["state"], second["state"]) == ("Throttled", "delivered")
    assert run
    assert run.effort
    assert run.effort.rows == int(first["rows"]) + int(second["rows"]) == 8


async def test_a_fault_of_ours_is_told_by_its_class_and_never_by_its_words(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.source.fail("people", KeyError("Ada Lovelace"))
    with pytest.raises(KeyError):
        await stage.produce(request())

    assert [line["state"] for line in ended(caplog)] == ["KeyError"]
    assert "Ada" not in caplog.text


async def test_observers_are_told_each_step_of_the_attempt(stage: Stage) -> None:
    watching = Watching()
    stage.observers = (watching,)
    await stage.delivered()

    [steps] = watching.seen
    names = {(phase, of) for phase, of in steps}
    assert {(Phase.COLLECT, ""), (Phase.READ, "people"), (Phase.READ, "badges")} <= names
    assert {(Phase.BUILD, ""), (Phase.RENDER, "report.de.json")} <= names
    assert (Phase.FILE, "report.en.json") in names


async def test_an_observer_that_fails_repeats_no_delivery_and_blinds_no_other(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    watching = Watching()
    stage.observers = (Blind(), watching)
    run = await stage.delivered()

    assert run.state.is_delivered
    assert len(watching.seen) == 1
    assert "observer Blind failed: ValueError" in caplog.messages
    assert "Ada" not in caplog.text


async def test_an_observer_that_fails_does_not_stand_in_for_the_error_it_is_told_of(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.observers = (Blind(),)
    stage.source.fail("people", Throttled("people", retry_after=300))
    with pytest.raises(Throttled):
        await stage.produce(request())

    assert "observer Blind failed: ValueError" in caplog.messages
