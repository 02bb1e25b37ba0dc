"""The engineer's own sign-in: what the Azure CLI says of it, asked once per command."""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

_ALMOST_OVER = 300  # seconds; the SDK asks anew then, too


class Remembered:
    """A token once asked for is everybody's: each client of storage would start `az` by itself."""

    def __init__(
        self, credential: "AsyncTokenCredential", clock: Callable[[], float] = time.time
    ) -> None:
        self._credential = credential
        self._clock = clock
        self._tokens: dict[tuple[str, ...], AccessToken] = {}
        self._asking = asyncio.Lock()

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        **options: Any,  # noqa: ANN401 - as the SDK has them
    ) -> "AccessToken":
        if claims or tenant_id:
            asked = {"claims": claims, "tenant_id": tenant_id, **options}
            return await self._credential.get_token(*scopes, **asked)
        async with self._asking:
            known = self._tokens.get(scopes)
            if known is None or known.expires_on - self._clock() < _ALMOST_OVER:
                known = await self._credential.get_token(*scopes, **options)
                self._tokens[scopes] = known
            return known

    async def close(self) -> None:
        await self._credential.close()

    async def __aenter__(self) -> Self:
        await self._credential.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._credential.__aexit__(exc_type, exc_value, traceback)


def azure_cli() -> Remembered:
    from azure.identity.aio import AzureCliCredential  # noqa: PLC0415

    return Remembered(AzureCliCredential())
