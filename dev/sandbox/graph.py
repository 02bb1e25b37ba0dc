"""The Graph side: who calls, what goes wrong on purpose, whether a limit is hit, then the page."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
from aiohttp import web
from yarl import URL

from dev.sandbox.answers import damage, fault_error, late, send, send_error
from dev.sandbox.clock import seconds
from dev.sandbox.downloads import Downloads
from dev.sandbox.errors import GraphError, throttled, token_refused
from dev.sandbox.faults import Fault, FaultKind, Faults
from dev.sandbox.mail import Mailbox
from dev.sandbox.pages import count_users, csv_file, page
from dev.sandbox.population import Customer
from dev.sandbox.query import PageToken, read_token
from dev.sandbox.relationships import PATH as RELATIONSHIPS
from dev.sandbox.relationships import Relationships
from dev.sandbox.resources import Caller, Found, Resource, find_resource
from dev.sandbox.throttle import Limits
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
        limits: Limits,
        downloads: Downloads,
        mailbox: Mailbox,
        relationships: Relationships,
        resources: Sequence[Resource],
        now: Callable[[], datetime],
    ) -> None:
        self._customers = customers
        self._faults = faults
        self._tokens = tokens
        self._limits = limits
        self._downloads = downloads
        self._mailbox = mailbox
        self._relationships = relationships
        self._resources = resources
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
        path = _path(request)
        self.stats.requests[caller.tenant_id, path] += 1
        if caller.tenant_id == self._mailbox.tenant_id:
            self._mailbox.count(request.method, path)
            await self._suffer(request, caller, path)
            if path == RELATIONSHIPS and request.method == "GET":
                return self._relationships.answer(request)
            return await self._mailbox.answer(request, path)
        customer = self._customers.get(caller.tenant_id)
        if customer is None:
            raise token_refused("The tenant of the token does not exist.")
        if request.method != "GET":
            message = "Specified HTTP method is not allowed for the request target."
            raise GraphError(405, "Request_BadRequest", message)
        fault = await self._suffer(request, caller, path)
        is_users = path in ("/users", "/users/$count")
        found = None if is_users else find_resource(path, self._resources)
        self._respect_limits(request, caller, found)
        if path == "/users/$count":
            return self._count(request, customer)
        if found and found.resource.csv:
            return self._redirect(request, caller, customer, found=found, fault=fault)
        return await self._serve(request, caller, customer, found=found, fault=fault)

    async def _suffer(self, request: web.Request, caller: Caller, path: str) -> FaultKind | None:
        """Waits, raises, or returns the damage to do."""
        continued = "$skiptoken" in request.query
        faults: list[Fault] = self._faults.at_graph(caller.tenant_id, path, continued=continued)
        await late(faults)
        for fault in faults:
            error = fault_error(fault)
            if error is not None:
                raise error
        damages = [fault.kind for fault in faults if fault.kind is not FaultKind.LATENCY]
        return damages[0] if damages else None

    def _respect_limits(self, request: web.Request, caller: Caller, found: Found | None) -> None:
        if found is None:
            if "signInActivity" in request.query.get("$select", ""):
                self._refuse(self._limits.sign_ins(caller.tenant_id))
        elif rate := found.resource.limit:
            # A function counts alone, whatever its parameters are.
            name = found.resource.workload or found.path.partition("(")[0]
            wait = self._limits.of(caller.tenant_id, name, rate)
            self._refuse(wait, says_when=rate.says_when)

    def _refuse(self, wait: int | None, *, says_when: bool = True) -> None:
        if wait is not None:
            self.stats.limited += 1
            raise throttled(str(wait) if says_when else None)

    async def _serve(
        self,
        request: web.Request,
        caller: Caller,
        customer: Customer,
        *,
        found: Found | None,
        fault: FaultKind | None,
    ) -> web.StreamResponse:
        at = self._now()
        body, after = page(
            customer,
            at=at,
            caller=caller,
            found=found,
            options=request.query,
            advanced=_is_advanced(request),
        )
        if after is not None:
            body["@odata.nextLink"] = _link(request, after.text())
        here = read_token(request.query.get("$skiptoken")) or PageToken(0, seconds(at))
        again = msgspec.structs.replace(here, turn=here.turn + 1).text()
        damage(body, fault, here=str(request.url), again=_link(request, again))
        return await send(request, body, fault=fault, units=_units(request))

    def _redirect(
        self,
        request: web.Request,
        caller: Caller,
        customer: Customer,
        *,
        found: Found,
        fault: FaultKind | None,
    ) -> web.Response:
        """To a usage report, which suffers the damage that was ordered here."""
        at, options = self._now(), request.query
        file = csv_file(customer, at=at, caller=caller, found=found, options=options)
        place = self._downloads.offer(replace(file, damage=fault))
        return web.Response(status=302, headers={"Location": f"{request.url.origin()}{place}"})

    def _count(self, request: web.Request, customer: Customer) -> web.Response:
        if not _is_advanced(request):
            raise GraphError(400, "Request_BadRequest", "$count is not currently supported.")
        count = count_users(customer, at=self._now(), options=request.query)
        return web.Response(text=str(count))


def _is_advanced(request: web.Request) -> bool:
    return request.headers.get("ConsistencyLevel", "").lower() == "eventual"


def _path(request: web.Request) -> str:
    # Clients that join a base URL and a path may send two slashes; Graph does not mind.
    return "/" + request.match_info["path"].strip("/")


def _link(request: web.Request, token: str) -> str:
    # Graph writes a space as %20; a plus sign that is meant stands as %2B.
    return str(URL(request.url).update_query({"$skiptoken": token})).replace("+", "%20")


def _units(request: web.Request) -> int:
    """Resource units as documented: selecting saves one, expanding costs one, never below one."""
    path = _path(request)
    base = _UNITS.get(path, 2 if path.endswith("/appRoleAssignments") else 1)
    return max(1, base - ("$select" in request.query) + ("$expand" in request.query))
