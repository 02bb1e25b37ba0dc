"""The sandbox's own switches over HTTP, for a stage that runs in another process."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from dev.sandbox.faults import Fault, FaultKind
from dev.sandbox.population import Plan

if TYPE_CHECKING:
    from dev.sandbox.server import Sandbox


class FaultOrder(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    kind: FaultKind
    tenant: str | None = None
    path: str = ""
    times: int | None = None
    after: int = 0
    seconds: float = 1.0


class Moment(msgspec.Struct):
    at: datetime


class CustomerChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    tenant: str
    permissions: list[str] | msgspec.UnsetType = msgspec.UNSET
    plan: Plan | msgspec.UnsetType = msgspec.UNSET
    login_fault: FaultKind | msgspec.UnsetType | None = msgspec.UNSET


class TokenOrder(msgspec.Struct, kw_only=True):
    tid: str
    aud: str
    roles: list[str] = []
    overrides: dict[str, Any] = {}


class Control:
    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/sandbox/faults", self.add_fault),
            web.delete("/sandbox/faults", self.clear_faults),
            web.post("/sandbox/at", self.move),
            web.post("/sandbox/customers", self.change),
            web.get("/sandbox/stats", self.stats),
            web.post("/sandbox/token", self.token),
        ]

    async def add_fault(self, request: web.Request) -> web.Response:
        order = await _decode(request, FaultOrder)
        self._sandbox.faults.add(Fault(**msgspec.structs.asdict(order)))
        return web.Response(status=204)

    async def clear_faults(self, _request: web.Request) -> web.Response:
        self._sandbox.faults.clear()
        return web.Response(status=204)

    async def move(self, request: web.Request) -> web.Response:
        moment = (await _decode(request, Moment)).at
        self._sandbox.at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return web.Response(status=204)

    async def change(self, request: web.Request) -> web.Response:
        change = await _decode(request, CustomerChange)
        given = msgspec.structs.asdict(change)
        changes = {name: value for name, value in given.items() if value is not msgspec.UNSET}
        if "permissions" in changes:
            changes["permissions"] = frozenset(changes["permissions"])
        self._sandbox.change(changes.pop("tenant"), **changes)
        return web.Response(status=204)

    async def stats(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=msgspec.json.encode(self._sandbox.summary()), content_type="application/json"
        )

    async def token(self, request: web.Request) -> web.Response:
        order = await _decode(request, TokenOrder)
        token = self._sandbox.issue(
            tid=order.tid, roles=order.roles, aud=order.aud, **order.overrides
        )
        return web.json_response({"access_token": token})


async def _decode[T](request: web.Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
