"""Steps of a run: counts every call that leaves the process, and stops the process at one of them."""

import dataclasses
import inspect
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import StrEnum
from typing import Any, cast

from shared_code.core.ports import Source
from shared_code.storage.archive import BlobArchive
from shared_code.storage.ledger import TableLedger
from shared_code.storage.spool_folder import BlobSpoolFolder
from shared_code.storage.tenants import TableTenants
from shared_code.wiring.app import Services

# A heartbeat comes when it comes, and would give the same step another number each time.
_UNCOUNTED = ("runs.replace",)


class Side(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class Steps:
    """Step `at`, counted from one, is where `number` is sent to the own process; 0 is nowhere."""

    def __init__(
        self, *, at: int = 0, side: Side = Side.BEFORE, number: int = signal.SIGKILL
    ) -> None:
        self.seen: list[str] = []
        self._at, self._side, self._number = at, side, number

    def begin(self, name: str) -> int:
        if name in _UNCOUNTED:
            return -1
        self.seen.append(name)
        self._reach(len(self.seen), Side.BEFORE)
        return len(self.seen)

    def end(self, step: int) -> None:
        self._reach(step, Side.AFTER)

    def _reach(self, step: int, side: Side) -> None:
        if step == self._at and side is self._side:
            os.kill(os.getpid(), self._number)


class Stepped:
    """Stands before an object: each call, and each item of a listing, is a step."""

    def __init__(self, inner: object, name: str, steps: Steps) -> None:
        self._inner, self._name, self._steps = inner, name, steps

    def __getattr__(self, attribute: str) -> Any:
        method: Any = getattr(self._inner, attribute)
        name = f"{self._name}.{attribute}"
        if inspect.isasyncgenfunction(method):
            return lambda *words, **options: self._listed(name, method(*words, **options))
        if inspect.iscoroutinefunction(method):
            return lambda *words, **options: self._called(name, method(*words, **options))
        return method

    async def _called(self, name: str, call: Any) -> Any:
        step = self._steps.begin(name)
        try:
            return await call
        finally:
            self._steps.end(step)

    async def _listed(self, name: str, listing: Any) -> AsyncGenerator[Any]:
        step = self._steps.begin(name)
        try:
            async with aclosing(listing):
                async for item in listing:
                    self._steps.end(step)
                    yield item
                    step = self._steps.begin(name)
        finally:
            self._steps.end(step)


def stepped(services: Services, steps: Steps) -> Services:
    """The same services; what they ask of Graph, tables, blobs and the queue is counted.

    One call of a port is one or more calls of a table or a container: killed before the first of
    them or after the last, the port was not called yet or has just returned.
    """
    producer = services.producer
    archive, folder = producer.archive, producer.folder
    ledger, tenants = services.ledger, services.tenants
    assert isinstance(ledger, TableLedger)
    assert isinstance(tenants, TableTenants)
    assert isinstance(archive, BlobArchive)
    assert isinstance(folder, BlobSpoolFolder)
    ledger._table = cast("Any", Stepped(ledger._table, "runs", steps))
    tenants._table = cast("Any", Stepped(tenants._table, "tenants", steps))
    archive._blobs = cast("Any", Stepped(archive._blobs, "reports", steps))
    folder._blobs = cast("Any", Stepped(folder._blobs, "spool", steps))
    source = cast("Source", Stepped(producer.collector.source, "source", steps))
    collector = dataclasses.replace(producer.collector, source=source)
    return dataclasses.replace(
        services,
        producer=dataclasses.replace(producer, collector=collector),
        queue=cast("Any", Stepped(services.queue, "queue", steps)),
    )
