"""The port Mailer: Graph's sendMail from the partner's mailbox, and a look among its sent mails."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared_code.core.delivery import Mail
from shared_code.core.errors import (
    MailRefused,
    MailUnclear,
    ReportingError,
    Throttled,
    UpstreamDown,
    UpstreamError,
)
from shared_code.core.ports import Clock
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.refusals import seconds_to_wait
from shared_code.sources.graph.retrying import MayPass
from shared_code.sources.graph.tokens import Tokens

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation
    from msgraph.graph_service_client import GraphServiceClient

    from shared_code.sources.graph.sdk import Refused

# Longer, and whoever takes the mail over could find nothing sent while this one is still sending.
_TIMEOUT = timedelta(seconds=60)

# Gateways answer these when the service behind them may have taken the mail.
_UNCLEAR = frozenset({408, 500, 502, 504})


class GraphMailer:
    """One mailbox in the partner's own tenant. msgraph-sdk is imported on first use (cold start)."""

    def __init__(
        self, tokens: Tokens, *, tenant_id: TenantId, sender: str, base_url: str, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._tenant_id = tenant_id
        self._sender = sender
        self._base_url = base_url
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        from shared_code.mail.requests import sending  # noqa: PLC0415 - cold start
        from shared_code.sources.graph.sdk import Refused  # noqa: PLC0415 - cold start

        # Before anything is handed over: without a token nothing was sent.
        await self._token()
        try:
            await self._read(lambda builders: sending(builders, self._sender, mail))
        except Refused as error:
            await self._renew(error)
            raise self._translated(error) from error
        except (MayPass, TimeoutError) as error:
            raise MailUnclear(type(error.__cause__ or error).__name__) from error

    async def was_sent(self, marker: str) -> bool:
        from shared_code.mail.requests import any_found, searching  # noqa: PLC0415 - cold start
        from shared_code.sources.graph.sdk import Refused  # noqa: PLC0415 - cold start

        try:
            body = await self._read(lambda builders: searching(builders, self._sender, marker))
        except Refused as error:
            await self._renew(error)
            raise self._found_nothing(error) from error
        except (MayPass, TimeoutError) as error:
            raise UpstreamDown("sent mails: no answer") from error
        return any_found(body)

    async def _read(self, request: "Callable[[GraphServiceClient], RequestInformation]") -> bytes:
        """Once: a mail that is sent again is a second mail."""
        from shared_code.mail.requests import was_never_connected  # noqa: PLC0415 - cold start
        from shared_code.sources.graph.sdk import open_sdk  # noqa: PLC0415 - cold start

        try:
            async with (
                asyncio.timeout(_TIMEOUT.total_seconds()),
                open_sdk(self._token, self._base_url) as sdk,
            ):
                return await sdk.read(request(sdk.builders))
        except MayPass as error:
            if was_never_connected(error):
                raise UpstreamDown("mailbox: no connection") from error
            raise

    def _translated(self, error: "Refused") -> MailRefused | MailUnclear | UpstreamError:
        words = " ".join((str(error.status), *error.codes))
        wait = seconds_to_wait(error.retry_after, self._clock())
        if error.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Throttled(words, retry_after=wait)
        if error.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.UNAUTHORIZED):
            # A token that is refused is renewed for the next attempt.
            return UpstreamDown(words, retry_after=wait)
        is_ours = HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return (
            MailRefused(words) if is_ours and error.status not in _UNCLEAR else MailUnclear(words)
        )

    def _found_nothing(self, error: "Refused") -> MailRefused | UpstreamError:
        translated = self._translated(error)
        return UpstreamDown(str(translated)) if isinstance(translated, MailUnclear) else translated

    async def _renew(self, error: "Refused") -> None:
        if error.status == HTTPStatus.UNAUTHORIZED:
            self._tokens.drop(self._tenant_id, await self._token())

    async def _token(self) -> str:
        """Raises UpstreamDown whatever the sign-in fails on: nothing was sent then."""
        try:
            return await self._tokens.token(self._tenant_id)
        except UpstreamError:
            raise
        except ReportingError as error:
            raise UpstreamDown(f"mailbox: {type(error).__name__}") from error
