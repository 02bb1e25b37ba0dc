"""The HTTP sessions to Graph: one per event loop, shared by all tenants, because the host is the same."""

import asyncio
from asyncio import AbstractEventLoop

import aiohttp
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from isal import isal_zlib

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "m365-proactive-reports/1",
}


class Connections:
    """Opens a session when a loop first asks for one. `limit`: more than 200 in flight only queue."""

    def __init__(self, *, limit: int = 200, timeout: float = 60.0) -> None:
        self._limit = limit
        # A page of 999 users takes seconds at worst; silence for longer is a lost connection.
        self._timeout = ClientTimeout(total=2 * timeout, connect=10, sock_read=timeout)
        self._sessions: dict[AbstractEventLoop, ClientSession] = {}

    def session(self) -> ClientSession:
        """The session of the running loop."""
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            self._forget_dead_loops()
            session = self._sessions[loop] = self._open()
        return session

    def _open(self) -> ClientSession:
        # Decompression is a third of the cost of a page; isal does it several times faster.
        aiohttp.set_zlib_backend(isal_zlib)  # pyright: ignore[reportArgumentType]
        return ClientSession(
            connector=TCPConnector(limit=self._limit, keepalive_timeout=60),
            timeout=self._timeout,
            headers=_HEADERS,
            cookie_jar=DummyCookieJar(),
            read_bufsize=2**18,
        )

    def _forget_dead_loops(self) -> None:
        for loop in [loop for loop in self._sessions if loop.is_closed()]:
            # Closing would need the loop that is gone; its connections went with it.
            self._sessions.pop(loop).detach()

    async def close(self) -> None:
        """Close the running loop's session; the next request opens another."""
        self._forget_dead_loops()
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()
