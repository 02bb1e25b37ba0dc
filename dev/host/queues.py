"""Delivers a queue's messages to its function: at least once, then to the poison queue."""

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from dev.host.journal import JOURNAL, recorded
from dev.host.settings import QueueOptions
from dev.host.worker import FunctionsApp

_POISON = "-poison"
_SHORTEST_PAUSE = 0.1
_FOR_EVER = -1


class Delivery:
    """One message, hidden from others while its function runs."""

    def __init__(self, queue: QueueClient, message: QueueMessage, hidden: float) -> None:
        self._queue, self.message, self._hidden = queue, message, hidden
        # Every update of a message invalidates the receipt before.
        self._receipt = message.pop_receipt or ""

    @asynccontextmanager
    async def kept_hidden(self) -> AsyncIterator[None]:
        done = asyncio.Event()
        renewal = asyncio.create_task(self._renew(done))
        try:
            yield
        finally:
            # Not cancelled: an update under way would change the receipt unseen.
            done.set()
            await renewal

    async def _renew(self, done: asyncio.Event) -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), self._hidden / 2)
                return
            await self._renew_once()

    async def _renew_once(self) -> None:
        try:
            await self.hide(self._hidden)
        except AzureError as error:
            JOURNAL.warning(
                "%s: message not renewed: %s", self._queue.queue_name, type(error).__name__
            )

    async def hide(self, seconds: float) -> None:
        updated = await self._queue.update_message(
            self.message.id, self._receipt, visibility_timeout=round(seconds)
        )
        self._receipt = updated.pop_receipt or ""

    async def delete(self) -> None:
        await self._queue.delete_message(self.message.id, self._receipt)


class QueueListener:
    def __init__(
        self,
        app: FunctionsApp,
        function: str,
        *,
        connection: str,
        queue_name: str,
        options: QueueOptions,
        visibility_seconds: float,
    ) -> None:
        self._app, self._function, self._options = app, function, options
        self._hidden = visibility_seconds
        self._queue = _client(connection, queue_name)
        is_poison = queue_name.endswith(_POISON)
        self._poison = None if is_poison else _client(connection, queue_name + _POISON)
        self._in_flight: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        try:
            await self._listen(stopping)
            while self._in_flight:
                await asyncio.wait(self._in_flight)
        finally:
            await self._cancel_in_flight()
            for client in filter(None, (self._queue, self._poison)):
                await client.close()

    async def _listen(self, stopping: asyncio.Event) -> None:
        pause = _SHORTEST_PAUSE
        while not stopping.is_set():
            if len(self._in_flight) > self._options.new_batch_threshold:
                await _either(stopping, self._in_flight)
                continue
            if await self._take_batch():
                pause = _SHORTEST_PAUSE
                continue
            await _either(stopping, (), seconds=pause)
            pause = min(pause * 2, self._options.max_polling_interval.total_seconds())

    async def _take_batch(self) -> int:
        """How many messages were there; none as well while the queue is missing."""
        try:
            messages = [m async for m in self._receive()]
        except ResourceNotFoundError:
            return 0
        except AzureError as error:
            JOURNAL.warning("%s: queue not read: %s", self._function, type(error).__name__)
            return 0
        for message in messages:
            task = asyncio.create_task(self._deliver(message))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)
        return len(messages)

    def _receive(self) -> AsyncIterator[QueueMessage]:
        size = self._options.batch_size
        return self._queue.receive_messages(
            messages_per_page=size, max_messages=size, visibility_timeout=round(self._hidden)
        )

    async def _deliver(self, message: QueueMessage) -> None:
        delivery = Delivery(self._queue, message, self._hidden)
        try:
            await self._run_and_settle(delivery)
        except AzureError as error:
            # Someone else has it by now, or the storage is gone: it will be delivered again.
            JOURNAL.warning("%s: message not settled: %s", self._function, type(error).__name__)
        except asyncio.CancelledError:
            # A host that stops gives the message back; only a killed one leaves it hidden.
            with suppress(AzureError):
                await delivery.hide(self._options.visibility_timeout.total_seconds())
            raise

    async def _run_and_settle(self, delivery: Delivery) -> None:
        content = delivery.message.content
        body = self._decoded(content)
        count = delivery.message.dequeue_count or 1
        # More than the limit happens when a host died with the message.
        is_hopeless = body is None or count > self._options.max_dequeue_count
        if is_hopeless and self._poison is not None:
            await self._park(delivery)
        elif await self._succeeds(delivery, content if body is None else body, count):
            await delivery.delete()
        else:
            await self._settle_failure(delivery, count)

    async def _succeeds(self, delivery: Delivery, body: str, count: int) -> bool:
        message = delivery.message
        run = self._app.queue(
            self._function,
            body,
            dequeue_count=count,
            message_id=message.id,
            inserted=message.inserted_on,
            expires=message.expires_on,
            next_visible=message.next_visible_on,
        )
        async with delivery.kept_hidden():
            return (await recorded(self._function, run)).ok

    async def _settle_failure(self, delivery: Delivery, count: int) -> None:
        if self._poison is None:
            # Left hidden until its time is over, or it would fail in a tight loop for ever.
            return
        if count >= self._options.max_dequeue_count:
            await self._park(delivery)
        else:
            await delivery.hide(self._options.visibility_timeout.total_seconds())

    async def _park(self, delivery: Delivery) -> None:
        assert self._poison is not None  # noqa: S101
        with suppress(ResourceExistsError):
            await self._poison.create_queue()
        await self._poison.send_message(delivery.message.content, time_to_live=_FOR_EVER)
        await delivery.delete()
        JOURNAL.warning("%s: message moved to %s", self._function, self._poison.queue_name)

    def _decoded(self, content: str) -> str | None:
        if not self._options.is_base64:
            return content
        try:
            return base64.b64decode(content, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None

    async def _cancel_in_flight(self) -> None:
        for task in self._in_flight:
            task.cancel()
        await asyncio.gather(*self._in_flight, return_exceptions=True)


def _client(connection: str, queue_name: str) -> QueueClient:
    # The listener polls again anyway, so the SDK's long patience is not needed.
    return QueueClient.from_connection_string(
        connection, queue_name, retry_total=1, initial_backoff=1
    )


async def _either(
    stopping: asyncio.Event, tasks: Iterable[asyncio.Task[None]], *, seconds: float | None = None
) -> None:
    """Waits until the host stops, one of the tasks is done or the time is over."""
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({stop, *tasks}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
