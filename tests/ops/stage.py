"""The command line in tests: on fakes, or with real settings."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import msgspec
from typer.testing import CliRunner

from ops.app import app
from ops.session import Options, Session
from shared_code.core.delivery import Delivery, DeliveryState
from shared_code.core.run import Run, RunState, run_id
from shared_code.core.tenant import Subscription, Tenant, TenantId, TenantState
from shared_code.service.link_register import LinkRegister
from shared_code.service.order import Ordering
from shared_code.service.plan_digests import DigestPlanner
from shared_code.settings import read_settings
from shared_code.storage.accounts import QUEUES
from shared_code.wiring.app import Services
from shared_code.wiring.build import build
from tests.fakes import (
    NOON,
    FakeAudit,
    FakeClock,
    FakeDeadLetters,
    FakeDelegations,
    FakeLedger,
    FakeLinks,
    FakePartnership,
    FakeQueue,
    FakeQueues,
    FakeReadinesses,
    FakeTenants,
)
from tests.service.digests import FakeDeliveries, FakeDeliveryQueue

CONTOSO = TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01")
REPORT = "guest-users"
ACTOR = "0e111111-1111-4111-8111-111111111111"
WEEK = timedelta(days=7)

_KEY = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
VALUES = {
    "REPORTS_STORAGE": "DefaultEndpointsProtocol=http;AccountName=ops;AccountKey=b3Bz;"
    "BlobEndpoint=http://127.0.0.1:9/ops;QueueEndpoint=http://127.0.0.1:9/ops;"
    "TableEndpoint=http://127.0.0.1:9/ops;",
    "GRAPH_CLIENT_ID": "5e8c1f0a-2b7d-4c63-8f19-a4d0b6e7c852",
    "GRAPH_BASE_URL": "http://127.0.0.1:9",
    "GRAPH_SANDBOX_SECRET": "sandbox",
    "LINK_KEYS": _KEY,
    "PSEUDONYM_KEY": _KEY,
    "PUBLIC_URL": "https://reports.contoso.example",
    "PORTAL_AUDIENCE": "api://reports",
    "PARTNER_TENANT_ID": "0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended; `output` is what it wrote for people or programs."""

    code: int
    output: str
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.output)


def ops(*words: str, opening: object = None, width: int = 200, is_terminal: bool = False) -> Ended:
    environment = {"COLUMNS": str(width), "NO_COLOR": "1", "TERM": "dumb"}
    if is_terminal:
        environment |= {"TTY_COMPATIBLE": "1", "TERM": "xterm"}
    result = CliRunner().invoke(app, list(words), obj=opening, env=environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@dataclass
class House:
    """All that the commands work with, as fakes."""

    clock: FakeClock = field(default_factory=FakeClock)
    tenants: FakeTenants = field(default_factory=FakeTenants)
    links: FakeLinks = field(default_factory=FakeLinks)
    queue: FakeQueue = field(default_factory=FakeQueue)
    audit: FakeAudit = field(default_factory=FakeAudit)
    queues: FakeQueues = field(default_factory=lambda: FakeQueues({name: [] for name in QUEUES}))
    delegations: FakeDelegations = field(default_factory=FakeDelegations)
    partnership: FakePartnership = field(default_factory=FakePartnership)
    readinesses: FakeReadinesses = field(default_factory=FakeReadinesses)
    dead_letters: FakeDeadLetters = field(default_factory=FakeDeadLetters)
    deliveries: FakeDeliveries = field(default_factory=FakeDeliveries)
    delivery_queue: FakeDeliveryQueue = field(default_factory=FakeDeliveryQueue)
    has_mailbox: bool = False

    def __post_init__(self) -> None:
        self.ledger = FakeLedger(self.clock)

    @asynccontextmanager
    async def opened(self, _options: Options) -> AsyncGenerator[Session]:
        services = build(read_settings(VALUES), clock=self.clock)
        try:
            yield Session(replace(services, **self._fakes(services)), ACTOR)
        finally:
            await services.close()

    def _fakes(self, services: Services) -> Mapping[str, Any]:
        return {
            "tenants": self.tenants,
            "ledger": self.ledger,
            "links": self.links,
            "queue": self.queue,
            "audit": self.audit,
            "queues": self.queues,
            "dead_letters": self.dead_letters,
            "issuer": replace(services.issuer, links=self.links, audit=self.audit),
            "lifecycle": replace(
                services.lifecycle, tenants=self.tenants, audit=self.audit, clock=self.clock
            ),
            "gdap": replace(
                services.gdap,
                partnership=self.partnership,
                tenants=self.tenants,
                delegations=self.delegations,
            ),
            "condition": replace(
                services.condition,
                tenants=self.tenants,
                readinesses=self.readinesses,
                delegations=self.delegations,
            ),
            "digests": DigestPlanner(
                self.tenants, self.deliveries, self.delivery_queue, self.audit, self.clock
            )
            if self.has_mailbox
            else None,
            "register": LinkRegister(links=self.links, clock=self.clock),
            "ordering": Ordering(
                tenants=self.tenants,
                ledger=self.ledger,
                queue=self.queue,
                audit=self.audit,
                clock=self.clock,
                reports=services.reports,
            ),
        }

    def ops(self, *words: str, width: int = 200, is_terminal: bool = False) -> Ended:
        return ops(*words, opening=self.opened, width=width, is_terminal=is_terminal)

    def serve(self, **changes: object) -> Tenant:
        tenant = msgspec.structs.replace(contoso(), **changes)
        self.tenants.kept[tenant.id] = tenant
        return tenant

    def mailed(self, run: Run) -> None:
        """In a digest that went out when its period had ended."""
        opened = Delivery(
            tenant_id=run.tenant_id,
            due=run.end,
            planned=run.end,
            updated=run.end,
            state=DeliveryState.DONE,
            start=run.start,
            opened=run.end,
        )
        self.deliveries.kept[run.tenant_id, run.end] = opened, "1"

    def run(self, state: RunState, *, weeks: int = 0, **changes: object) -> Run:
        """Of the period that ended that many weeks ago."""
        run = msgspec.structs.replace(past_run(state, weeks=weeks), **changes)
        self.ledger.kept[run.id] = run
        return run


def contoso() -> Tenant:
    return Tenant(
        id=CONTOSO,
        customer="Contoso",
        domain="contoso.com",
        state=TenantState.ACTIVE,
        subscriptions={REPORT: Subscription(since=NOON - 10 * WEEK)},
    )


def past_run(state: RunState, *, weeks: int) -> Run:
    end = NOON - timedelta(days=1) - weeks * WEEK
    return Run(
        id=run_id(CONTOSO, REPORT, end),
        tenant_id=CONTOSO,
        report=REPORT,
        start=end - WEEK,
        end=end,
        state=state,
        updated=end,
        delivered=end if state.is_delivered else None,
    )
