"""An Entra of our own on the loopback: it publishes keys and issues tokens."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from tests.logs import written
from tests.signin import claims


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    written(caplog.records)


class LoopbackEntra:
    def __init__(self) -> None:
        self.keys: dict[str, RSAPrivateKey] = {}
        self.issuers: dict[str, str] = {}  # of keys that not everybody's tokens are signed with
        self.fetches = 0
        self.is_down = False
        self.delay = 0.0
        self.url = ""

    def publish(self, kid: str) -> None:
        self.keys[kid] = generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, kid: str = "k1", /, **changed: Any) -> str:
        """A claim changed to None is left out."""
        said = {n: c for n, c in {**claims(), **changed}.items() if c is not None}
        return jwt.encode(said, self.keys[kid], "RS256", headers={"kid": kid})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.fetches += 1
        await asyncio.sleep(self.delay)
        status = b"503 Down" if self.is_down else b"200 OK"
        body = json.dumps({"keys": [self._jwk(kid) for kid in self.keys]}).encode()
        head = b"HTTP/1.1 %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        writer.write(head % (status, len(body)) + body)
        await writer.drain()
        writer.close()

    def _jwk(self, kid: str) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        issuer = {"issuer": self.issuers[kid]} if kid in self.issuers else {}
        return {**public, "kid": kid, "use": "sig", **issuer}


@pytest.fixture(scope="session")
def first_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
async def entra(first_key: RSAPrivateKey) -> AsyncIterator[LoopbackEntra]:
    entra = LoopbackEntra()
    entra.keys["k1"] = first_key
    server = await asyncio.start_server(entra.answer, "127.0.0.1", 0)
    async with server:
        entra.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
        yield entra
