"""A defect anywhere: its words reach neither the host nor the log nor who asked, whichever function it is."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from dev.host.worker import Answer
from shared_code import wiring
from shared_code.core.delivery import DeliveryRequest
from shared_code.core.queue_message import encode_message
from shared_code.core.readiness import ProbeRequest
from shared_code.core.upkeep import Chore, UpkeepRequest
from shared_code.wiring.app import Services
from tests.functions.browsing import HTML
from tests.functions.house import CONTOSO, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = "Ada Lovelace"
_NOBODY: Mapping[str, str] = {}
# They write a line and touch nothing that could break.
HARMLESS = {"probes_poison", "upkeep_poison"}


class _Broken:
    """As services would be if each of them had a defect that quotes whom it stumbled over."""

    def __getattr__(self, name: str) -> object:
        try:
            _NOBODY[WORDS]
        except KeyError as error:
            raise ValueError(f"{name} cannot place {WORDS}") from error


@pytest.fixture
def broken(house: House) -> Iterator[House]:
    kept = [house.services]
    wiring._current[:] = [cast("Services", _Broken())]
    yield house
    wiring._current[:] = kept


def message(house: House, queue: str) -> str:
    order = house.due()
    return {
        "runs": encode_message(order),
        "deliveries": encode_message(DeliveryRequest.of(CONTOSO, order.end)),
        "probes": encode_message(ProbeRequest(tenant_id=CONTOSO)),
        "upkeep": encode_message(UpkeepRequest(chore=Chore.RETENTION, tenant_id=CONTOSO)),
    }[queue.removesuffix("-poison")]


def names(house: House, kind: str) -> list[str]:
    found = [n for n in house.app.names if house.app.trigger(n)["type"] == kind]
    assert found
    return found


async def test_no_timer_and_no_message_hands_the_host_the_words_of_a_defect(broken: House) -> None:
    app = broken.app
    outcomes = {name: await app.timer(name) for name in names(broken, "timerTrigger")}
    for name in names(broken, "queueTrigger"):
        outcomes[name] = await app.queue(name, message(broken, app.trigger(name)["queueName"]))

    assert {name for name, outcome in outcomes.items() if outcome.ok} == HARMLESS
    for name in outcomes.keys() - HARMLESS:
        said = f"{outcomes[name].error}{outcomes[name].trace}"
        assert "Defect: ValueError: at functions/test_defects.py:" in said, name
        assert "caused by KeyError: at" in said, name
        assert WORDS not in said, name


async def _all_asked(house: House, accept: str) -> dict[str, Answer]:
    return {
        f"{method} /{trigger['route']}": await house.ask(
            method, "/" + re.sub(r"{\w+}", "x", trigger["route"]), {"Accept": accept}
        )
        for trigger in map(house.app.trigger, names(house, "httpTrigger"))
        for method in trigger["methods"]
    }


@pytest.mark.parametrize("accept", [HTML, "application/json"])
async def test_who_asks_is_told_that_there_is_a_defect_and_the_log_which(
    broken: House, caplog: pytest.LogCaptureFixture, accept: str
) -> None:
    answers = await _all_asked(broken, accept)

    for name, answer in answers.items():
        assert (answer.ok, answer.status) == (True, 500), (name, answer.error)
        assert answer.headers["Cache-Control"] == "private, no-store"
        if accept == HTML and " /api/" not in name:
            assert answer.headers["content-type"].startswith("text/html"), name
            assert b"Das hat nicht geklappt" in answer.body
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        else:
            assert answer.headers["content-type"].startswith("application/problem+json"), name
            assert json.loads(answer.body)["status"] == 500
    defects = [line for line in caplog.messages if line.startswith("defect: ValueError: at ")]
    assert len(defects) == len(answers)
    assert WORDS not in f"{caplog.text}{[answer.body for answer in answers.values()]}"


async def test_each_answer_is_told_by_function_and_status_and_without_the_address(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.ask("GET", "/r/v1.not-a-link")
    await house.ask("GET", "/api/tenants")
    [refused, unknown] = [m for m in caplog.messages if m.startswith("answered ")]

    assert refused == "answered function=open_link status=410"
    assert unknown == "answered function=list_tenants status=401"
