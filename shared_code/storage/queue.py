"""Queue `runs`: one message, one run."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from shared_code.core.run import RunRequest, encode_request

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient

_FOREVER = -1
_LONGEST_DELAY = timedelta(days=7)  # what the service takes


class RunMessages:
    def __init__(self, queue: "QueueClient") -> None:
        self._queue = queue

    async def send(self, request: RunRequest, *, delay: timedelta = timedelta()) -> None:
        seconds = math.ceil(min(delay, _LONGEST_DELAY).total_seconds())
        await self._queue.send_message(
            encode_request(request), visibility_timeout=max(seconds, 0), time_to_live=_FOREVER
        )
