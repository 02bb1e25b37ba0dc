"""`python -m bench.stub OPTIONS`: prints the port and serves until its standard input closes."""

import asyncio
import re
import sys
import time
from contextlib import suppress

import msgspec

from bench.stub.listing import STRUCK, answer, build
from bench.stub.options import Counts, Fault, Options

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BEARER = re.compile(rb"\r\nauthorization: *bearer ([^\r]+)", re.IGNORECASE)
_BLANK = b"\r\n\r\n"
_ERROR = b'{"error":{"code":"serviceNotAvailable","message":"stub"}}'
_REFUSALS = {
    Fault.THROTTLED: answer(_ERROR, status="429 Too Many Requests"),
    Fault.DOWN: answer(_ERROR, status="503 Service Unavailable"),
}
_TOO_SOON = answer(_ERROR, status="429 Too Many Requests", headers="Retry-After: 1\r\n")
_UNKNOWN = answer(_ERROR, status="404 Not Found")


class Stub:
    """Every answer is found by the page key alone; a token is the name of its tenant."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.counts = Counts()
        self.pages: dict[str, bytes] = {}
        self._last: dict[bytes, float] = {}
        self._fault = options.fault

    def answer(self, target: str, head: bytes) -> tuple[bytes, bool]:
        """And whether the connection stays open."""
        if target.endswith("/oauth2/v2.0/token"):
            self.counts.tokens += 1
            return _token(target.split("/")[1]), True
        if target == "/counts":
            return answer(msgspec.json.encode(self.counts)), True
        self.counts.pages += 1
        key = page_key(target)
        if key.startswith("limited.") and self._is_too_soon(head):
            self.counts.refused += 1
            return _TOO_SOON, True
        return self._served(key)

    def _served(self, key: str) -> tuple[bytes, bool]:
        page = self.pages.get(key, _UNKNOWN)
        if not key.endswith(f".{STRUCK}"):
            return page, True
        fault, self._fault = self._fault, None
        if fault is Fault.TRUNCATED:
            return page[: len(page) // 2], False
        return (_REFUSALS.get(fault, page) if fault else page), True

    def _is_too_soon(self, head: bytes) -> bool:
        bearer = _BEARER.search(head)
        tenant = bearer[1] if bearer else b""
        now = time.monotonic()
        if now - self._last.get(tenant, float("-inf")) < self.options.spacing:
            return True
        self._last[tenant] = now
        return False


def page_key(target: str) -> str:
    _, _, token = target.partition("skiptoken=")
    if token:
        return token
    path, _, query = target.partition("?")
    if not path.endswith("/users"):
        return f"{path.rpartition('/')[2]}.0"
    if "signInActivity" in query:
        return "sign-ins.0"
    return "sponsors.0" if "sponsors" in query else "guests.0"


def _token(tenant: str) -> bytes:
    issued = {"token_type": "Bearer", "expires_in": 3599, "access_token": tenant}
    return answer(msgspec.json.encode(issued))


class Conversation(asyncio.Protocol):
    """One connection: requests in, answers out, in order."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while request := self._next():
            target = request.split(b" ", 2)[1].decode()
            content, stays = self._stub.answer(target, request)
            asyncio.get_running_loop().call_later(
                self._stub.options.latency, self._send, content, stays
            )

    def _next(self) -> bytes:
        """One whole request, empty if there is none yet."""
        end = self._received.find(_BLANK)
        if end < 0:
            return b""
        length = _LENGTH.search(self._received, 0, end)
        end += len(_BLANK) + (int(length[1]) if length else 0)
        if len(self._received) < end:
            return b""
        request, self._received = self._received[:end], self._received[end:]
        return request

    def _send(self, content: bytes, stays: bool) -> None:  # noqa: FBT001 - a callback
        self._transport.write(content)
        if not stays:
            self._transport.close()


async def serve(options: Options) -> None:
    stub = Stub(options)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(stub), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    stub.pages = build(options, f"http://127.0.0.1:{port}/v1.0")
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(msgspec.json.decode(sys.argv[1], type=Options)))
