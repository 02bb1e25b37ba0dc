"""Serves the app's HTTP functions and starts timers on request."""

import hmac
from collections.abc import Callable, Mapping

from aiohttp import web
from multidict import CIMultiDict, MultiMapping

from dev.host.journal import recorded
from dev.host.routes import Route, Router
from dev.host.worker import Answer, FunctionsApp

KEY_SETTING = "LOCAL_FUNCTION_KEY"
_ADMIN = "/admin/functions/"
_LARGEST_BODY = 100 * 1024 * 1024


class Web:
    def __init__(
        self,
        app: FunctionsApp,
        router: Router,
        *,
        key: str | None,
        start_timer: Callable[[str], bool],
    ) -> None:
        self._app, self._router = app, router
        self._key, self._start_timer = key, start_timer

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_post(_ADMIN + "{name}", self._run_timer)
        application.router.add_route("*", "/{path:.*}", self._serve)
        application.on_response_prepare.append(_without_server)
        return application

    async def _run_timer(self, request: web.Request) -> web.Response:
        return web.Response(status=202 if self._start_timer(request.match_info["name"]) else 404)

    async def _serve(self, request: web.Request) -> web.Response:
        found = self._router.find(request.method, request.rel_url.raw_path)
        if found is None:
            return web.Response(status=404)
        route, values = found
        if route.needs_key and not self._has_key(request):
            return web.Response(status=401)
        label = f"{route.function} {request.method} {route.template}"
        return _response(await recorded(label, self._invoke(request, route, values)))

    async def _invoke(
        self, request: web.Request, route: Route, values: Mapping[str, str]
    ) -> Answer:
        return await self._app.http(
            route.function,
            method=request.method,
            url=str(request.url),
            headers=_joined(request.headers),
            route=values,
            query=_joined(request.query),
            body=await request.read(),
        )

    def _has_key(self, request: web.Request) -> bool:
        given = request.headers.get("x-functions-key") or request.query.get("code", "")
        return bool(self._key) and hmac.compare_digest(given.encode(), (self._key or "").encode())


def _joined(values: MultiMapping[str]) -> dict[str, str]:
    """One text per name, as the host hands them to the worker."""
    return {name: ",".join(values.getall(name)) for name in values}


def _response(answer: Answer) -> web.Response:
    headers = CIMultiDict(answer.headers)
    for cookie in answer.cookies:
        for morsel in cookie.values():
            headers.add("Set-Cookie", morsel.OutputString())
    return web.Response(status=answer.status, body=answer.body, headers=headers)


async def _without_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop("Server", None)
