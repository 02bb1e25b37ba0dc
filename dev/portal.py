"""A stand-in for the partner's reporting portal: it asks the app's API and shows what it answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
from aiohttp import web
from markupsafe import Markup, escape

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_STYLE = """
body{margin:2rem auto;max-width:70rem;padding:0 1rem;font:15px/1.5 system-ui,sans-serif}
table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}
td,th{text-align:left;padding:.5rem .8rem;border-bottom:1px solid #ccc;vertical-align:top}
"""


class Portal:
    """Signs in as an admin of each tenant, so that nobody needs an account to look around."""

    def __init__(self, *, api: str, tenants: Sequence[str], token: Callable[[str], str]) -> None:
        self._api = api
        self._tenants = tenants
        self._token = token
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def start(self, port: int) -> None:
        app = web.Application()
        app.add_routes([web.get("/", self._page)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _page(self, _request: web.Request) -> web.Response:
        async with aiohttp.ClientSession(self._api) as session:
            shelves = [await self._shelf(session, tenant_id) for tenant_id in self._tenants]
        body = Markup("").join(_section(shelf) for shelf in shelves)
        page = Markup(
            '<!DOCTYPE html><html lang="de"><meta charset="utf-8"><title>Berichte</title>'
            "<style>{style}</style><h1>Berichte</h1>{body}</html>"
        ).format(style=Markup(_STYLE), body=body)  # noqa: S704
        headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def _shelf(self, session: aiohttp.ClientSession, tenant_id: str) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self._token(tenant_id)}"}
        path = f"/api/tenants/{tenant_id}/reports"
        async with session.get(path, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json()


def _section(shelf: Mapping[str, Any]) -> Markup:
    tenant = shelf["tenant"]
    rows = Markup("").join(
        _row(report, run) for report in shelf["reports"] for run in report["runs"][:6]
    )
    return Markup(
        "<h2>{customer}</h2><p>{domain} · {state}</p>"
        "<table><tr><th>Bericht<th>Zeitraum bis<th>Stand<th>Ergebnis<th>Dateien</tr>{rows}</table>"
    ).format(rows=rows, **tenant)


def _row(report: Mapping[str, Any], run: Mapping[str, Any]) -> Markup:
    files = run["link"]["files"] if run["link"] else []
    links = Markup(" · ").join(
        Markup('<a href="{}">{}</a>').format(f["url"], f["name"].removeprefix("report."))
        for f in files
    )
    cells = report["title"]["de"], run["period"]["end"][:10], run["state"], run["headline"]["de"]
    return Markup("<tr>{}<td>{}</tr>").format(
        Markup("").join(Markup("<td>{}").format(escape(cell)) for cell in cells), links
    )
