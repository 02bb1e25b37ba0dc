"""Domains: Entra's discovery document says whose directory one is; nothing else is ever asked."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from dev.sandbox import Sandbox, contoso, fabrikam
from shared_code.core.errors import UpstreamDown
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.discovery import EntraDomains


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    opened = Connections()
    yield opened
    await opened.close()


async def test_a_tenant_is_found_by_its_domains_and_its_id(connections: Connections) -> None:
    async with Sandbox([contoso(), fabrikam()]) as sandbox:
        domains = EntraDomains(connections, login_url=sandbox.login_url)
        for name in ("contoso.com", "CONTOSO.com", "contoso.onmicrosoft.com", contoso().tenant_id):
            assert await domains.tenant_of(name) == contoso().tenant_id
        assert await domains.tenant_of("fabrikam.com") == fabrikam().tenant_id
        assert await domains.tenant_of("nobody.example") is None


@pytest.mark.parametrize(
    "name",
    ["", "a/b.example", "a.example?x", "a.example#x", "..", "a b.example", "x" * 300, "ä.at"],
)
async def test_what_is_no_name_is_nobodys_without_asking(
    connections: Connections, name: str
) -> None:
    domains = EntraDomains(connections, login_url="http://127.0.0.1:9")

    assert await domains.tenant_of(name) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (302, "{}"),
        (200, "<html>"),
        (200, "{}"),
        (200, '{"issuer": "https://login.example/{tenantid}/v2.0"}'),
        (200, '{"issuer": "https://[bad"}'),
        (200, '{"issuer": ""}'),
    ],
)
async def test_an_answer_that_says_nothing_is_an_outage(
    connections: Connections, status: int, body: str
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        headers = {"Location": "http://127.0.0.1:9/"} if status == 302 else None
        return web.Response(status=status, text=body, headers=headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        port = runner.addresses[0][1]
        domains = EntraDomains(connections, login_url=f"http://127.0.0.1:{port}")
        with pytest.raises(UpstreamDown):
            await domains.tenant_of("contoso.example")
    finally:
        await runner.cleanup()


async def test_nobody_there_is_an_outage(connections: Connections) -> None:
    with pytest.raises(UpstreamDown):
        await EntraDomains(connections, login_url="http://127.0.0.1:9").tenant_of("contoso.example")
