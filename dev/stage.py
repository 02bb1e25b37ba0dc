"""The local stage: Azurite, sandbox tenants, the past weeks, and the host, in one command."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from zoneinfo import ZoneInfo

import aiohttp

from dev.azurite import Azurite
from dev.front_desk import FrontDesk, NotOnboardedError
from dev.history import Past
from dev.host.running import RunningHost
from dev.sandbox import Customer, Sandbox
from dev.sandbox.faults import Fault, FaultKind
from dev.timepiece import Stopwatch
from shared_code.core.run import Run
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.reports import registry
from shared_code.settings import read_settings
from shared_code.wiring.app import Services
from shared_code.wiring.build import build

ROOT = Path(__file__).resolve().parents[1]
AUDIENCE = "api://m365-proactive-reports"
PARTNER = "0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60"
_APP_ID = "5e8c1f0a-2b7d-4c63-8f19-a4d0b6e7c852"
_ZONE, _DUE = ZoneInfo("Europe/Vienna"), timedelta(hours=6)
_SETTLE_SECONDS = 240
_MAIL_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    customers: Sequence[Customer]
    withdrawn: frozenset[str]  # tenants that take their consent back before the timers fire
    weeks: int
    port: int
    faults: bool


def stage_settings(sandbox: Sandbox, azurite: Azurite, port: int) -> dict[str, str]:
    """App settings of the local stage; keys and secrets are new every time."""
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return {
        "AzureWebJobsStorage": azurite.connection_string,
        "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:01",
        "REPORTS_STORAGE": azurite.connection_string,
        "GRAPH_BASE_URL": sandbox.graph_url,
        "GRAPH_CLIENT_ID": _APP_ID,
        "GRAPH_SANDBOX_SECRET": sandbox_secret(),
        "LINK_KEYS": f"k1:{secret}",
        "PSEUDONYM_KEY": f"p1:{secret}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORTAL_AUDIENCE": AUDIENCE,
        "PORTAL_ISSUER": sandbox.origin + "/{tid}/v2.0",
        "PORTAL_KEYS_URL": f"{sandbox.origin}/discovery/v2.0/keys",
        "PORTAL_LOGIN_URL": sandbox.login_url,
        "PARTNER_TENANT_ID": PARTNER,
        "MAIL_SENDER": "reports@partner.example",
        "PARTNER_NAME": "M365 Pro-Active Services",
    }


def sandbox_secret() -> str:
    """No secret at all: the sandbox serves invented people, on this machine only."""
    return "sandbox"


class Stage:
    """`async with Stage(options) as stage`; the steps are called in the order they stand here."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._resources = AsyncExitStack()
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._stopwatch = Stopwatch()
        self.sandbox = Sandbox(
            options.customers,
            at=self._now,
            limits=True,
            clock=self._stopwatch,
            partner=PARTNER,
        )
        self.settings: dict[str, str] = {}
        self.services: Services
        self.host: RunningHost

    async def __aenter__(self) -> Self:
        options = self._options
        azurite = Azurite()
        await asyncio.to_thread(azurite.start)
        self._resources.callback(azurite.stop)
        await self._resources.enter_async_context(self.sandbox)
        self.settings = stage_settings(self.sandbox, azurite, options.port)
        self.services = build(read_settings(self.settings))
        self._resources.push_async_callback(self.services.close)
        await self.services.prepare()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._resources.aclose()

    @property
    def _since(self) -> datetime:
        return self._now - timedelta(weeks=self._options.weeks + 1)

    @property
    def _subscription(self) -> dict[str, str]:
        """Due this morning: a report of days ago would name deadlines that are over as next."""
        due = self._now.astimezone(_ZONE) - _DUE
        return {"since": f"{self._since:%FT%TZ}", "cadence": f"0 6 * * {due:%a}".upper()}

    async def onboard(self) -> AsyncIterator[Tenant]:
        """Over HTTP, by a host of its own: the timers of the one that stays would plan the past."""
        timers = (*_planners(), "plan_digests")
        planners = {f"AzureWebJobs.{name}.Disabled": "true" for name in timers}
        with TemporaryDirectory(prefix="stage-") as folder:
            host = RunningHost(
                ROOT, self.settings | planners, work=Path(folder), port=self._options.port
            )
            await asyncio.to_thread(host.start)
            try:
                desk = FrontDesk(host.address, self._engineer())
                for customer in self._options.customers:
                    yield await self._onboarded(desk, customer)
            finally:
                await asyncio.to_thread(host.stop)

    async def _onboarded(self, desk: FrontDesk, customer: Customer) -> Tenant:
        self.sandbox.change(customer.tenant_id, login_fault=FaultKind.APPLICATION_MISSING)
        await desk.onboard(
            {
                "tenant": customer.domain,
                "customer": customer.name,
                "subscriptions": dict.fromkeys(registry(), self._subscription),
                "contacts": [{"address": f"it@{customer.domain}"}],
            }
        )
        tenant = await self.services.tenants.get(TenantId(customer.tenant_id))
        if tenant is None or tenant.state is not TenantState.ACTIVE:
            raise NotOnboardedError(f"{customer.name} is not active")
        return tenant

    def _engineer(self) -> str:
        return self.sandbox.issue(tid=PARTNER, roles=["Reports.Engineer"], aud=AUDIENCE)

    async def deliver_past(self) -> AsyncIterator[Run]:
        """All but the newest due period, which is left to the timers."""
        past = Past.of(read_settings(self.settings), self.sandbox, self._stopwatch, at=self._since)
        instants = [self._now - timedelta(weeks=n) for n in range(self._options.weeks, 0, -1)]
        try:
            async for run in past.deliver(instants):
                yield run
        finally:
            # The sandbox's throttling window of the past is over when the present begins.
            await self._stopwatch.sleep(120)
            self.sandbox.at = self._now
            await past.services.close()

    def withdraw(self) -> None:
        for tenant_id in self._options.withdrawn:
            self.sandbox.change(tenant_id, login_fault=FaultKind.CONSENT_WITHDRAWN)

    def disturb(self) -> None:
        """What a day with Graph is like."""
        if self._options.faults:
            for fault in _DISTURBANCES:
                self.sandbox.faults.add(fault)

    async def start_host(self) -> None:
        folder = self._resources.enter_context(TemporaryDirectory(prefix="stage-"))
        self._folder = Path(folder)
        self.host = RunningHost(ROOT, self.settings, work=self._folder, port=self._options.port)
        self._resources.callback(self.host.stop)
        await asyncio.to_thread(self.host.start)

    @property
    def portal(self) -> str:
        """Who to be is chosen at the sandbox's own sign-in."""
        return f"{self.host.address}/portal"

    async def fire_timers(self) -> None:
        async with aiohttp.ClientSession() as session:
            for name in _planners():
                address = f"{self.host.address}/admin/functions/{name}"
                async with session.post(address) as answer:
                    answer.raise_for_status()

    async def settled(self) -> AsyncIterator[Run]:
        """The newest run of each tenant and report, as they end."""
        waiting = {(c.tenant_id, r) for c in self._options.customers for r in registry()}
        async with asyncio.timeout(_SETTLE_SECONDS):
            while waiting:
                for tenant_id, report in sorted(waiting):
                    run = await self._newest(tenant_id, report)
                    if run and run.state.is_final and run.updated >= self._now:
                        waiting.discard((tenant_id, report))
                        yield run
                await asyncio.sleep(0.5)

    async def digests(self) -> tuple[int, Path]:
        """How many mails were sent, and where the last one can be looked at."""
        address = f"{self.host.address}/admin/functions/plan_digests"
        async with aiohttp.ClientSession() as session, session.post(address) as answer:
            answer.raise_for_status()
        sent = self.sandbox.mailbox.sent
        for _ in range(_MAIL_SECONDS):
            if len(sent) == len(self._options.customers):
                break
            await asyncio.sleep(1)
        file = self._folder / "digest.html"
        if sent:
            await asyncio.to_thread(file.write_text, sent[-1]["body"]["content"], "utf-8")
        return len(sent), file

    async def _newest(self, tenant_id: str, report: str) -> Run | None:
        runs = await self.services.ledger.runs(TenantId(tenant_id), report=report, limit=1)
        return runs[0] if runs else None

    async def link(self, run: Run) -> str:
        [issued] = await self.services.issuer.issue(
            [run], lifetime=self.services.link_lifetime, created_by="local stage"
        )
        return issued.address


def _planners() -> Sequence[str]:
    return [f"plan_{report.replace('-', '_')}" for report in registry()]


_DISTURBANCES: Sequence[Fault] = (
    Fault(kind=FaultKind.ERROR_503, path="/users", times=1, after=2),
    Fault(kind=FaultKind.THROTTLED_SECONDS, path="/users", times=1, after=6, seconds=2),
    Fault(kind=FaultKind.CONNECTION_DROPPED, path="/users", times=1, after=9),
    Fault(kind=FaultKind.EMPTY_PAGE, path="/users", times=1, after=11),
    Fault(kind=FaultKind.LATENCY, seconds=0.1),
)
