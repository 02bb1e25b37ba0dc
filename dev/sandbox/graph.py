"""The Graph side: who calls, what goes wrong on purpose, whether a limit is hit, then the page."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from aiohttp import web
from yarl import URL

from dev.sandbox.answers import damage, fault_error, send, send_error
from dev.sandbox.clock import seconds
from dev.sandbox.errors import GraphError, throttled, token_refused
from dev.sandbox.faults import Fault, FaultKind, Faults
from dev.sandbox.pages import count_users, page
from dev.sandbox.population import Customer
from dev.sandbox.query import PageToken, read_token
from dev.sandbox.resources import Caller
from dev.sandbox.throttle import SignInLimit
from dev.sandbox.tokens import GraphTokens

_UNITS = {"/users": 2, "/subscribedSkus": 3}


@dataclass(slots=True)
class Stats:
    """What the sandbox has been asked and what it has answered."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)  # tenant id, path
    statuses: Counter[int] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)  # per tenant id, refused ones too
    limited: int = 0  # 429 for exceeding a limit; ordered faults are not counted here


class Graph:
    def __init__(
        self,
        customers: Mapping[str, Customer],
        *,
        faults: Faults,
        tokens: GraphTokens,
        limit: SignInLimit,
        now: Callable[[], datetime],
    ) -> None:
        self._customers = customers
        self._faults = faults
        self._tokens = tokens
        self._limit = limit
        self._now = now
        self.stats = Stats()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            response = await self._answer(request)
        except GraphError as error:
            response = send_error(request, error)
        self.stats.statuses[response.status] += 1
        return response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        caller = self._tokens.read(request.headers.get("Authorization", ""))
        # Clients that join a base URL and a path may send two slashes; Graph does not mind.
        path = "/" + request.match_info["path"].strip("/")
        self.stats.requests[caller.tenant_id, path] += 1
        customer = self._customers.get(caller.tenant_id)
        if customer is None:
            raise token_refused("The tenant of the token does not exist.")
        if request.method != "GET":
            message = "Specified HTTP method is not allowed for the request target."
            raise GraphError(405, "Request_BadRequest", message)
        fault = await self._suffer(request, caller, path)
        self._respect_limits(request, caller, path)
        return await self._serve(request, caller, customer, path=path, fault=fault)

    async def _suffer(self, request: web.Request, caller: Caller, path: str) -> FaultKind | None:
        """Waits, raises, or returns the damage to do."""
        continued = "$skiptoken" in request.query
        faults: list[Fault] = self._faults.at_graph(caller.tenant_id, path, continued=continued)
        for fault in faults:
            if fault.kind is FaultKind.LATENCY:
                await asyncio.sleep(fault.seconds)
        for fault in faults:
            error = fault_error(fault)
            if error is not None:
                raise error
        damages = [fault.kind for fault in faults if fault.kind is not FaultKind.LATENCY]
        return damages[0] if damages else None

    def _respect_limits(self, request: web.Request, caller: Caller, path: str) -> None:
        if path != "/users" or "signInActivity" not in request.query.get("$select", ""):
            return
        wait = self._limit.retry_after(caller.tenant_id)
        if wait is not None:
            self.stats.limited += 1
            raise throttled(str(wait))

    async def _serve(
        self,
        request: web.Request,
        caller: Caller,
        customer: Customer,
        *,
        path: str,
        fault: FaultKind | None,
    ) -> web.StreamResponse:
        advanced = request.headers.get("ConsistencyLevel", "").lower() == "eventual"
        at = self._now()
        if path == "/users/$count":
            return self._count(request, customer, at, advanced=advanced)
        body, after = page(
            customer, at=at, caller=caller, path=path, options=request.query, advanced=advanced
        )
        if after is not None:
            body["@odata.nextLink"] = _link(request, after.text())
        here = read_token(request.query.get("$skiptoken")) or PageToken(0, seconds(at))
        again = msgspec.structs.replace(here, turn=here.turn + 1).text()
        damage(body, fault, here=str(request.url), again=_link(request, again))
        return await send(request, body, fault=fault, units=_units(request, path))

    @staticmethod
    def _count(
        request: web.Request, customer: Customer, at: datetime, *, advanced: bool
    ) -> web.Response:
        if not advanced:
            raise GraphError(400, "Request_BadRequest", "$count is not currently supported.")
        return web.Response(text=str(count_users(customer, at=at, options=request.query)))


def _link(request: web.Request, token: str) -> str:
    # Graph writes a space as %20; a plus sign that is meant stands as %2B.
    return str(URL(request.url).update_query({"$skiptoken": token})).replace("+", "%20")


def _units(request: web.Request, path: str) -> int:
    """Resource units as documented: selecting saves one, expanding costs one, never below one."""
    base = _UNITS.get(path, 2 if path.endswith("/appRoleAssignments") else 1)
    return max(1, base - ("$select" in request.query) + ("$expand" in request.query))
