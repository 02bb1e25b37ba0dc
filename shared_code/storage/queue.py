"""Queues: `runs`, one message a run; `deliveries`, a digest; `probes`, a probe; `upkeep`, a chore."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from shared_code.core.delivery import DeliveryRequest, encode_delivery
from shared_code.core.readiness import ProbeRequest, encode_probe
from shared_code.core.run import RunRequest, encode_request
from shared_code.core.upkeep import UpkeepRequest, encode_upkeep

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

_FOREVER = -1
_PROBE_LIFETIME = timedelta(hours=2)
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


class ProbeMessages:
    """Whatever is not probed in time is planned again: old messages may go."""

    def __init__(self, queue: "QueueClient") -> None:
        self._queue = queue

    async def send(self, request: ProbeRequest, *, delay: timedelta = timedelta()) -> None:
        lifetime = int(_PROBE_LIFETIME.total_seconds())
        await _send(self._queue, encode_probe(request), delay, lifetime=lifetime)


async def _send(
    queue: "QueueClient", text: str, delay: timedelta, *, lifetime: int = _FOREVER
) -> None:
    seconds = math.ceil(min(delay, _LONGEST_DELAY).total_seconds())
    await queue.send_message(text, visibility_timeout=max(seconds, 0), time_to_live=lifetime)
