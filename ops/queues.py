"""Queues and what failed too often in them: seen, tried again, dropped."""

from collections.abc import Callable
from typing import Annotated

import typer

from ops.answers import Answer, Fields, Listing, Record
from ops.command import Session, command, group
from ops.session import RefusedError
from shared_code.core.delivery import decode_delivery
from shared_code.core.errors import MessageMalformed
from shared_code.core.readiness import decode_probe
from shared_code.core.run import decode_request
from shared_code.core.upkeep import decode_upkeep
from shared_code.core.waiting import POISON, Message

queues_app = typer.Typer()
poison_app = group("poison", "Messages that failed too often, or that nobody can read.")

_LETTERS = "dead-letters"
_MOST_SHOWN = 2000  # characters of a body

# Which queue takes such a message; the least demanding comes last.
_TAKES: dict[str, Callable[[bytes], object]] = {
    "runs": decode_request,
    "deliveries": decode_delivery,
    "upkeep": decode_upkeep,
    "probes": decode_probe,
}

Ids = Annotated[list[str], typer.Argument(metavar="ID", help="As `poison list` has it.")]


@command(queues_app, "queues")
async def queues(session: Session) -> Answer:
    """How many messages wait in each queue, and since when the oldest that could be taken."""
    now = session.services.ordering.clock()
    depths = await session.services.queues.depths()
    rows = [
        {
            "queue": depth.queue,
            "messages": depth.count,
            "oldest": depth.oldest,
            "age": now - depth.oldest if depth.oldest else None,
        }
        for depth in depths
    ]
    return Listing(rows)


@command(poison_app, "list")
async def poison(session: Session) -> Answer:
    """The first 32 messages of each queue for poison, and all dead letters."""
    letters = await session.services.dead_letters.all()
    rows = [_row(message) for message in await _messages(session)]
    rows += [{"id": k.id, "where": _LETTERS, "since": k.kept, "tries": None} for k in letters]
    return Listing(rows, none="nothing failed too often")


async def _messages(session: Session) -> list[Message]:
    names = [depth.queue for depth in await session.services.queues.depths()]
    found = [await session.services.queues.peek(n) for n in names if n.endswith(POISON)]
    return [message for messages in found for message in messages]


def _row(message: Message) -> Fields:
    return {
        "id": message.id,
        "where": message.queue,
        "since": message.queued,
        "tries": message.tries,
    }


@command(poison_app, "show")
async def show(
    session: Session,
    identity: Annotated[str, typer.Argument(metavar="ID", help="As `poison list` has it.")],
) -> Answer:
    """One message with its body: ids and instants only."""
    found = await _find(session, identity)
    if isinstance(found, Message):
        return Record({**_row(found), "body": _words(found.body)})
    return Record({"id": identity, "where": _LETTERS, "body": _words(found)})


def _words(body: bytes) -> str:
    return body.decode("utf-8", "backslashreplace")[:_MOST_SHOWN]


async def _find(session: Session, identity: str) -> Message | bytes:
    message = next((m for m in await _messages(session) if m.id == identity), None)
    if message:
        return message
    body = await session.services.dead_letters.read(identity)
    if body is None:
        raise RefusedError(f"no such message: {identity}")
    return body


@command(poison_app, "retry")
async def retry(session: Session, identities: Ids) -> Answer:
    """Sends messages back to where they came from, once what was broken is mended; all or none.

    A run that was recorded as failed meanwhile is not made by this: `runs again` does.
    """
    found = [(identity, await _find(session, identity)) for identity in dict.fromkeys(identities)]
    ways = [(identity, message, _way_back(identity, message)) for identity, message in found]
    return Listing([await _retried(session, *way) for way in ways])


async def _retried(session: Session, identity: str, found: Message | bytes, queue: str) -> Fields:
    if isinstance(found, Message):
        if not await session.services.queues.move(found, to=queue):
            raise RefusedError(f"{identity} is gone: somebody else has taken it")
    else:
        await session.services.queues.send(queue, found)
        await session.services.dead_letters.drop(identity)
    return {"id": identity, "sent_to": queue}


def _way_back(identity: str, found: Message | bytes) -> str:
    """Raises RefusedError for what no queue takes: it would only come back."""
    if isinstance(found, Message):
        return found.queue.removesuffix(POISON)
    for queue, decode in _TAKES.items():
        try:
            decode(found)
        except MessageMalformed:
            continue
        return queue
    raise RefusedError(f"{identity} is still nothing that anybody can read: see `poison show`")


@command(poison_app, "drop")
async def drop(session: Session, identities: Ids) -> Answer:
    """Deletes messages for good; all or none."""
    found = [(identity, await _find(session, identity)) for identity in dict.fromkeys(identities)]
    return Listing([await _dropped(session, *each) for each in found])


async def _dropped(session: Session, identity: str, found: Message | bytes) -> Fields:
    if not isinstance(found, Message):
        await session.services.dead_letters.drop(identity)
    elif not await session.services.queues.drop(found):
        raise RefusedError(f"{identity} is gone: somebody else has taken it")
    return {"id": identity, "dropped": True}
