"""A small Entra behind azure-identity: it knows its tenants and remembers what it was asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast
from urllib.parse import urlsplit

from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest


class Answer:
    """As much of a response as azure-identity's pipeline looks at."""

    def __init__(self, request: HttpRequest, status: int, body: Mapping[str, Any]) -> None:
        self.request = request
        self.status_code = status
        self.headers = {"content-type": "application/json"}
        self.content_type = "application/json"
        self.reason = ""
        self._content = json.dumps(body)

    def text(self, encoding: str | None = None) -> str:
        return self._content

    def body(self) -> bytes:
        return self._content.encode()


@dataclass
class Entra(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """`refusals` by tenant: status, error, code."""

    tenants: frozenset[str]
    assertion: str | None = None  # None: anything that looks like one
    refusals: dict[str, tuple[int, str, int]] = field(
        default_factory=dict[str, tuple[int, str, int]]
    )
    is_reachable: bool = True
    forms: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    asked: list[str] = field(default_factory=list[str])

    async def send(self, request: HttpRequest, **_options: Any) -> AsyncHttpResponse:
        if not self.is_reachable:
            raise ServiceRequestError("no route")
        tenant = urlsplit(request.url).path.split("/")[1]
        form: Any = request._data
        self.asked.append(tenant)
        self.forms.append(form)
        status, body = self._answer(tenant, self.forms[-1])
        return cast("AsyncHttpResponse", Answer(request, status, body))

    def _answer(self, tenant: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        if tenant not in self.tenants:
            return 400, {"error": "invalid_request", "error_codes": [90002]}
        if self.assertion not in (None, form.get("client_assertion")):
            return 401, {"error": "invalid_client", "error_codes": [70021]}
        if tenant in self.refusals:
            status, error, code = self.refusals[tenant]
            words = f"AADSTS{code}: not found in the directory 'Contoso GmbH'. Trace ID: 1"
            return status, {"error": error, "error_codes": [code], "error_description": words}
        number = len(self.asked)
        return 200, {
            "token_type": "Bearer",
            "expires_in": 3599,
            "access_token": f"{tenant}-{number}",
        }

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None: ...
