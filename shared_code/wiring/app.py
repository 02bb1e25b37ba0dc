"""The use cases of one function app."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from azure.core.exceptions import AzureError

from shared_code.core.errors import ConfigurationError, UpstreamDown
from shared_code.core.ports import (
    Audit,
    DeadLetters,
    Deliveries,
    DeliveryQueue,
    Ledger,
    Links,
    Proofs,
    Queues,
    RunQueue,
    SignIn,
    Tenants,
)
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunRequest
from shared_code.core.tenant import TenantId
from shared_code.service.accept import Accepting
from shared_code.service.assess import Assessing
from shared_code.service.collect import GivesUp
from shared_code.service.condition import Conditions
from shared_code.service.deliver import Deliverer
from shared_code.service.evidence import Evidence
from shared_code.service.gdap import GdapMonitor
from shared_code.service.invite import Inviting
from shared_code.service.issue_links import Issuer
from shared_code.service.lifecycle import Lifecycle
from shared_code.service.link_register import LinkRegister
from shared_code.service.monitor import Monitor
from shared_code.service.offboard import Offboarding
from shared_code.service.onboard import Onboarding
from shared_code.service.open_link import Reader
from shared_code.service.order import Ordering
from shared_code.service.overview import Overviews
from shared_code.service.park import Parking
from shared_code.service.plan import Planner
from shared_code.service.plan_digests import DigestPlanner
from shared_code.service.plan_probes import ProbePlanner
from shared_code.service.portal import Portal
from shared_code.service.produce import Producer, never
from shared_code.service.readiness import Prober
from shared_code.service.retain import Retaining
from shared_code.service.sign_in import BrowserSignIn
from shared_code.service.upkeep import Upkeep
from shared_code.storage.outage import is_outage

_log = logging.getLogger(__name__)

_PROBE = timedelta(seconds=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The use cases of one function app."""

    reports: Mapping[str, ReportType]
    planner: Planner
    producer: Producer
    parking: Parking
    reader: Reader
    issuer: Issuer
    register: LinkRegister
    overviews: Overviews
    portal: Portal
    onboarding: Onboarding
    inviting: Inviting
    accepting: Accepting
    readiness: Prober
    probe_planner: ProbePlanner
    condition: Conditions
    gdap: GdapMonitor
    sign_in: SignIn
    browser_sign_in: BrowserSignIn
    assessing: Assessing
    tenants: Tenants
    ledger: Ledger
    links: Links
    queue: RunQueue
    audit: Audit
    lifecycle: Lifecycle
    offboarding: Offboarding
    retaining: Retaining
    upkeep: Upkeep
    proofs: Proofs
    link_lifetime: timedelta
    brand: str
    ordering: Ordering
    queues: Queues
    monitor: Monitor
    dead_letters: DeadLetters
    deliveries: Deliveries
    delivery_queue: DeliveryQueue
    deliverer: Deliverer | None
    digests: DigestPlanner | None
    evidence: Evidence
    prepare: Callable[[], Awaitable[None]]
    _resources: AsyncExitStack

    async def produce(self, request: RunRequest, *, gives_up: GivesUp = never) -> Run | None:
        """As Producer; an outage of storage is one of Microsoft's too.

        Raises ConfigurationError for a report type that this version does not have.
        """
        report = self.reports.get(request.report)
        if report is None:
            raise ConfigurationError("no such report type")
        try:
            return await self.producer.produce(request, report, gives_up=gives_up)
        except AzureError as error:
            if not is_outage(error):
                raise
            raise UpstreamDown(f"storage: {type(error).__name__}") from error

    async def failing(self) -> list[str]:
        """Names of what does not work, for the health probe."""
        try:
            # One row that need not be there: a probe comes every few seconds and waits for few.
            async with asyncio.timeout(_PROBE.total_seconds()):
                await self.tenants.get(TenantId("health"))
        except (AzureError, TimeoutError) as error:
            _log.error("health: storage does not answer: %s", type(error).__name__)
            return ["storage"]
        return []

    async def close(self) -> None:
        await self._resources.aclose()
