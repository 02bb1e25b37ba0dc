"""Queues as an engineer sees them: how deep, since when, and what lies in those for poison."""
# pyright: reportUnknownMemberType=false
# The SDK leaves its keyword arguments without types.

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shared_code.core.waiting import Depth, Message

if TYPE_CHECKING:
    from azure.storage.queue import QueueMessage
    from azure.storage.queue.aio import QueueClient

_FOREVER = -1
_MOST = 32  # of one request

# Long enough to move one message; what else was taken comes back by itself should we die.
_HIDDEN_SECONDS = 60


class StoredQueues:
    """Bodies are moved as they are: clients without an encoding."""

    def __init__(self, queues: Mapping[str, "QueueClient"]) -> None:
        self._queues = queues

    async def depths(self) -> Sequence[Depth]:
        return await asyncio.gather(*(self._depth(name) for name in self._queues))

    async def peek(self, queue: str) -> Sequence[Message]:
        peeked = await self._queues[queue].peek_messages(max_messages=_MOST)
        return [_message(queue, each) for each in peeked]

    async def send(self, queue: str, body: bytes) -> None:
        encoded = base64.b64encode(body).decode()
        await self._queues[queue].send_message(encoded, time_to_live=_FOREVER)

    async def move(self, message: Message, *, to: str) -> bool:
        """Sent first, deleted second: a crash in between repeats it, which does no harm."""
        taken = await self._take(message)
        if taken is None:
            return False
        await self._queues[to].send_message(taken.content, time_to_live=_FOREVER)
        await self._queues[message.queue].delete_message(taken)
        return True

    async def drop(self, message: Message) -> bool:
        taken = await self._take(message)
        if taken is None:
            return False
        await self._queues[message.queue].delete_message(taken)
        return True

    async def _depth(self, name: str) -> Depth:
        client = self._queues[name]
        properties, peeked = await asyncio.gather(
            client.get_queue_properties(), client.peek_messages(max_messages=1)
        )
        count = properties.approximate_message_count or 0
        return Depth(queue=name, count=count, oldest=peeked[0].inserted_on if peeked else None)

    async def _take(self, wanted: Message) -> "QueueMessage | None":
        """Hides it; the others that came along are shown again."""
        client = self._queues[wanted.queue]
        received = client.receive_messages(
            messages_per_page=_MOST, max_messages=_MOST, visibility_timeout=_HIDDEN_SECONDS
        )
        taken = [each async for each in received]
        for other in taken:
            if other.id != wanted.id:
                await client.update_message(other, visibility_timeout=0)
        return next((each for each in taken if each.id == wanted.id), None)


def _message(queue: str, raw: "QueueMessage") -> Message:
    content = str(raw.content)
    try:
        body = base64.b64decode(content, validate=True)
    except binascii.Error:
        body = content.encode()
    return Message(
        id=raw.id or "",
        queue=queue,
        body=body,
        queued=raw.inserted_on,
        tries=raw.dequeue_count or 0,
    )
