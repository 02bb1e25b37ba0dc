"""The sandbox as an HTTP service on the loopback: login, Graph, OpenID keys and its own switches."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self, Unpack

import msgspec
from aiohttp import web

from dev.sandbox.client_proofs import ClientProofs
from dev.sandbox.consent import Consent, names_of
from dev.sandbox.control import Control
from dev.sandbox.downloads import FOLDER, Downloads
from dev.sandbox.faults import Faults
from dev.sandbox.graph import Graph, Stats
from dev.sandbox.login import Login
from dev.sandbox.mail import Mailbox
from dev.sandbox.permissions import STANDARD_PERMISSIONS
from dev.sandbox.population import Changes, Customer, Population
from dev.sandbox.relationships import Relationships
from dev.sandbox.resources import Resource, all_resources
from dev.sandbox.sign_in import PARTNER, SignIn
from dev.sandbox.throttle import Limits
from dev.sandbox.tokens import GraphTokens, new_signing_key, portal_claims

LOOPBACK = "127.0.0.1"


class Sandbox:
    """`async with Sandbox(customers, at=...) as sandbox:` serves until the block is left.

    `partner`: the tenant with the mailbox that digests are sent from, and the delegated access.
    `resources` besides the users: those of all areas unless others are given.

    Assigning `at` moves every tenant in time; listings under way keep the instant they began at.
    """

    def __init__(
        self,
        customers: Iterable[Customer],
        *,
        at: datetime | None = None,
        port: int = 0,
        secret: str | None = None,
        limits: bool = False,
        token_lifetime: int = 3599,
        resources: Sequence[Resource] | None = None,
        partner: str = PARTNER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.customers = {customer.tenant_id: customer for customer in customers}
        self.at = at or datetime.now(UTC)
        self.faults = Faults()
        self.mailbox = Mailbox(partner)
        self.relationships = Relationships(self.customers, lambda: self.at)
        self._port = port
        self._key = new_signing_key()
        self._limits = Limits(enforced=limits, clock=clock)
        self._downloads = Downloads(self.faults, clock=clock)
        tokens = GraphTokens(token_lifetime)
        self._login = Login(
            self.customers, faults=self.faults, tokens=tokens, secret=secret, partner=partner
        )
        self._sign_in = SignIn(self, partner=partner, secret=secret)
        self._consent = Consent(self.customers, self._grant)
        self._graph = Graph(
            self.customers,
            faults=self.faults,
            tokens=tokens,
            limits=self._limits,
            downloads=self._downloads,
            mailbox=self.mailbox,
            relationships=self.relationships,
            resources=all_resources() if resources is None else resources,
            now=lambda: self.at,
        )
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def origin(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def graph_url(self) -> str:
        return f"{self.origin}/v1.0"

    @property
    def login_url(self) -> str:
        """Stands for https://login.microsoftonline.com."""
        return self.origin

    @property
    def stats(self) -> Stats:
        return self._graph.stats

    @property
    def sign_in_peak(self) -> int:
        """The most requests for sign-in activity within any 60 s, over all tenants."""
        return self._limits.sign_in_peak

    def population(self, tenant_id: str) -> Population:
        return Population(self.customers[tenant_id], self.at)

    def change(self, tenant_id: str, **changes: Unpack[Changes]) -> None:
        """Change a customer while the service runs: permissions, plan, login_fault, sizes."""
        self.customers[tenant_id] = replace(self.customers[tenant_id], **changes)

    def _grant(self, tenant_id: str) -> None:
        self.change(tenant_id, permissions=STANDARD_PERMISSIONS, login_fault=None)

    def issue(self, *, tid: str, roles: list[str], aud: str, **overrides: object) -> str:
        """An access token as Entra gives it to callers of our API; an override of None drops a claim."""
        claims = portal_claims(origin=self.origin, tid=tid, aud=aud, roles=roles) | overrides
        return self._key.issue({name: value for name, value in claims.items() if value is not None})

    @property
    def proofs(self) -> ClientProofs:
        """What applications prove themselves with when people sign in; without one, anything will do."""
        return self._sign_in.proofs

    def summary(self) -> dict[str, Any]:
        stats = self.stats
        return {
            "at": self.at,
            "requests": [
                {"tenant": tenant, "path": path, "count": count}
                for (tenant, path), count in stats.requests.items()
            ],
            "statuses": dict(stats.statuses),
            "tokens": dict(stats.tokens),
            "limited": stats.limited,
            "signInPeak": self.sign_in_peak,
        }

    def _application(self) -> web.Application:
        application = web.Application()
        application.add_routes(Control(self).routes())
        application.router.add_post("/organizations/oauth2/v2.0/token", self._sign_in.redeem)
        application.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        application.add_routes(self._sign_in.routes())
        application.router.add_get("/{tenant}/v2.0/adminconsent", self._consent.answer)
        application.router.add_get("/discovery/v2.0/keys", self._keys)
        application.router.add_get("/{tenant}/discovery/v2.0/keys", self._keys)
        application.router.add_get("/{tenant}/v2.0/.well-known/openid-configuration", self._openid)
        application.router.add_get(f"{FOLDER}/{{key}}", self._downloads.answer)
        application.router.add_route("*", "/v1.0/{path:.*}", self._graph.answer)
        return application

    async def _token(self, request: web.Request) -> web.Response:
        self.stats.tokens[request.match_info["tenant"].lower()] += 1
        return await self._login.answer(request)

    async def _keys(self, _request: web.Request) -> web.Response:
        return _json(self._key.jwks(issuer=f"{self.origin}/{{tenantid}}/v2.0"))

    async def _openid(self, request: web.Request) -> web.Response:
        """Knows a tenant by its id and by its domains."""
        name = request.match_info["tenant"].lower()
        found = next((c for c in self.customers.values() if name in names_of(c)), None)
        if found is None:
            return _json({"error": "invalid_tenant", "error_codes": [90002]}, status=400)
        tenant = f"{self.origin}/{found.tenant_id}"
        return _json(
            {
                "issuer": f"{tenant}/v2.0",
                "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
                "token_endpoint": f"{tenant}/oauth2/v2.0/token",
                "end_session_endpoint": f"{tenant}/oauth2/v2.0/logout",
                "jwks_uri": f"{self.origin}/discovery/v2.0/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json"
    )
