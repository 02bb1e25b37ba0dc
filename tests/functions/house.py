"""The function app as it runs: Microsoft's worker library, Azurite, sandbox tenants, one event loop."""

import base64
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

from azure.storage.queue import TextBase64DecodePolicy
from azure.storage.queue.aio import QueueClient

from dev.azurite import Azurite
from dev.host.routes import Router, route
from dev.host.worker import Answer, FunctionsApp, Outcome
from dev.sandbox import Customer, FaultKind, Sandbox, contoso, fabrikam, northwind
from shared_code import wiring
from shared_code.core.period import Period
from shared_code.core.queue_message import encode_message
from shared_code.core.run import Run, RunRequest, decode_request
from shared_code.core.tenant import TenantId
from shared_code.service.onboard import Order
from shared_code.wiring.app import Services

ROOT = Path(__file__).resolve().parents[2]
AUDIENCE = "api://pro-active-reports"
PARTNER = "0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60"
CONTOSO = TenantId(contoso().tenant_id)
FABRIKAM = TenantId(fabrikam().tenant_id)
NORTHWIND = TenantId(northwind().tenant_id)
STRANGER = TenantId("11111111-2222-4333-8444-555555555555")
REPORT = "guest-users"

# Ten days: one weekly period is over, a second is not.
_SINCE = timedelta(days=10)


def customers() -> tuple[Customer, ...]:
    return contoso(members=40, guests=12), fabrikam(), northwind(login_fault=None)


def settings(sandbox: Sandbox, azurite: Azurite) -> dict[str, str]:
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {
        "REPORTS_STORAGE": azurite.connection_string,
        "GRAPH_BASE_URL": sandbox.graph_url,
        "GRAPH_CLIENT_ID": "5e8c1f0a-2b7d-4c63-8f19-a4d0b6e7c852",
        "GRAPH_SANDBOX_SECRET": "sandbox",
        "LINK_KEYS": f"k1:{secret}",
        "PSEUDONYM_KEY": f"p1:{secret}",
        "PUBLIC_URL": "http://127.0.0.1:7071",
        "PORTAL_AUDIENCE": AUDIENCE,
        "PORTAL_ISSUER": sandbox.origin + "/{tid}/v2.0",
        "PORTAL_KEYS_URL": f"{sandbox.origin}/discovery/v2.0/keys",
        "PORTAL_LOGIN_URL": sandbox.login_url,
        "PARTNER_TENANT_ID": PARTNER,
        "PARTNER_NAME": "Pro-Active Services",
    }


class Environment:
    """The settings in the environment of this process, and what stood there before."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self.before = {name: os.environ.get(name) for name in values}
        _set(values)

    def restore(self) -> None:
        _set(self.before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _joined(query: str) -> dict[str, str]:
    """One text per name, as the host hands them to the worker."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in found.items()}


@dataclass
class House:
    """`secrets` is what no log may ever hold: tokens of both kinds that the tests have seen."""

    app: FunctionsApp
    sandbox: Sandbox
    settings: dict[str, str]
    secrets: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        triggers = {name: self.app.trigger(name) for name in self.app.names}
        self.router = Router(
            route(name, template=t["route"], methods=t.get("methods") or ())
            for name, t in triggers.items()
            if t["type"] == "httpTrigger"
        )

    @property
    def services(self) -> Services:
        return wiring.services()

    async def open(self) -> None:
        await self.services.prepare()
        for customer in self.sandbox.customers.values():
            order = Order(
                tenant_id=TenantId(customer.tenant_id),
                reports=[REPORT],
                since=datetime.now(UTC) - _SINCE,
            )
            await self.services.onboarding.onboard(order)

    async def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """As the host routes it: 404 where no function is."""
        place_of, _, query = path.partition("?")
        found = self.router.find(method, place_of)
        if found is None:
            return Answer(ok=True, status=404)
        place, values = found
        return await self.app.http(
            place.function,
            method=method,
            url=f"http://127.0.0.1:7071{path}",
            headers=headers or {},
            route=values,
            query=_joined(query),
            body=body,
        )

    @asynccontextmanager
    async def with_settings(self, **values: str | None) -> AsyncIterator[None]:
        """Other settings for a while; None takes one away."""
        environment = Environment(values)
        await wiring.close()
        try:
            yield
        finally:
            environment.restore()
            await wiring.close()

    async def signed_in(
        self, method: str, path: str, tenant_id: str, role: str = "Reports.Reader"
    ) -> Answer:
        return await self.ask(method, path, self.bearer(tid=tenant_id, roles=[role]))

    def bearer(
        self,
        *,
        tid: str = CONTOSO,
        roles: list[str] | None = None,
        aud: str = AUDIENCE,
        **claims: object,
    ) -> dict[str, str]:
        given = ["Reports.Reader"] if roles is None else roles
        token = self.sandbox.issue(tid=tid, roles=given, aud=aud, **claims)
        self.secrets.add(token)
        return {"Authorization": f"Bearer {token}"}

    def due(self, tenant_id: TenantId = CONTOSO, *, weeks_ago: int = 1) -> RunRequest:
        """A run of a period that no timer plans: each test may have its own."""
        end = datetime(2026, 1, 5, 5, tzinfo=UTC) - weeks_ago * timedelta(days=7)
        return RunRequest.due(tenant_id, REPORT, Period(end - timedelta(days=7), end))

    async def run(self, order: RunRequest) -> Outcome:
        return await self.app.queue("runs", encode_message(order))

    async def kept(self, order: RunRequest) -> Run | None:
        return await self.services.ledger.find(order.tenant_id, order.report, order.end)

    async def delivered(self, tenant_id: TenantId = CONTOSO, *, weeks_ago: int = 1) -> Run:
        order = self.due(tenant_id, weeks_ago=weeks_ago)
        outcome = await self.run(order)
        assert outcome.ok, outcome.error
        run = await self.kept(order)
        assert run
        assert run.state.is_delivered, run
        return run

    async def token(self, run: Run, *, lifetime: timedelta = timedelta(days=1)) -> str:
        [issued] = await self.services.issuer.issue([run], lifetime=lifetime, created_by="tests")
        return self.seen(issued.address.rpartition("/")[2])

    def seen(self, token: str) -> str:
        self.secrets.add(token)
        return token

    async def messages(self, queue: str = "runs") -> list[RunRequest]:
        """What waits in the queue and may be taken now; taken out."""
        client = QueueClient.from_connection_string(
            self.settings["REPORTS_STORAGE"], queue, message_decode_policy=TextBase64DecodePolicy()
        )
        async with client:
            found = [m async for m in client.receive_messages(max_messages=32)]
            for message in found:
                await client.delete_message(message)
        return [decode_request(message.content) for message in found]

    async def change_login(self, tenant_id: str, fault: FaultKind | None) -> None:
        """From now on, also for whoever still had a token."""
        self.sandbox.change(tenant_id, login_fault=fault)
        await wiring.close()

    def people(self) -> set[str]:
        """Names and addresses of everybody a report is about."""
        words: set[str] = set()
        for tenant_id in self.sandbox.customers:
            for _, guest in self.sandbox.population(tenant_id).guests():
                words |= {guest.mail or "", guest.display_name or "", guest.user_principal_name}
        return {word for word in words if word}
