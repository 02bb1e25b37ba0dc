"""Tests of the local stage, and the small Graph client they share."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import aiohttp
import msgspec

from dev.sandbox import Sandbox

MONDAY = datetime(2026, 9, 7, 6, tzinfo=UTC)
APP_ID = "5a4d60ab-7c1e-4f0e-9a51-1d3a7c0b9e10"
GUESTS = {"$filter": "userType eq 'Guest'"}
SIGN_INS = GUESTS | {"$select": "id,displayName,signInActivity"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return msgspec.json.decode(self.raw)

    @property
    def code(self) -> str:
        return self.body["error"]["code"]


class Asking:
    """A client for one tenant of a running sandbox."""

    def __init__(self, sandbox: Sandbox, tenant_id: str) -> None:
        self._sandbox = sandbox
        self._tenant_id = tenant_id
        self._session = aiohttp.ClientSession()
        self._token = ""

    async def __aenter__(self) -> Self:
        answer = await self.sign_in()
        if answer.status == 200:
            self._token = answer.body["access_token"]
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._session.close()

    async def sign_in(self, tenant_id: str | None = None, **form: str) -> Answer:
        fields = {
            "grant_type": "client_credentials",
            "client_id": APP_ID,
            "client_secret": "anything",
            "scope": "https://graph.microsoft.com/.default",
        } | form
        tenant = tenant_id or self._tenant_id
        url = f"{self._sandbox.login_url}/{tenant}/oauth2/v2.0/token"
        return await self._ask("POST", url, data={k: v for k, v in fields.items() if v})

    async def get(
        self, path: str, options: Mapping[str, str] | None = None, **headers: str
    ) -> Answer:
        url = path if path.startswith("http") else self._sandbox.graph_url + path
        sent = {"Authorization": f"Bearer {self._token}"} | headers
        return await self._ask("GET", url, params=options, headers=sent)

    async def post(self, path: str, body: object) -> Answer:
        return await self._ask("POST", self._sandbox.origin + path, data=msgspec.json.encode(body))

    async def pages(self, path: str, options: Mapping[str, str]) -> AsyncIterator[Answer]:
        answer = await self.get(path, options)
        yield answer
        while link := answer.body.get("@odata.nextLink"):
            answer = await self.get(link)
            yield answer

    async def rows(self, path: str, options: Mapping[str, str]) -> list[dict[str, Any]]:
        return [row async for page in self.pages(path, options) for row in page.body["value"]]

    async def _ask(self, method: str, url: str, **sent: Any) -> Answer:
        async with self._session.request(method, url, allow_redirects=False, **sent) as response:
            return Answer(response.status, dict(response.headers), await response.read())
