"""Collecting with msgraph-sdk: raw answers through its adapter, and typed models as its docs show."""
# pyright: reportMissingTypeStubs=false

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import httpx
from azure.core.credentials import AccessToken
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph.generated.models.user import User
from msgraph.generated.models.user_collection_response import UserCollectionResponse
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core.tasks.page_iterator import PageIterator

from bench.variants.fold import Fold, read_lines
from bench.variants.plain import ask_token
from shared_code.datasets.guests import GUESTS, Guest

_FIELDS = GUESTS.query()["$select"].split(",")


class _Credential:
    """Asks the stub once. azure-identity speaks https only; what it costs is left out for all."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._token: AccessToken | None = None

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:  # noqa: ANN401
        if self._token is None:
            async with httpx.AsyncClient() as http:
                text = await ask_token(http, self._base_url)
            self._token = AccessToken(text, int(time.time()) + 3600)
        return self._token

    async def close(self) -> None: ...

    async def __aexit__(self, *_error: object) -> None: ...


def client(base_url: str) -> GraphServiceClient:
    provider = AzureIdentityAuthenticationProvider(
        _Credential(base_url),  # pyright: ignore[reportArgumentType]
        scopes=["https://graph.microsoft.com/.default"],
        allowed_hosts=["127.0.0.1"],
    )
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = base_url
    return GraphServiceClient(request_adapter=adapter)


def guests(top: int = 999) -> RequestConfiguration[Any]:
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        select=_FIELDS, filter=GUESTS.filter, top=top
    )
    return RequestConfiguration(query_parameters=query)


class Raw:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "rows.jsonl"

    async def collect(self, base_url: str) -> Fold:
        graph, fold = client(base_url), Fold()
        request = graph.users.to_get_request_information(guests())
        with self._path.open("w") as out:
            while True:
                body: Any = await graph.request_adapter.send_primitive_async(request, "bytes", {})
                page = json.loads(body)
                for row in page["value"]:
                    fold.add(row["mail"], row["accountEnabled"])
                    out.write(json.dumps(row) + "\n")
                if not (link := page.get("@odata.nextLink")):
                    return fold
                request = _following(link)

    def rows(self) -> Iterable[Guest]:
        return read_lines(self._path)


def _following(link: str) -> RequestInformation:
    request = RequestInformation()
    request.http_method, request.url = Method.GET, link
    request.headers.try_add("Accept", "application/json")
    return request


class Typed:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "rows.jsonl"

    async def collect(self, base_url: str) -> Fold:
        graph, fold = client(base_url), Fold()
        with self._path.open("w") as out:

            def each(user: User) -> bool:
                fold.add(user.mail, user.account_enabled)
                _write(user, out)
                return True

            page: UserCollectionResponse | None = await graph.users.get(guests())
            await PageIterator(page, graph.request_adapter).iterate(each)
        return fold

    def rows(self) -> Iterable[Guest]:
        return read_lines(self._path)


def _write(user: User, out: IO[str]) -> None:
    changed, created = user.external_user_state_change_date_time, user.created_date_time
    row = {
        "id": user.id,
        "displayName": user.display_name,
        "mail": user.mail,
        "userPrincipalName": user.user_principal_name,
        "accountEnabled": user.account_enabled,
        "externalUserState": user.external_user_state,
        "externalUserStateChangeDateTime": changed.isoformat() if changed else None,
        "createdDateTime": created.isoformat() if created else None,
    }
    out.write(json.dumps(row) + "\n")
