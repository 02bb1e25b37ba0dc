"""A wire to the tables of Azurite that breaks under as many writes as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from dev.azurite import Azurite

_CHUNK = 2**16


class Broken(StrEnum):
    REQUEST = "request"
    ANSWER = "answer"


@dataclass
class Wire:
    """`breaks`: how many writes are still to be lost, as a request or with the answer under way."""

    host: str
    port: int
    broken: Broken
    breaks: int = 0
    lost: int = field(default=0, init=False)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.port)
        with suppress(ConnectionError):
            while request := await reader.read(_CHUNK):
                breaks = request.startswith((b"POST", b"PATCH")) and self.breaks > 0
                if breaks:
                    self.breaks, self.lost = self.breaks - 1, self.lost + 1
                if breaks and self.broken is Broken.REQUEST:
                    break
                back.write(request)
                # A client of HTTP/1.1 waits for the answer; one read is enough for small ones.
                answer = await there.read(_CHUNK)
                if breaks:
                    break
                writer.write(answer)
        writer.transport.abort()
        back.transport.abort()


@asynccontextmanager
async def flaky_tables(azurite: Azurite, broken: Broken) -> AsyncIterator[tuple[Wire, str]]:
    """The wire, and a connection string that goes over it."""
    parts = dict(p.split("=", 1) for p in azurite.connection_string.rstrip(";").split(";"))
    address = urlsplit(parts["TableEndpoint"])
    assert address.hostname
    assert address.port
    wire = Wire(address.hostname, address.port, broken)
    async with await asyncio.start_server(wire.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        parts["TableEndpoint"] = f"http://127.0.0.1:{port}{address.path}"
        yield wire, "".join(f"{name}={value};" for name, value in parts.items())
