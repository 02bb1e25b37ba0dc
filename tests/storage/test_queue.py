"""Messages reach the host in the form it expects, when they are due; unreadable ones are kept."""

import base64
from datetime import timedelta

from shared_code.core.ports import DeadLetters
from shared_code.core.run import RunRequest, decode_request
from shared_code.storage.accounts import Accounts
from shared_code.storage.queue import Messages
from tests.fakes import FakeDeadLetters
from tests.storage import request


async def test_a_message_is_base64_and_a_delayed_one_comes_later(accounts: Accounts) -> None:
    # What other tests left in this Azurite.
    await accounts.queue("runs").clear_messages()
    queue = Messages[RunRequest](accounts.queue("runs"))
    soon, later = request(), request()
    await queue.send(later, delay=timedelta(minutes=5))
    await queue.send(soon)

    raw = accounts.queues.get_queue_client("runs")
    found = [m async for m in raw.receive_messages(max_messages=32)]

    assert [decode_request(base64.b64decode(m.content)) for m in found] == [soon]
    assert (await raw.get_queue_properties()).approximate_message_count == 2
    await raw.clear_messages()


async def test_a_dead_letter_is_kept_as_it_is(
    dead_letters: DeadLetters, accounts: Accounts
) -> None:
    await dead_letters.keep("1-a", b"\xffnot json")

    kept = (
        dead_letters.kept["1-a"]
        if isinstance(dead_letters, FakeDeadLetters)
        else await accounts.container("dead-letters").read("1-a")
    )
    assert kept == b"\xffnot json"


async def test_ensuring_again_changes_nothing(accounts: Accounts) -> None:
    await accounts.ensure()
