"""Builds a function app's use cases from its settings."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from azure.core.credentials_async import AsyncTokenCredential

from shared_code.core.ports import (
    Clock,
    RunQueue,
)
from shared_code.core.tenant import TenantId
from shared_code.links.seal import HmacSeal
from shared_code.links.state import ConsentStateSigner
from shared_code.links.token import HmacSigner
from shared_code.memory import share_one_arena
from shared_code.rendering import renderings
from shared_code.reports import registry
from shared_code.service.accept import Accepting
from shared_code.service.assess import Assessing
from shared_code.service.attempt import Observer
from shared_code.service.collect import Collector
from shared_code.service.condition import Conditions
from shared_code.service.consent_page import ConsentPages
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
from shared_code.service.produce import Producer
from shared_code.service.readiness import Prober
from shared_code.service.retain import Retaining
from shared_code.service.sign_in import BrowserSignIn
from shared_code.service.upkeep import Upkeep
from shared_code.settings import (
    Settings,
    TelemetrySettings,
)
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.partner import PartnerSource
from shared_code.wiring.app import Services
from shared_code.wiring.microsoft import Microsoft, microsoft
from shared_code.wiring.stored import Stored, open_accounts, stored

# The host gives a dead worker's message to another one after ten minutes; by then the lease is over.
_LEASE = timedelta(minutes=5)

# host.json ends an invocation after 30 minutes; a third is for building and rendering.
_COLLECTING = timedelta(minutes=10)


def now() -> datetime:
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    clock: Clock = now,
    limiter: Limiter | None = None,
    queue: RunQueue | None = None,
    lease: timedelta = _LEASE,
    credential: AsyncTokenCredential | None = None,
) -> Services:
    """Nothing is connected yet; wrong settings raise ConfigurationError here.

    `credential` signs in to storage in place of the managed identity; closing it is the caller's.
    """
    share_one_arena()
    resources = AsyncExitStack()
    reports = registry()
    partner = TenantId(settings.portal.partner_tenant.lower())
    accounts = open_accounts(settings.storage, resources, credential)
    own = stored(accounts, clock)
    theirs = microsoft(settings, limiter or Limiter(shared=own.limits), clock, resources)
    tenants, ledger, links, audit = own.tenants, own.ledger, own.links, own.audit
    runs = queue or own.runs
    signer = HmacSigner(settings.link_keys)
    states = ConsentStateSigner(settings.link_keys)
    issuer = Issuer(
        signer=signer, links=links, audit=audit, clock=clock, public_url=settings.public_url
    )
    offboarding = Offboarding(
        tenants=tenants,
        holdings=own.holdings,
        proofs=own.proofs,
        audit=audit,
        queue=own.chores,
        clock=clock,
        partner=partner,
    )
    retaining = Retaining(
        tenants=tenants,
        ledger=ledger,
        archive=own.archive,
        folder=own.folder,
        links=links,
        invitations=own.invitations,
        deliveries=own.deliveries,
        dead_letters=own.dead_letters,
        audit=audit,
        queue=own.chores,
        clock=clock,
        partner=partner,
    )
    return Services(
        reports=reports,
        planner=Planner(tenants, ledger, runs, clock),
        producer=Producer(
            tenants=tenants,
            ledger=ledger,
            archive=own.archive,
            folder=own.folder,
            collector=Collector(
                PartnerSource(theirs.source, own.assessments), own.folder, clock, _COLLECTING
            ),
            clock=clock,
            brand=settings.brand,
            pseudonym_key=settings.pseudonym_key,
            lease=lease,
            observers=_observers(settings.telemetry, resources),
            gigabytes=settings.instance_memory / 1024,
            renderings=renderings(own.typesetter),
        ),
        parking=Parking(tenants, ledger, own.dead_letters, clock),
        reader=Reader(
            signer=signer,
            links=links,
            ledger=ledger,
            tenants=tenants,
            archive=own.archive,
            clock=clock,
        ),
        issuer=issuer,
        register=LinkRegister(links=links, clock=clock),
        overviews=Overviews(
            tenants=tenants,
            ledger=ledger,
            issuer=issuer,
            links=links,
            audit=audit,
            clock=clock,
            reports=reports,
        ),
        portal=Portal(tenants=tenants, ledger=ledger, issuer=issuer, reports=reports),
        onboarding=Onboarding(
            directory=theirs.directory, tenants=tenants, reports=reports, audit=audit, clock=clock
        ),
        inviting=Inviting(
            tenants=tenants,
            invitations=own.invitations,
            domains=theirs.domains,
            signer=states,
            audit=audit,
            reports=reports,
            clock=clock,
            public_url=settings.public_url,
        ),
        accepting=Accepting(
            tenants=tenants,
            invitations=own.invitations,
            directory=theirs.directory,
            signer=states,
            pages=ConsentPages(
                signer=states,
                reports=reports,
                client_id=settings.graph.client_id,
                login_url=settings.portal.login_url,
                public_url=settings.public_url,
            ),
            audit=audit,
            clock=clock,
            partner=partner,
        ),
        sign_in=theirs.access_tokens,
        browser_sign_in=_browser_sign_in(settings, theirs, own, clock),
        readiness=Prober(
            directory=theirs.directory,
            licensing=theirs.licences,
            source=theirs.source,
            tenants=tenants,
            readinesses=own.readinesses,
            audit=audit,
            clock=clock,
            reports=reports,
        ),
        probe_planner=ProbePlanner(
            tenants=tenants,
            readinesses=own.readinesses,
            queue=own.probes,
            clock=clock,
            reports=reports,
        ),
        condition=Conditions(
            tenants=tenants,
            readinesses=own.readinesses,
            delegations=own.delegations,
            partner=partner,
            reports=reports,
            clock=clock,
        ),
        gdap=GdapMonitor(
            partnership=theirs.partnership,
            partner=partner,
            tenants=tenants,
            delegations=own.delegations,
            audit=audit,
            clock=clock,
        ),
        assessing=Assessing(assessments=own.assessments, clock=clock, author=settings.brand),
        tenants=tenants,
        ledger=ledger,
        links=links,
        queue=runs,
        audit=audit,
        lifecycle=Lifecycle(tenants=tenants, audit=audit, reports=reports, clock=clock),
        offboarding=offboarding,
        retaining=retaining,
        upkeep=Upkeep(offboarding=offboarding, retaining=retaining, queue=own.chores),
        proofs=own.proofs,
        link_lifetime=settings.link_lifetime,
        brand=settings.brand,
        ordering=Ordering(
            tenants=tenants,
            ledger=ledger,
            queue=runs,
            audit=audit,
            clock=clock,
            reports=reports,
        ),
        queues=own.queues,
        monitor=Monitor(queues=own.queues, certificate_end=theirs.certificate_end, clock=clock),
        dead_letters=own.dead_letters,
        deliveries=own.deliveries,
        delivery_queue=own.mails,
        deliverer=Deliverer(
            tenants=tenants,
            ledger=ledger,
            deliveries=own.deliveries,
            mailer=theirs.mailer,
            clock=clock,
            reports=reports,
            brand=settings.brand,
            public_url=settings.public_url,
        )
        if theirs.mailer
        else None,
        digests=DigestPlanner(tenants, own.deliveries, own.mails, audit, clock)
        if theirs.mailer
        else None,
        evidence=Evidence(
            tenants=tenants,
            ledger=ledger,
            links=links,
            deliveries=own.deliveries,
            reports=reports,
            clock=clock,
        ),
        prepare=accounts.ensure,
        _resources=resources,
    )


def _observers(
    settings: TelemetrySettings | None, resources: AsyncExitStack
) -> tuple[Observer, ...]:
    if settings is None:
        return ()
    from shared_code.telemetry.otlp import Telemetry  # noqa: PLC0415

    telemetry = Telemetry(settings.endpoint, settings.headers)
    resources.push_async_callback(asyncio.to_thread, telemetry.close)
    return (telemetry,)


def _browser_sign_in(
    settings: Settings, theirs: Microsoft, own: Stored, clock: Clock
) -> BrowserSignIn:
    return BrowserSignIn(
        login_url=settings.portal.login_url,
        client_id=settings.graph.client_id,
        public_url=settings.public_url,
        partner_tenant=TenantId(settings.portal.partner_tenant.lower()),
        sessions=HmacSeal(settings.link_keys, purpose="session", clock=clock),
        pending=HmacSeal(settings.link_keys, purpose="sign-in", clock=clock),
        codes=theirs.codes,
        id_tokens=theirs.id_tokens,
        tenants=own.tenants,
        audit=own.audit,
        clock=clock,
    )
