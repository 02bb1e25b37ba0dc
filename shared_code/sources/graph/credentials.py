"""Where tokens come from: Entra with a federated identity or a certificate, or the sandbox's login."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from shared_code.core.errors import ConfigurationError, ReportingError, UpstreamDown
from shared_code.core.loopback import LOOPBACK
from shared_code.core.ports import Clock
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.entra import login_error, read_login_refusal
from shared_code.sources.graph.tokens import Token

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.exceptions import AzureError
    from azure.core.pipeline.transport import AsyncHttpTransport

GRAPH = "https://graph.microsoft.com/.default"
_EXCHANGE = "api://AzureADTokenExchange/.default"

# At WARNING it logs all that Entra says of a refused sign-in, the customer's name among it. Our
# errors have the codes. Not by level: whoever wants to see everything sets levels.
_library = logging.getLogger("azure.identity")
_library.addHandler(logging.NullHandler())
_library.propagate = False

type Transport = "AsyncHttpTransport[Any, Any]"

type Assertion = Callable[[], Awaitable[str]]
"""Proves to Entra that the application is ours."""


class Credential(Protocol):
    """What is used of azure.identity's asynchronous credentials."""

    async def get_token(self, *scopes: str) -> "AccessToken": ...


class EntraIssuer:
    """One credential per tenant, each good for that tenant only: a mixed-up tenant fails closed.

    `most` bounds them; one costs about 30 KB.
    """

    def __init__(
        self, credential: Callable[[TenantId], Credential], *, scope: str = GRAPH, most: int = 500
    ) -> None:
        self._make = credential
        self._scope = scope
        self._most = most
        self._credentials = OrderedDict[TenantId, Credential]()

    async def issue(self, tenant_id: TenantId) -> Token:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - cold start

        try:
            token = await self._credential(tenant_id).get_token(self._scope)
        except AzureError as error:
            raise _translated(tenant_id, error) from error
        return Token(token.token, datetime.fromtimestamp(token.expires_on, UTC))

    def forget(self, tenant_id: TenantId) -> None:
        """The credential keeps its last token, so it has to go as a whole."""
        self._credentials.pop(tenant_id, None)

    def _credential(self, tenant_id: TenantId) -> Credential:
        if tenant_id not in self._credentials:
            self._credentials[tenant_id] = self._make(tenant_id)
        self._credentials.move_to_end(tenant_id)
        while len(self._credentials) > self._most:
            self._credentials.popitem(last=False)
        return self._credentials[tenant_id]


def _translated(tenant_id: TenantId, error: "AzureError") -> ReportingError:
    from azure.core.exceptions import HttpResponseError  # noqa: PLC0415 - cold start

    response: Any = error.response if isinstance(error, HttpResponseError) else None
    if response is None:
        return UpstreamDown(f"sign-in to {tenant_id}: {type(error).__name__}")
    return login_error(tenant_id, read_login_refusal(response.status_code, response.text()))


class _Federated:
    """azure.identity wants the assertion from a plain function, and ours takes waiting for."""

    def __init__(
        self, tenant_id: TenantId, app_id: str, assertion: Assertion, options: dict[str, Any]
    ) -> None:
        from azure.identity.aio import ClientAssertionCredential  # noqa: PLC0415 - cold start

        self._assertion = assertion
        self._shown = ""
        self._credential = ClientAssertionCredential(
            tenant_id, app_id, lambda: self._shown, **options
        )

    async def get_token(self, *scopes: str) -> "AccessToken":
        self._shown = await self._assertion()
        return await self._credential.get_token(*scopes)


def federated_issuer(
    app_id: str,
    assertion: Assertion,
    *,
    connections: Connections,
    scope: str = GRAPH,
    authority: str | None = None,
    transport: Transport | None = None,
) -> EntraIssuer:
    """Secretless: a managed identity of ours vouches for the application."""
    options = _options(connections, authority, transport)
    return EntraIssuer(
        lambda tenant_id: _Federated(tenant_id, app_id, assertion, options), scope=scope
    )


def certificate_issuer(
    app_id: str,
    certificate: bytes,
    *,
    connections: Connections,
    password: bytes | None = None,
    scope: str = GRAPH,
    authority: str | None = None,
    transport: Transport | None = None,
) -> EntraIssuer:
    """`certificate` is PEM or PFX with its private key."""
    options = _options(connections, authority, transport)

    def credential(tenant_id: TenantId) -> Credential:
        from azure.identity.aio import CertificateCredential  # noqa: PLC0415 - cold start

        try:
            return CertificateCredential(
                tenant_id, app_id, certificate_data=certificate, password=password, **options
            )
        except ValueError as error:
            raise ConfigurationError("the certificate or its password is unusable") from error

    return EntraIssuer(credential, scope=scope)


def managed_identity(
    client_id: str, *, connections: Connections, transport: Transport | None = None
) -> Assertion:
    """The assertion of a user-assigned managed identity; azure.identity keeps it while it is good."""
    kept: list[Credential] = []

    async def assertion() -> str:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - cold start
        from azure.identity import CredentialUnavailableError  # noqa: PLC0415 - cold start
        from azure.identity.aio import ManagedIdentityCredential  # noqa: PLC0415 - cold start

        if not kept:
            transport_ = transport or _shared(connections)
            kept.append(ManagedIdentityCredential(client_id=client_id, transport=transport_))
        try:
            return (await kept[0].get_token(_EXCHANGE)).token
        except CredentialUnavailableError as error:
            raise ConfigurationError("the managed identity is not available here") from error
        except AzureError as error:
            # Its endpoint refuses, or is not there yet, while an instance starts.
            raise UpstreamDown("the managed identity got no token") from error

    return assertion


def _options(
    connections: Connections, authority: str | None, transport: Transport | None
) -> dict[str, Any]:
    """Retries are ours. One transport for all: each of its own costs 330 KB and its handshakes."""
    options: dict[str, Any] = {"transport": transport or _shared(connections), "retry_total": 0}
    return options | ({"authority": authority} if authority else {})


def _shared(connections: Connections) -> Transport:
    from shared_code.sources.graph.azure_transport import SharedTransport  # noqa: PLC0415 - cold start

    return SharedTransport(connections)


class _Issued(msgspec.Struct):
    access_token: str
    expires_in: int


class SandboxIssuer:
    """A client secret, and for that reason only for a Graph on this very machine."""

    def __init__(
        self, connections: Connections, *, base_url: str, app_id: str, secret: str, clock: Clock
    ) -> None:
        url = URL(base_url)
        if url.scheme != "http" or url.host not in LOOPBACK:
            raise ConfigurationError("a client secret is for a Graph base URL on the loopback only")
        self._origin = url.origin()
        self._connections = connections
        self._clock = clock
        self._form = {
            "grant_type": "client_credentials",
            "client_id": app_id,
            "client_secret": secret,
            "scope": GRAPH,
        }

    async def issue(self, tenant_id: TenantId) -> Token:
        url = f"{self._origin}/{quote(tenant_id, safe='')}/oauth2/v2.0/token"
        try:
            async with self._connections.session().post(
                url, data=self._form, allow_redirects=False
            ) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UpstreamDown(f"sign-in to {tenant_id}: {type(error).__name__}") from error
        if status != 200:  # noqa: PLR2004
            raise login_error(tenant_id, read_login_refusal(status, body))
        issued = msgspec.json.decode(body, type=_Issued)
        return Token(issued.access_token, self._clock() + timedelta(seconds=issued.expires_in))

    def forget(self, tenant_id: TenantId) -> None:
        """Keeps nothing."""
