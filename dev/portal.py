"""Signs in for whoever looks around: the local stage's way into the app's own portal pages."""

from collections.abc import Callable, Mapping

import aiohttp
from aiohttp import web
from markupsafe import Markup

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_STYLE = """
body{margin:4rem auto;max-width:40rem;padding:0 1rem;font:17px/1.6 system-ui,sans-serif}
"""
_PASSED_ON = ("Content-Type", "Content-Security-Policy", "Referrer-Policy", "Location")


class Portal:
    """Nobody needs an account: each tenant's pages are asked for with a token of its admin.

    `tenants` maps tenant ids to what customers are called.
    """

    def __init__(
        self, *, api: str, tenants: Mapping[str, str], token: Callable[[str], str]
    ) -> None:
        self._api = api
        self._tenants = tenants
        self._token = token
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def start(self, port: int) -> None:
        app = web.Application()
        app.add_routes(
            [web.get("/", self._customers), web.get("/portal/{id}{rest:.*}", self._pass)]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _customers(self, _request: web.Request) -> web.Response:
        links = Markup("").join(
            Markup('<li><a href="/portal/{}">{}</a></li>').format(tenant_id, customer)
            for tenant_id, customer in self._tenants.items()
        )
        page = Markup(
            '<!DOCTYPE html><html lang="de"><meta charset="utf-8"><title>Portal</title>'
            "<style>{style}</style><h1>Portal</h1><p>Anmelden als Admin von:</p><ul>{links}</ul></html>"
        ).format(style=Markup(_STYLE), links=links)  # noqa: S704
        headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _pass(self, request: web.Request) -> web.Response:
        tenant_id = request.match_info["id"]
        if tenant_id not in self._tenants:
            raise web.HTTPNotFound
        headers = {"Authorization": f"Bearer {self._token(tenant_id)}"}
        async with (
            aiohttp.ClientSession(self._api) as session,
            session.get(request.rel_url, headers=headers, allow_redirects=False) as answer,
        ):
            kept = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)
