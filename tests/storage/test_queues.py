"""Queues as an engineer sees them: looking changes nothing, and one message is moved or dropped."""

import base64

import pytest

from shared_code.core.ports import DeadLetters, Queues
from shared_code.storage.accounts import QUEUES, Accounts
from shared_code.storage.queues import StoredQueues
from tests.fakes import FakeQueues

POISON = "probes-poison"
TARGET = "probes"


@pytest.fixture
async def queues(stage: Accounts | None) -> Queues:
    if stage is None:
        return FakeQueues({name: [] for name in QUEUES})
    for name in (POISON, TARGET):
        await stage.queue(name).clear_messages()
    return StoredQueues(stage.raw_queues())


async def depth(queues: Queues, name: str) -> int:
    return next(d.count for d in await queues.depths() if d.queue == name)


async def test_looking_at_messages_leaves_them_as_they_are(queues: Queues) -> None:
    await queues.send(POISON, b"one")

    before = await queues.peek(POISON)
    after = await queues.peek(POISON)

    assert before == after
    assert [message.body for message in after] == [b"one"]
    assert after[0].queued
    assert await depth(queues, POISON) == 1


async def test_the_age_of_an_empty_queue_is_not_known(queues: Queues) -> None:
    depths = {depth.queue: depth for depth in await queues.depths()}

    assert set(depths) == set(QUEUES)
    assert (depths[POISON].count, depths[POISON].oldest) == (0, None)


async def test_one_message_is_moved_and_the_others_stay_visible(queues: Queues) -> None:
    for body in (b"one", b"two", b"three"):
        await queues.send(POISON, body)
    two = (await queues.peek(POISON))[1]

    assert await queues.move(two, to=TARGET)

    assert [m.body for m in await queues.peek(TARGET)] == [b"two"]
    assert {m.body for m in await queues.peek(POISON)} == {b"one", b"three"}
    assert not await queues.move(two, to=TARGET)


async def test_a_dropped_message_is_gone(queues: Queues) -> None:
    await queues.send(POISON, b"one")
    [one] = await queues.peek(POISON)

    assert await queues.drop(one)

    assert await depth(queues, POISON) == 0
    assert not await queues.drop(one)


async def test_a_body_without_an_encoding_is_shown_as_it_is(accounts: Accounts) -> None:
    queues = StoredQueues(accounts.raw_queues())
    raw = accounts.queues.get_queue_client(POISON)
    await raw.clear_messages()
    await raw.send_message("{not base64}")

    assert [message.body for message in await queues.peek(POISON)] == [b"{not base64}"]
    await raw.clear_messages()


async def test_a_moved_message_is_what_the_host_reads(accounts: Accounts) -> None:
    queues = StoredQueues(accounts.raw_queues())
    await accounts.queue(TARGET).clear_messages()
    await queues.send(TARGET, b"\xff\x00")

    raw = accounts.queues.get_queue_client(TARGET)
    [found] = [message async for message in raw.receive_messages(max_messages=1)]

    assert base64.b64decode(found.content) == b"\xff\x00"
    await raw.clear_messages()


async def test_dead_letters_are_listed_read_and_dropped(dead_letters: DeadLetters) -> None:
    before = await dead_letters.all()
    await dead_letters.keep("a-1", b"one")

    assert [letter.id for letter in await dead_letters.all() if letter not in before] == ["a-1"]
    assert await dead_letters.read("a-1") == b"one"
    await dead_letters.drop("a-1")
    assert await dead_letters.read("a-1") is None
    assert await dead_letters.all() == before
