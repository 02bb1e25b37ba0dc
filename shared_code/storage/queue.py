"""Queues: `runs`, one message a run; `deliveries`, a digest; `probes`, a probe; `upkeep`, a chore."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from shared_code.core.queue_message import encode_message

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

_FOREVER = -1
_LONGEST_DELAY = timedelta(days=7)  # what the service takes


class Messages[R: msgspec.Struct]:
    """Of one queue, which ends each after its `lifetime`, if there is one."""

    def __init__(self, queue: "QueueClient", *, lifetime: timedelta | None = None) -> None:
        self._queue = queue
        self._lifetime = int(lifetime.total_seconds()) if lifetime else _FOREVER

    async def send(self, request: R, *, delay: timedelta = timedelta()) -> None:
        seconds = math.ceil(min(delay, _LONGEST_DELAY).total_seconds())
        await self._queue.send_message(
            encode_message(request),
            visibility_timeout=max(seconds, 0),
            time_to_live=self._lifetime,
        )
