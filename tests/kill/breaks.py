"""Breaks: an account whose calls are counted, and which stops the worker at one of them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, cast

from shared_code.storage.accounts import Accounts
from tests.kill.steps import Side

LISTINGS = ("query_entities", "list_blobs", "list_blob_names")
READS = (*LISTINGS, "get_entity")


class Stopped(Exception):
    """The worker died here."""


def give_up(name: str) -> None:
    raise Stopped(name)


def die(_name: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Breaks:
    """Stops at the call of that number, before or after it; 0 is nowhere."""

    at: int = 0
    side: Side = Side.BEFORE
    stop: Callable[[str], None] = give_up
    seen: list[str] = field(default_factory=list[str])

    def around(self, accounts: Accounts) -> Accounts:
        """Each call of the SDK is one."""
        services = (accounts.tables, accounts.blobs, accounts.queues)
        broken = (_BreakingService(service, self) for service in services)
        return Accounts(*cast("Any", tuple(broken)), is_keyless=False)

    def reach(self, name: str, side: Side) -> None:
        if side is Side.BEFORE:
            self.seen.append(name)
        if len(self.seen) == self.at and side is self.side:
            self.at = 0
            self.stop(name)


class _BreakingService:
    def __init__(self, inner: object, breaks: Breaks) -> None:
        self._inner, self._breaks = inner, breaks

    def __getattr__(self, attribute: str) -> Any:
        method: Any = getattr(self._inner, attribute)
        if not attribute.startswith("get_"):
            return method
        return lambda name, **options: _Breaking(method(name, **options), name, self._breaks)


class _Breaking:
    def __init__(self, inner: object, name: str, breaks: Breaks) -> None:
        self._inner, self._name, self._breaks = inner, name, breaks

    def __getattr__(self, attribute: str) -> Any:
        method: Any = getattr(self._inner, attribute)
        name = f"{self._name}.{attribute}"
        if asyncio.iscoroutinefunction(method):
            return lambda *words, **options: self._called(name, method, *words, **options)
        if attribute in LISTINGS:
            return lambda *words, **options: self._listed(name, method(*words, **options))
        return method

    async def _called(self, name: str, method: Any, *words: Any, **options: Any) -> Any:
        self._breaks.reach(name, Side.BEFORE)
        result = await method(*words, **options)
        self._breaks.reach(name, Side.AFTER)
        return result

    async def _listed(self, name: str, listing: AsyncIterator[Any]) -> AsyncIterator[Any]:
        self._breaks.reach(name, Side.BEFORE)
        async for item in listing:
            # Whoever wants the first one only never comes to the end.
            self._breaks.reach(name, Side.AFTER)
            yield item
        self._breaks.reach(name, Side.AFTER)
