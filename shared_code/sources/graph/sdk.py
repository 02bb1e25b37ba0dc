"""Microsoft's SDK as far as it is used: its request builders, raw answers, its errors translated."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.models.o_data_errors.o_data_error import (  # pyright: ignore[reportMissingTypeStubs]
    ODataError,
)
from msgraph.generated.organization.organization_request_builder import (  # pyright: ignore[reportMissingTypeStubs]
    OrganizationRequestBuilder,
)
from msgraph.generated.service_principals_with_app_id.service_principals_with_app_id_request_builder import (  # pyright: ignore[reportMissingTypeStubs]
    ServicePrincipalsWithAppIdRequestBuilder,
)
from msgraph.generated.tenant_relationships.delegated_admin_relationships.delegated_admin_relationships_request_builder import (  # pyright: ignore[reportMissingTypeStubs]
    DelegatedAdminRelationshipsRequestBuilder,
)
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient

from shared_code.sources.graph.refusals import down

_MOST_RELATIONSHIPS = 300

# At INFO it logs each request's whole address: the sender's mailbox, what is searched for in it.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Refused(Exception):
    """Graph's answer was not 2xx."""

    def __init__(self, status: int, codes: tuple[str, ...], retry_after: str | None) -> None:
        super().__init__(status, *codes)
        self.status = status
        self.codes = codes
        self.retry_after = retry_after


class _TenantToken(AuthenticationProvider):
    def __init__(self, token: Callable[[], Awaitable[str]]) -> None:
        self._token = token

    async def authenticate_request(
        self,
        request: RequestInformation,
        additional_authentication_context: dict[str, Any] | None = None,
    ) -> None:
        del additional_authentication_context
        # A second attempt uses the same request, and headers collect values.
        request.headers.remove("Authorization")
        request.headers.add("Authorization", f"Bearer {await self._token()}")


class Sdk:
    """One tenant's client. Only raw reads: the typed models cost hundreds of times more."""

    def __init__(self, builders: GraphServiceClient) -> None:
        self._builders = builders

    @property
    def builders(self) -> GraphServiceClient:
        return self._builders

    async def read(self, request: RequestInformation) -> bytes:
        """Raises Refused, or MayPass when no answer came."""
        adapter = self._builders.request_adapter
        try:
            body = await adapter.send_primitive_async(request, "bytes", {"XXX": ODataError})
        except APIError as error:
            raise _refused(error) from error
        except httpx.HTTPError as error:
            raise down(f"control plane: {type(error).__name__}") from error
        return cast("bytes | None", body) or b""

    def organization(self, fields: Sequence[str]) -> RequestInformation:
        query = OrganizationRequestBuilder.OrganizationRequestBuilderGetQueryParameters
        configuration = RequestConfiguration(query_parameters=query(select=list(fields)))
        return self._builders.organization.to_get_request_information(configuration)

    def principal(self, app_id: str, fields: Sequence[str]) -> RequestInformation:
        query = ServicePrincipalsWithAppIdRequestBuilder.ServicePrincipalsWithAppIdRequestBuilderGetQueryParameters
        configuration = RequestConfiguration(query_parameters=query(select=list(fields)))
        builder = self._builders.service_principals_with_app_id(app_id)
        return builder.to_get_request_information(configuration)

    def relationships(self, fields: Sequence[str]) -> RequestInformation:
        query = DelegatedAdminRelationshipsRequestBuilder.DelegatedAdminRelationshipsRequestBuilderGetQueryParameters
        options = query(select=list(fields), top=_MOST_RELATIONSHIPS)
        builder = self._builders.tenant_relationships.delegated_admin_relationships
        return builder.to_get_request_information(RequestConfiguration(query_parameters=options))

    def granted(self, principal_id: str) -> RequestInformation:
        builder = self._builders.service_principals.by_service_principal_id(principal_id)
        return builder.app_role_assignments.to_get_request_information()


@asynccontextmanager
async def open_sdk(token: Callable[[], Awaitable[str]], base_url: str) -> AsyncGenerator[Sdk]:
    """A plain client: without the SDK's middleware nobody but us retries or follows a redirect."""
    async with httpx.AsyncClient(timeout=httpx.Timeout(60, connect=10)) as client:
        adapter = GraphRequestAdapter(_TenantToken(token), client=client)
        adapter.base_url = base_url.rstrip("/")
        yield Sdk(GraphServiceClient(request_adapter=adapter))


def following(url: str) -> RequestInformation:
    request = RequestInformation()
    request.http_method, request.url = Method.GET, url
    request.headers.add("Accept", "application/json")
    return request


def _refused(error: APIError) -> Refused:
    headers: Any = error.response_headers or {}
    main = error.error if isinstance(error, ODataError) else None
    inner = main.inner_error if main else None
    nested = inner.additional_data.get("code") if inner else None
    codes = (main.code if main else None, nested)
    return Refused(
        error.response_status_code or 0,
        tuple(code for code in codes if isinstance(code, str)),
        headers.get("Retry-After"),
    )
