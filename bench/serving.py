"""Starts a stub, asks it what it saw, and proves that it is faster than who asks it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

import msgspec

from bench.stub.listing import keys
from bench.stub.options import Counts, Options

TIMES_FASTER = 5


class StubTooSlow(Exception):
    """What would be measured is the stub."""


@dataclass(frozen=True, slots=True)
class Served:
    options: Options
    origin: str

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1.0"

    def counts(self) -> Counts:
        with self._connection() as connection:
            return msgspec.json.decode(_got(connection, "/counts"), type=Counts)

    def speed(self, listing: str) -> float:
        """Pages per second on one connection, to a client that throws them away."""
        pages = list(keys(self.options, listing))
        with self._connection() as connection:
            begin = time.perf_counter()
            for key in pages:
                _got(connection, f"/v1.0/users?$skiptoken={key}")
            return len(pages) / (time.perf_counter() - begin)

    def prove(self, listing: str, client: float) -> float:
        """How many times faster than a client of so many pages per second. Raises StubTooSlow."""
        times = max(self.speed(listing) for _ in range(3)) / client
        if times < TIMES_FASTER:
            raise StubTooSlow(f"the stub is only {times:.1f} times faster than the client")
        return times

    def _connection(self) -> closing[HTTPConnection]:
        return closing(HTTPConnection(self.origin.removeprefix("http://"), timeout=60))


def _got(connection: HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    return connection.getresponse().read()


@contextmanager
def serving(options: Options) -> Iterator[Served]:
    command = [sys.executable, "-m", "bench.stub", msgspec.json.encode(options).decode()]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None  # noqa: S101 - for the type checker
        assert process.stdout is not None  # noqa: S101
        try:
            yield Served(options, f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.stdin.close()
