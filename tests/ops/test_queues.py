"""Queues on the command line: depths, and messages for poison seen, tried again, dropped."""

from datetime import timedelta

import pytest

from shared_code.core.period import Period
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunRequest
from shared_code.core.waiting import Message
from shared_code.storage.accounts import QUEUES
from tests.fakes import NOON
from tests.ops.stage import CONTOSO, REPORT, WEEK, House

BODY = encode_message(RunRequest.due(CONTOSO, REPORT, Period(NOON - WEEK, NOON))).encode()


@pytest.fixture
def house() -> House:
    return House()


def keep(house: House, identity: str, *, queue: str = "runs-poison", body: bytes = BODY) -> None:
    queued = NOON - timedelta(hours=26)
    message = Message(id=identity, queue=queue, body=body, queued=queued, tries=5)
    house.queues.kept[queue].append(message)


def test_every_queue_tells_how_deep_it_is_and_since_when(house: House) -> None:
    keep(house, "m-1", queue="runs")
    keep(house, "m-2", queue="runs")

    depths = house.ops("queues", "--json").json

    assert [row["queue"] for row in depths] == list(QUEUES)
    assert depths[0] == {
        "queue": "runs",
        "messages": 2,
        "oldest": "2026-11-21T10:00:00Z",
        "age": "P1DT7200S",
    }
    assert depths[1]["oldest"] is None
    assert "1 d 2 h" in house.ops("queues").output


def test_messages_for_poison_and_dead_letters_are_listed_together(house: House) -> None:
    keep(house, "m-1", queue="upkeep-poison")
    keep(house, "m-2", queue="runs")
    house.dead_letters.kept["letter"] = b"?"

    listed = house.ops("poison", "list", "--json").json

    assert [(row["id"], row["where"]) for row in listed] == [
        ("m-1", "upkeep-poison"),
        ("letter", "dead-letters"),
    ]
    assert House().ops("poison", "list").output == "nothing failed too often\n"


def test_a_body_is_shown_whatever_is_in_it(house: House) -> None:
    keep(house, "m-1")
    house.dead_letters.kept["letter"] = b"\x1b[31m\xff"

    assert CONTOSO in house.ops("poison", "show", "m-1", "--json").json["body"]
    shown = house.ops("poison", "show", "letter").output
    assert r"\x1b[31m\xff" in shown
    assert "\x1b" not in shown


def test_a_message_goes_back_to_where_it_came_from(house: House) -> None:
    keep(house, "m-1")
    keep(house, "m-2", queue="deliveries-poison")

    retried = house.ops("poison", "retry", "m-1", "m-2", "--json").json

    assert [row["sent_to"] for row in retried] == ["runs", "deliveries"]
    assert [message.id for message in house.queues.kept["runs"]] == ["m-1"]
    assert house.queues.kept["runs-poison"] == []


def test_a_dead_letter_that_can_be_read_by_now_is_sent_to_its_queue(house: House) -> None:
    house.dead_letters.kept["letter"] = BODY

    assert house.ops("poison", "retry", "letter", "--json").json[0]["sent_to"] == "runs"

    assert [message.body for message in house.queues.kept["runs"]] == [BODY]
    assert house.dead_letters.kept == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"run_id": 1}'])
def test_what_nobody_can_read_is_not_sent_again(house: House, body: bytes) -> None:
    house.dead_letters.kept["letter"] = body

    refused = house.ops("poison", "retry", "letter")

    assert refused.code == 1
    assert "still nothing that anybody can read" in refused.error
    assert house.dead_letters.kept == {"letter": body}


def test_messages_are_dropped_for_good(house: House) -> None:
    keep(house, "m-1")
    house.dead_letters.kept["letter"] = BODY

    assert house.ops("poison", "drop", "m-1", "letter").code == 0

    assert (house.queues.kept["runs-poison"], house.dead_letters.kept) == ([], {})


@pytest.mark.parametrize("deed", ["show", "retry", "drop"])
def test_an_unknown_message_is_not_found(house: House, deed: str) -> None:
    ended = house.ops("poison", deed, "nothing")

    assert (ended.code, ended.error) == (1, "error: no such message: nothing\n")


@pytest.mark.parametrize("deed", ["retry", "drop"])
def test_one_mistyped_id_leaves_all_messages_where_they_are(house: House, deed: str) -> None:
    keep(house, "one")
    house.dead_letters.kept["letter"] = BODY

    ended = house.ops("poison", deed, "one", "letter", "none")

    assert (ended.code, ended.output) == (1, "")
    assert [row["id"] for row in house.ops("poison", "list", "--json").json] == ["one", "letter"]


def test_a_message_that_is_named_twice_is_sent_once(house: House) -> None:
    house.dead_letters.kept["letter"] = BODY

    retried = house.ops("poison", "retry", "letter", "letter", "--json")

    assert (retried.code, retried.json) == (0, [{"id": "letter", "sent_to": "runs"}])
    assert len(house.queues.kept["runs"]) == 1
