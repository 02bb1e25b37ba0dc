"""Writes one line for each invocation: time, function, outcome, milliseconds."""

import logging
import sys
import time
from collections.abc import Awaitable
from typing import Protocol

JOURNAL = logging.getLogger("dev.host")


class Ended(Protocol):
    @property
    def summary(self) -> str: ...


async def recorded[T: Ended](label: str, invocation: Awaitable[T]) -> T:
    """Never logs what was invoked with: bodies and paths carry tokens."""
    started = time.perf_counter()
    summary = "cancelled"
    try:
        ended = await invocation
        summary = ended.summary
    finally:
        JOURNAL.info("%s %s %.0f ms", label, summary, (time.perf_counter() - started) * 1000)
    return ended


def write_to_stdout() -> None:
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[lines], force=True)
    # These write urls at INFO, and the worker writes its whole index.
    for chatty in ("azure", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
