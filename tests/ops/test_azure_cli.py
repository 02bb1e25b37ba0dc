"""The engineer's sign-in: a token is remembered as long as it is good."""

import asyncio
from types import TracebackType
from typing import Self

from azure.core.credentials import AccessToken

from ops.azure_cli import Remembered

STORAGE = "https://storage.azure.com/.default"


class Cli:
    """Says another token each time, good for an hour."""

    def __init__(self) -> None:
        self.now = 0.0
        self.number = 0

    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        self.number += 1
        number = self.number
        await asyncio.sleep(0)
        return AccessToken(f"token-{number}", int(self.now) + 3600)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...


async def test_who_asks_at_once_and_later_gets_the_same_token_until_it_is_almost_over() -> None:
    cli = Cli()
    remembered = Remembered(cli, clock=lambda: cli.now)

    async def token(scope: str = STORAGE) -> str:
        return (await remembered.get_token(scope, enable_cae=True)).token

    assert await asyncio.gather(token(), token()) == ["token-1", "token-1"]
    cli.now = 3290
    assert await token() == "token-1"
    cli.now = 3310
    assert await token() == "token-2"
    assert await token("https://graph.microsoft.com/.default") == "token-3"


async def test_what_storage_demands_besides_is_asked_for_anew() -> None:
    remembered = Remembered(Cli(), clock=lambda: 0.0)

    first = await remembered.get_token(STORAGE)
    demanded = await remembered.get_token(STORAGE, claims="more")

    assert (first.token, demanded.token) == ("token-1", "token-2")
