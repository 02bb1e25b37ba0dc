"""Queues: `runs`, one message a run; `deliveries`, a digest; `upkeep`, a chore for a tenant."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from shared_code.core.delivery import DeliveryRequest, encode_delivery
from shared_code.core.run import RunRequest, encode_request
from shared_code.core.upkeep import UpkeepRequest, encode_upkeep

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

_FOREVER = -1
_LONGEST_DELAY = timedelta(days=7)  # what the service takes


class RunMessages:
    def __init__(self, queue: "QueueClient") -> None:
        self._queue = queue

    async def send(self, request: RunRequest, *, delay: timedelta = timedelta()) -> None:
        await _send(self._queue, encode_request(request), delay)


class UpkeepMessages:
    def __init__(self, queue: "QueueClient") -> None:
        self._queue = queue

    async def send(self, request: UpkeepRequest, *, delay: timedelta = timedelta()) -> None:
        await _send(self._queue, encode_upkeep(request), delay)


class DeliveryMessages:
    def __init__(self, queue: "QueueClient") -> None:
        self._queue = queue

    async def send(self, request: DeliveryRequest, *, delay: timedelta = timedelta()) -> None:
        await _send(self._queue, encode_delivery(request), delay)


async def _send(queue: "QueueClient", text: str, delay: timedelta) -> None:
    seconds = math.ceil(min(delay, _LONGEST_DELAY).total_seconds())
    await queue.send_message(text, visibility_timeout=max(seconds, 0), time_to_live=_FOREVER)
