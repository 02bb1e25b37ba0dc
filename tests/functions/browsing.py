"""A browser: keeps cookies, follows redirects within the app, and signs in at the sandbox."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import aiohttp

from dev.host.worker import Answer
from dev.sandbox.sign_in import PARTNER
from tests.functions.house import CONTOSO, House

READER = "Reports.Reader"
ENGINEER = "Reports.Engineer"
HTML = "text/html,application/xhtml+xml"


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@dataclass
class Browser:
    house: House
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    async def get(self, path: str, *, accept: str = HTML, method: str = "GET") -> Answer:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.house.ask(method, path, {"Accept": accept, "Cookie": sent})
        for cookie in answer.cookies:
            for name, morsel in cookie.items():
                self.house.seen(morsel.value or "no cookie")
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    async def begin(self, to: str = "/portal") -> str:
        """The address at Entra that the app leads to."""
        answer = await self.get(f"/signin?to={to}")
        assert answer.status == 303
        return answer.headers["Location"]

    async def choose(self, address: str, tenant_id: str = CONTOSO, *, role: str = READER) -> str:
        """The path that Entra leads back to."""
        person = f"{tenant_id}~{role}"
        async with (
            aiohttp.ClientSession() as session,
            session.get(address, params={"person": person}, allow_redirects=False) as answer,
        ):
            assert answer.status == 302, await answer.text()
            back = urlsplit(answer.headers["Location"])
        self.house.seen(query_of(f"?{back.query}")["code"])
        return f"{back.path}?{back.query}"

    async def sign_in(
        self, tenant_id: str = CONTOSO, *, role: str = READER, to: str = "/portal"
    ) -> Answer:
        return await self.get(await self.choose(await self.begin(to), tenant_id, role=role))


async def signed_in(house: House, tenant_id: str = CONTOSO, *, role: str = READER) -> Browser:
    browser = Browser(house)
    answer = await browser.sign_in(tenant_id, role=role)
    assert answer.status == 303, answer.body
    return browser


async def engineer(house: House) -> Browser:
    return await signed_in(house, PARTNER, role=ENGINEER)
