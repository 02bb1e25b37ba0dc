"""Adapters over the storage account: tables, blobs, queues."""

import logging
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
from azure.core.credentials_async import AsyncTokenCredential

from shared_code.core.delivery import DeliveryRequest
from shared_code.core.errors import ConfigurationError
from shared_code.core.ports import Clock, Typesetter
from shared_code.core.readiness import ProbeRequest
from shared_code.core.run import RunRequest
from shared_code.core.upkeep import UpkeepRequest
from shared_code.settings import StorageSettings
from shared_code.storage.accounts import Accounts
from shared_code.storage.archive import BlobArchive
from shared_code.storage.assessments import TableAssessments
from shared_code.storage.audit import TableAudit
from shared_code.storage.dead_letters import BlobDeadLetters
from shared_code.storage.delegations import TableDelegations
from shared_code.storage.deliveries import TableDeliveries
from shared_code.storage.holdings import StoredHoldings
from shared_code.storage.invitations import TableInvitations
from shared_code.storage.ledger import TableLedger
from shared_code.storage.links import TableLinks
from shared_code.storage.proofs import TableProofs
from shared_code.storage.queue import Messages
from shared_code.storage.queues import StoredQueues
from shared_code.storage.readiness import TableReadinesses
from shared_code.storage.spool_folder import BlobSpoolFolder
from shared_code.storage.tenants import TableTenants
from shared_code.storage.windows import SharedWindow

# Whatever is not probed in time is planned again: old messages may go.
_PROBE_LIFETIME = timedelta(hours=2)

_PACKAGE = Path(__file__).parents[2] / "typesetter.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    tenants: TableTenants
    readinesses: TableReadinesses
    delegations: TableDelegations
    ledger: TableLedger
    audit: TableAudit
    links: TableLinks
    invitations: TableInvitations
    deliveries: TableDeliveries
    assessments: TableAssessments
    proofs: TableProofs
    limits: SharedWindow
    archive: BlobArchive
    dead_letters: BlobDeadLetters
    folder: BlobSpoolFolder
    holdings: StoredHoldings
    queues: StoredQueues
    runs: Messages[RunRequest]
    mails: Messages[DeliveryRequest]
    probes: Messages[ProbeRequest]
    chores: Messages[UpkeepRequest]
    typesetter: Typesetter | None


def stored(accounts: Accounts, clock: Clock) -> Stored:
    """Nothing is connected yet."""
    tenants, scratch = accounts.table("tenants"), Path(tempfile.gettempdir())
    return Stored(
        tenants=TableTenants(tenants),
        readinesses=TableReadinesses(tenants),
        delegations=TableDelegations(tenants),
        ledger=TableLedger(accounts.table("runs"), clock),
        audit=TableAudit(accounts.table("audit")),
        links=TableLinks(accounts.table("links"), accounts.table("opens")),
        invitations=TableInvitations(accounts.table("invitations")),
        deliveries=TableDeliveries(accounts.table("deliveries")),
        assessments=TableAssessments(accounts.table("assessments")),
        proofs=TableProofs(accounts.table("proofs")),
        limits=SharedWindow(accounts.table("limits"), clock),
        archive=BlobArchive(accounts.container("reports"), accounts.signer(clock)),
        dead_letters=BlobDeadLetters(accounts.container("dead-letters")),
        folder=BlobSpoolFolder(scratch / "spools", accounts.container("spool")),
        holdings=StoredHoldings(accounts),
        queues=StoredQueues(accounts.raw_queues()),
        runs=Messages[RunRequest](accounts.queue("runs")),
        mails=Messages[DeliveryRequest](accounts.queue("deliveries")),
        probes=Messages[ProbeRequest](accounts.queue("probes"), lifetime=_PROBE_LIFETIME),
        chores=Messages[UpkeepRequest](accounts.queue("upkeep")),
        typesetter=_typesetter(accounts, scratch, clock),
    )


def _typesetter(accounts: Accounts, scratch: Path, clock: Clock) -> Typesetter | None:
    """None where it is installed: only a package for Azure says which one it wants."""
    if not _PACKAGE.exists():
        return None
    from shared_code.storage.typesetter import BlobTypesetter, TypesetterPackage  # noqa: PLC0415

    package = msgspec.json.decode(_PACKAGE.read_bytes(), type=TypesetterPackage)
    container = accounts.container("typesetter")
    return BlobTypesetter(container, package, scratch / "typesetter", clock)


def open_accounts(
    settings: StorageSettings,
    resources: AsyncExitStack,
    credential: AsyncTokenCredential | None,
) -> Accounts:
    """`credential` stands in for the managed identity; closing it is the caller's."""
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
