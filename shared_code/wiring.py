"""Builds the adapters from the settings and hands them to the use cases; knows both sides alone."""

import asyncio
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shared_code.core.errors import ConfigurationError
from shared_code.core.ports import (
    Audit,
    Clock,
    DeadLetters,
    Deliveries,
    DeliveryQueue,
    Directory,
    Domains,
    Ledger,
    Links,
    Mailer,
    Proofs,
    Queues,
    RunQueue,
    SignIn,
    Source,
    Tenants,
    Typesetter,
)
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunRequest
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
from shared_code.service.collect import Collector, GivesUp
from shared_code.service.condition import Conditions
from shared_code.service.deliver import Deliverer
from shared_code.service.evidence import Evidence
from shared_code.service.gdap import Watch
from shared_code.service.invite import Inviting
from shared_code.service.issue_links import Issuer
from shared_code.service.life import Life
from shared_code.service.link_register import LinkRegister
from shared_code.service.lookout import Lookout
from shared_code.service.offboard import Offboarding
from shared_code.service.onboard import Onboarding
from shared_code.service.open_link import Reader
from shared_code.service.order import Ordering
from shared_code.service.overview import Desk
from shared_code.service.park import Parking
from shared_code.service.plan import Planner
from shared_code.service.plan_digests import DigestPlanner
from shared_code.service.portal import Portal
from shared_code.service.produce import Producer, never
from shared_code.service.readiness import ProbePlanner, Prober
from shared_code.service.retain import Retaining
from shared_code.service.sign_in import Entrance, redirect_uri
from shared_code.service.upkeep import Upkeep
from shared_code.settings import (
    GraphSettings,
    PortalSettings,
    Settings,
    StorageSettings,
    TelemetrySettings,
    read_settings,
)

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

    from shared_code.signin.entra import EntraSignIn
    from shared_code.sources.graph.codes import Proof
    from shared_code.sources.graph.connections import Connections
    from shared_code.sources.graph.limits import Limiter
    from shared_code.sources.graph.tokens import Issuer as TokenIssuer
    from shared_code.sources.graph.tokens import Tokens
    from shared_code.storage.accounts import Accounts

_log = logging.getLogger(__name__)

# The host gives a dead worker's message to another one after ten minutes; by then the lease is over.
_LEASE = timedelta(minutes=5)

# host.json ends an invocation after 30 minutes; a third is for building and rendering.
_COLLECTING = timedelta(minutes=10)

_PROBE = timedelta(seconds=4)

_PARCEL = Path(__file__).parents[1] / "typesetter.json"


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
    desk: Desk
    portal: Portal
    onboarding: Onboarding
    inviting: Inviting
    accepting: Accepting
    readiness: Prober
    probe_planner: ProbePlanner
    condition: Conditions
    gdap: Watch
    sign_in: SignIn
    entrance: Entrance
    assessing: Assessing
    tenants: Tenants
    ledger: Ledger
    links: Links
    queue: RunQueue
    audit: Audit
    life: Life
    offboarding: Offboarding
    retaining: Retaining
    upkeep: Upkeep
    proofs: Proofs
    link_lifetime: timedelta
    brand: str
    ordering: Ordering
    queues: Queues
    lookout: Lookout
    dead_letters: DeadLetters
    deliveries: Deliveries
    delivery_queue: DeliveryQueue
    deliverer: Deliverer | None
    digests: DigestPlanner | None
    evidence: Evidence
    prepare: Callable[[], Awaitable[None]]
    _resources: AsyncExitStack

    async def produce(self, request: RunRequest, *, gives_up: GivesUp = never) -> Run | None:
        """Raises ConfigurationError for a report type that this version does not have."""
        report = self.reports.get(request.report)
        if report is None:
            raise ConfigurationError("no such report type")
        return await self.producer.produce(request, report, gives_up=gives_up)

    async def failing(self) -> list[str]:
        """Names of what does not work, for the health probe."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415

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


_current: list[Services] = []


def services() -> Services:
    """The app's one set, built from the environment when first asked for."""
    if not _current:
        _current.append(build(read_settings(os.environ)))
    return _current[0]


def check_settings() -> None:
    """Raises ConfigurationError naming everything that is missing or wrong."""
    read_settings(os.environ)


async def close() -> None:
    """Closes every connection; the next call of `services` starts anew."""
    while _current:
        await _current.pop().close()


def now() -> datetime:
    return datetime.now(UTC)


def build(
    settings: Settings,
    *,
    clock: Clock = now,
    limiter: "Limiter | None" = None,
    queue: RunQueue | None = None,
    lease: timedelta = _LEASE,
    credential: "AsyncTokenCredential | None" = None,
) -> Services:
    """Nothing is connected yet; wrong settings raise ConfigurationError here.

    `credential` signs in to storage in place of the managed identity; closing it is the caller's.
    """
    # The SDKs take most of a cold start: imported by whoever builds, not by whoever reads a name.
    from shared_code.sources.graph.licences import Licences  # noqa: PLC0415
    from shared_code.sources.graph.partner import GraphPartnership  # noqa: PLC0415
    from shared_code.sources.partner import PartnerSource  # noqa: PLC0415
    from shared_code.storage.archive import BlobArchive  # noqa: PLC0415
    from shared_code.storage.assessments import TableAssessments  # noqa: PLC0415
    from shared_code.storage.audit import TableAudit  # noqa: PLC0415
    from shared_code.storage.dead_letters import BlobDeadLetters  # noqa: PLC0415
    from shared_code.storage.delegations import TableDelegations  # noqa: PLC0415
    from shared_code.storage.deliveries import TableDeliveries  # noqa: PLC0415
    from shared_code.storage.holdings import StoredHoldings  # noqa: PLC0415
    from shared_code.storage.invitations import TableInvitations  # noqa: PLC0415
    from shared_code.storage.ledger import TableLedger  # noqa: PLC0415
    from shared_code.storage.links import TableLinks  # noqa: PLC0415
    from shared_code.storage.proofs import TableProofs  # noqa: PLC0415
    from shared_code.storage.queue import (  # noqa: PLC0415
        DeliveryMessages,
        ProbeMessages,
        RunMessages,
        UpkeepMessages,
    )
    from shared_code.storage.queues import StoredQueues  # noqa: PLC0415
    from shared_code.storage.readiness import TableReadinesses  # noqa: PLC0415
    from shared_code.storage.spool_folder import BlobSpoolFolder  # noqa: PLC0415
    from shared_code.storage.tenants import TableTenants  # noqa: PLC0415

    share_one_arena()
    resources = AsyncExitStack()
    reports = registry()
    accounts = _accounts(settings.storage, resources, credential)
    source, directory, tokens = _graph(settings.graph, accounts, clock, resources, limiter)
    assessments = TableAssessments(accounts.table("assessments"))
    tenants = TableTenants(accounts.table("tenants"))
    readinesses = TableReadinesses(accounts.table("tenants"))
    delegations = TableDelegations(accounts.table("tenants"))
    partner = TenantId(settings.portal.partner_tenant.lower())
    ledger = TableLedger(accounts.table("runs"), clock)
    audit = TableAudit(accounts.table("audit"))
    links = TableLinks(accounts.table("links"), accounts.table("opens"))
    messages = queue or RunMessages(accounts.queue("runs"))
    archive = BlobArchive(accounts.container("reports"), accounts.signer(clock))
    dead_letters = BlobDeadLetters(accounts.container("dead-letters"))
    folder = BlobSpoolFolder(Path(tempfile.gettempdir()) / "spools", accounts.container("spool"))
    deliveries = TableDeliveries(accounts.table("deliveries"))
    queues = StoredQueues(accounts.raw_queues())
    delivery_queue = DeliveryMessages(accounts.queue("deliveries"))
    mailer = _mailer(settings, tokens, clock)
    signer = HmacSigner(settings.link_keys)
    state_signer = ConsentStateSigner(settings.link_keys)
    invitations = TableInvitations(accounts.table("invitations"))
    issuer = Issuer(
        signer=signer, links=links, audit=audit, clock=clock, public_url=settings.public_url
    )
    chores = UpkeepMessages(accounts.queue("upkeep"))
    proofs = TableProofs(accounts.table("proofs"))
    offboarding = Offboarding(
        tenants=tenants,
        holdings=StoredHoldings(accounts),
        proofs=proofs,
        audit=audit,
        queue=chores,
        clock=clock,
    )
    retaining = Retaining(
        tenants=tenants,
        ledger=ledger,
        archive=archive,
        folder=folder,
        links=links,
        invitations=invitations,
        deliveries=deliveries,
        dead_letters=dead_letters,
        audit=audit,
        queue=chores,
        clock=clock,
        partner=partner,
    )
    return Services(
        reports=reports,
        planner=Planner(tenants, ledger, messages, clock),
        producer=Producer(
            tenants=tenants,
            ledger=ledger,
            archive=archive,
            folder=folder,
            collector=Collector(PartnerSource(source, assessments), folder, clock, _COLLECTING),
            clock=clock,
            brand=settings.brand,
            pseudonym_key=settings.pseudonym_key,
            lease=lease,
            observers=_observers(settings.telemetry, resources),
            gigabytes=settings.instance_memory / 1024,
            renderings=renderings(_typesetter(accounts, clock)),
        ),
        parking=Parking(tenants, ledger, dead_letters, clock),
        reader=Reader(
            signer=signer,
            links=links,
            ledger=ledger,
            tenants=tenants,
            archive=archive,
            clock=clock,
        ),
        issuer=issuer,
        register=LinkRegister(links=links, clock=clock),
        desk=Desk(tenants=tenants, ledger=ledger, issuer=issuer, clock=clock, reports=reports),
        portal=Portal(tenants=tenants, ledger=ledger, issuer=issuer, reports=reports),
        onboarding=Onboarding(
            directory=directory, tenants=tenants, reports=reports, audit=audit, clock=clock
        ),
        inviting=Inviting(
            tenants=tenants,
            invitations=invitations,
            domains=_domains(settings.portal.login_url, resources),
            signer=state_signer,
            audit=audit,
            reports=reports,
            clock=clock,
            public_url=settings.public_url,
        ),
        accepting=Accepting(
            tenants=tenants,
            invitations=invitations,
            directory=directory,
            signer=state_signer,
            audit=audit,
            reports=reports,
            clock=clock,
            client_id=settings.graph.client_id,
            login_url=settings.portal.login_url,
            public_url=settings.public_url,
            partner=TenantId(settings.portal.partner_tenant.lower()),
        ),
        sign_in=_believing(settings.portal, settings.portal.audience),
        entrance=_entrance(settings, tenants, audit, clock, resources),
        readiness=Prober(
            directory=directory,
            licensing=Licences(source.pages, clock=clock),
            source=source,
            tenants=tenants,
            readinesses=readinesses,
            audit=audit,
            clock=clock,
            reports=reports,
        ),
        probe_planner=ProbePlanner(
            tenants=tenants,
            readinesses=readinesses,
            queue=ProbeMessages(accounts.queue("probes")),
            clock=clock,
            reports=reports,
        ),
        condition=Conditions(
            tenants=tenants,
            readinesses=readinesses,
            delegations=delegations,
            partner=partner,
            reports=reports,
            clock=clock,
        ),
        gdap=Watch(
            partnership=GraphPartnership(
                tokens, partner=partner, base_url=settings.graph.base_url, clock=clock
            ),
            partner=partner,
            tenants=tenants,
            delegations=delegations,
            audit=audit,
            clock=clock,
        ),
        assessing=Assessing(assessments=assessments, clock=clock, author=settings.brand),
        tenants=tenants,
        ledger=ledger,
        links=links,
        queue=messages,
        audit=audit,
        life=Life(tenants=tenants, audit=audit, reports=reports, clock=clock),
        offboarding=offboarding,
        retaining=retaining,
        upkeep=Upkeep(offboarding=offboarding, retaining=retaining, queue=chores),
        proofs=proofs,
        link_lifetime=settings.link_lifetime,
        brand=settings.brand,
        ordering=Ordering(
            tenants=tenants,
            ledger=ledger,
            queue=messages,
            audit=audit,
            clock=clock,
            reports=reports,
        ),
        queues=queues,
        lookout=Lookout(
            queues=queues, certificate_end=_certificate_end(settings.graph), clock=clock
        ),
        dead_letters=dead_letters,
        deliveries=deliveries,
        delivery_queue=delivery_queue,
        deliverer=Deliverer(
            tenants=tenants,
            ledger=ledger,
            deliveries=deliveries,
            mailer=mailer,
            clock=clock,
            reports=reports,
            brand=settings.brand,
            public_url=settings.public_url,
        )
        if mailer
        else None,
        digests=DigestPlanner(tenants, deliveries, delivery_queue, audit, clock)
        if mailer
        else None,
        evidence=Evidence(
            tenants=tenants,
            ledger=ledger,
            links=links,
            deliveries=deliveries,
            reports=reports,
            clock=clock,
        ),
        prepare=accounts.ensure,
        _resources=resources,
    )


def _typesetter(accounts: "Accounts", clock: Clock) -> Typesetter | None:
    """None where it is installed: only a package for Azure says which one it wants."""
    if not _PARCEL.exists():
        return None
    from shared_code.storage.typesetter import BlobTypesetter, Parcel  # noqa: PLC0415

    parcel = msgspec.json.decode(_PARCEL.read_bytes(), type=Parcel)
    root = Path(tempfile.gettempdir()) / "typesetter"
    return BlobTypesetter(accounts.container("typesetter"), parcel, root, clock)


def _accounts(
    settings: StorageSettings,
    resources: AsyncExitStack,
    credential: "AsyncTokenCredential | None",
) -> "Accounts":
    from shared_code.storage.accounts import Accounts  # noqa: PLC0415

    # At INFO the SDKs write ten lines per request, with tenant and link ids in the addresses.
    logging.getLogger("azure").setLevel(logging.WARNING)
    if settings.connection_string:
        try:
            accounts = Accounts.of_connection_string(settings.connection_string)
        except ValueError:
            # Without the cause: it could quote the key.
            raise ConfigurationError("REPORTS_STORAGE is not a connection string") from None
    else:
        if credential is None:
            from azure.identity.aio import ManagedIdentityCredential  # noqa: PLC0415

            credential = ManagedIdentityCredential(client_id=settings.identity)
            resources.push_async_callback(credential.close)
        accounts = Accounts.of_addresses(
            tables=settings.tables or "",
            blobs=settings.blobs or "",
            queues=settings.queues or "",
            credential=credential,
        )
    resources.push_async_callback(accounts.close)
    return accounts


def _graph(
    settings: GraphSettings,
    accounts: "Accounts",
    clock: Clock,
    resources: AsyncExitStack,
    limiter: "Limiter | None",
) -> tuple[Source, Directory, "Tokens"]:
    from shared_code.sources.graph.connections import Connections  # noqa: PLC0415
    from shared_code.sources.graph.directory import GraphDirectory  # noqa: PLC0415
    from shared_code.sources.graph.limits import Limiter  # noqa: PLC0415
    from shared_code.sources.graph.source import GraphSource  # noqa: PLC0415
    from shared_code.sources.graph.tokens import Tokens  # noqa: PLC0415
    from shared_code.storage.windows import SharedWindow  # noqa: PLC0415

    connections = Connections()
    resources.push_async_callback(connections.close)
    tokens = Tokens(_token_issuer(settings, connections, clock), clock=clock)
    limiter = limiter or Limiter(shared=SharedWindow(accounts.table("limits"), clock))
    source = GraphSource(connections, tokens, limiter, base_url=settings.base_url, clock=clock)
    directory = GraphDirectory(
        tokens, app_id=settings.client_id, base_url=settings.base_url, clock=clock
    )
    return source, directory, tokens


def _observers(
    settings: TelemetrySettings | None, resources: AsyncExitStack
) -> tuple[Observer, ...]:
    if settings is None:
        return ()
    from shared_code.telemetry.otlp import Telemetry  # noqa: PLC0415

    telemetry = Telemetry(settings.endpoint, settings.headers)
    resources.push_async_callback(asyncio.to_thread, telemetry.close)
    return (telemetry,)


def _domains(login_url: str, resources: AsyncExitStack) -> Domains:
    from shared_code.sources.graph.connections import Connections  # noqa: PLC0415
    from shared_code.sources.graph.discovery import EntraDomains  # noqa: PLC0415

    connections = Connections()
    resources.push_async_callback(connections.close)
    return EntraDomains(connections, login_url=login_url)


def _mailer(settings: Settings, tokens: "Tokens", clock: Clock) -> Mailer | None:
    if settings.mail_sender is None:
        return None
    from shared_code.mail.graph_mail import GraphMailer  # noqa: PLC0415

    return GraphMailer(
        tokens,
        tenant_id=TenantId(settings.portal.partner_tenant.lower()),
        sender=settings.mail_sender,
        base_url=settings.graph.base_url,
        clock=clock,
    )


def _token_issuer(
    settings: GraphSettings, connections: "Connections", clock: Clock
) -> "TokenIssuer":
    from shared_code.sources.graph.credentials import (  # noqa: PLC0415
        SandboxIssuer,
        certificate_issuer,
        federated_issuer,
        managed_identity,
    )

    if settings.sandbox_secret:
        return SandboxIssuer(
            connections,
            base_url=settings.base_url,
            app_id=settings.client_id,
            secret=settings.sandbox_secret,
            clock=clock,
        )
    if settings.certificate:
        return certificate_issuer(settings.client_id, settings.certificate, connections=connections)
    assertion = managed_identity(settings.identity or "", connections=connections)
    return federated_issuer(settings.client_id, assertion, connections=connections)


def _believing(portal: PortalSettings, audience: str) -> "EntraSignIn":
    from shared_code.signin.entra import EntraSignIn  # noqa: PLC0415
    from shared_code.signin.keys import SigningKeys  # noqa: PLC0415

    return EntraSignIn(
        SigningKeys(portal.keys_url),
        audience=audience,
        issuer=portal.issuer,
        partner_tenant=portal.partner_tenant,
    )


def _entrance(
    settings: Settings, tenants: Tenants, audit: Audit, clock: Clock, resources: AsyncExitStack
) -> Entrance:
    from shared_code.sources.graph.codes import EntraCodes  # noqa: PLC0415
    from shared_code.sources.graph.connections import Connections  # noqa: PLC0415

    connections = Connections()
    resources.push_async_callback(connections.close)
    token_url = f"{settings.portal.login_url}/organizations/oauth2/v2.0/token"
    codes = EntraCodes(
        connections,
        token_url=token_url,
        client_id=settings.graph.client_id,
        redirect_uri=redirect_uri(settings.public_url),
        proof=_proof(settings, token_url, connections, clock),
    )
    return Entrance(
        login_url=settings.portal.login_url,
        client_id=settings.graph.client_id,
        public_url=settings.public_url,
        partner_tenant=TenantId(settings.portal.partner_tenant.lower()),
        sessions=HmacSeal(settings.link_keys, purpose="session", clock=clock),
        pending=HmacSeal(settings.link_keys, purpose="sign-in", clock=clock),
        codes=codes,
        id_tokens=_believing(settings.portal, settings.graph.client_id),
        tenants=tenants,
        audit=audit,
        clock=clock,
    )


def _proof(settings: Settings, token_url: str, connections: "Connections", clock: Clock) -> "Proof":
    from shared_code.sources.graph.codes import (  # noqa: PLC0415
        by_certificate,
        by_identity,
        by_secret,
    )
    from shared_code.sources.graph.credentials import managed_identity  # noqa: PLC0415

    graph = settings.graph
    if graph.sandbox_secret:
        return by_secret(graph.sandbox_secret, token_url=token_url)
    if graph.certificate:
        return by_certificate(
            graph.certificate, client_id=graph.client_id, token_url=token_url, clock=clock
        )
    return by_identity(managed_identity(graph.identity or "", connections=connections))


def _certificate_end(graph: GraphSettings) -> datetime | None:
    if graph.certificate is None:
        return None
    from shared_code.sources.graph.codes import certificate_end  # noqa: PLC0415

    return certificate_end(graph.certificate)
