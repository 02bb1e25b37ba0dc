"""A tenant that leaves: with something of its own wherever anything is kept, and what is left of it."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from shared_code.core.audit import Act, Entry
from shared_code.core.delivery import (
    Delivery,
    DeliveryRequest,
    Dispatch,
    DispatchState,
    contact_key,
)
from shared_code.core.gdap import Delegation, Relationship
from shared_code.core.invitation import Invitation, InvitationId
from shared_code.core.ports import Clock, UpkeepQueue
from shared_code.core.proof import Proof
from shared_code.core.queue_message import encode_message
from shared_code.core.readiness import ProbeRequest, Readiness
from shared_code.core.run import Run, RunRequest
from shared_code.core.tenant import Contact, TenantId
from shared_code.core.upkeep import Chore, UpkeepRequest
from shared_code.links.keys import KeyRing
from shared_code.links.token import HmacSigner
from shared_code.service.issue_links import Issuer
from shared_code.service.offboard import Offboarding
from shared_code.service.open_link import Reader
from shared_code.service.park import Parking
from shared_code.storage.accounts import Accounts
from shared_code.storage.archive import BlobArchive
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
from shared_code.storage.readiness import TableReadinesses
from shared_code.storage.spool_folder import BlobSpoolFolder
from shared_code.storage.tenants import TableTenants
from shared_code.storage.windows import SharedWindow
from tests.kill.breaks import Breaks, Stopped
from tests.service.stage import WEEK, Stage, request, tenant

ENGINEER = "9d6f2f1e-0000-4000-8000-00000000e001"
PARTNER = TenantId("0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60")
ANNA = Contact(address="anna.huber@contoso.example")


def offboarding_in(
    accounts: Accounts, clock: Clock, queue: UpkeepQueue | None = None
) -> Offboarding:
    """As after a restart: nothing is remembered from one to the next."""
    return Offboarding(
        tenants=TableTenants(accounts.table("tenants")),
        holdings=StoredHoldings(accounts),
        proofs=TableProofs(accounts.table("proofs")),
        audit=TableAudit(accounts.table("audit")),
        queue=queue or Messages[UpkeepRequest](accounts.queue("upkeep")),
        clock=clock,
        partner=PARTNER,
    )


class Place(Stage):
    """A stage on an account, with everything a tenant leaves somewhere."""

    def __init__(self, root: Path, accounts: Accounts) -> None:
        super().__init__(root)
        self.accounts = accounts
        self.tenants = TableTenants(accounts.table("tenants"))
        self.ledger = TableLedger(accounts.table("runs"), self.clock)
        self.archive = BlobArchive(accounts.container("reports"), accounts.signer(self.clock))
        self.folder = BlobSpoolFolder(root, accounts.container("spool"))
        self.links = TableLinks(accounts.table("links"), accounts.table("opens"))
        self.audit = TableAudit(accounts.table("audit"))
        self.proofs = TableProofs(accounts.table("proofs"))
        self.letters = BlobDeadLetters(accounts.container("dead-letters"))
        self.signer = HmacSigner(KeyRing("k1", {"k1": b"k" * 32}))
        self.issuer = Issuer(
            signer=self.signer,
            links=self.links,
            audit=self.audit,
            clock=self.clock,
            public_url="http://x",
        )
        self.reader = Reader(
            signer=self.signer,
            links=self.links,
            ledger=self.ledger,
            tenants=self.tenants,
            archive=self.archive,
            clock=self.clock,
        )
        self.parking = Parking(self.tenants, self.ledger, self.letters, self.clock)

    def offboarding(self, breaks: Breaks | None = None) -> Offboarding:
        return offboarding_in((breaks or Breaks()).around(self.accounts), self.clock)

    async def settle_in(self) -> TenantId:
        """A tenant with something of its own everywhere."""
        new = tenant(TenantId(str(uuid4()))).__replace__(contacts=(ANNA,))
        await self.tenants.save(new)
        run = await self.produce(request(tenant_id=new.id))
        assert run
        await self.opened(run)
        await self.ledger.plan(Run.planned(request(weeks=1, tenant_id=new.id), self.clock()))
        await self.audit.record(
            Entry(tenant_id=new.id, at=self.clock(), act=Act.ACTIVATED, actor=ENGINEER)
        )
        await self._fill_tables(new.id)
        await self.accounts.container("spool").write(f"{new.id}/{uuid4()}/progress.json", b"{}")
        await self.accounts.container("reports").write(f"{new.id}/x/y/z/lost.html", b"lost")
        await self.letters.keep(str(uuid4()), f'{{"tenant_id": "{new.id}"'.encode())
        await self.send_messages(new.id)
        return new.id

    async def _fill_tables(self, tenant_id: TenantId) -> None:
        accounts, now = self.accounts, self.clock()
        agreed = await self.tenants.get(tenant_id)
        assert agreed
        await TableInvitations(accounts.table("invitations")).add(
            Invitation(
                id=InvitationId(str(uuid4())),
                tenant_id=tenant_id,
                agreed=agreed,
                created=now,
                expires=now + WEEK,
                created_by=ENGINEER,
            )
        )
        deliveries = TableDeliveries(accounts.table("deliveries"))
        await deliveries.plan(Delivery(tenant_id=tenant_id, due=now, planned=now, updated=now))
        dispatch = Dispatch(
            tenant_id=tenant_id,
            due=now,
            contact=contact_key(ANNA),
            state=DispatchState.SENT,
            updated=now,
        )
        await deliveries.put(dispatch, etag=None)
        readinesses = TableReadinesses(accounts.table("tenants"))
        await readinesses.put(Readiness(tenant_id=tenant_id, due=now))
        relationship = Relationship(id=str(uuid4()), tenant_id=tenant_id)
        await TableDelegations(accounts.table("tenants")).put(
            Delegation(tenant_id=tenant_id, checked=now, relationships=(relationship,))
        )
        # The partner's own: all tenants share it.
        window = SharedWindow(accounts.table("limits"), self.clock)
        await window.take("sign-in activity", requests=1000, seconds=60)

    async def send_messages(self, tenant_id: TenantId) -> None:
        """One of each kind that waits, and one that failed too often."""
        order = RunRequest.due(tenant_id, "guest-users", request().period)
        bodies = {
            "runs": encode_message(order),
            "deliveries": encode_message(DeliveryRequest.of(tenant_id, self.clock())),
            "probes": encode_message(ProbeRequest(tenant_id=tenant_id)),
            "upkeep": encode_message(UpkeepRequest(chore=Chore.RETENTION, tenant_id=tenant_id)),
        }
        for name, body in bodies.items():
            for queue in (name, f"{name}-poison"):
                await self.accounts.queue(queue).send_message(body, visibility_timeout=0)

    async def opened(self, run: Run) -> str:
        """A link that was used; gives its token."""
        [issued] = await self.issuer.issue([run], lifetime=WEEK, created_by=ENGINEER)
        token = issued.address.rpartition("/")[2]
        await self.reader.open(token, "report.de.json", "GET")
        await self.links.use(issued.link, 0, at=self.clock())
        return token

    async def ends(self, tenant_id: TenantId, breaks: Breaks | None = None) -> Proof:
        """The queue delivers until the proof is closed; each worker is a new one."""
        for _ in range(5):
            try:
                proof = await self.offboarding(breaks).proceed(tenant_id)
            except Stopped:
                continue
            assert proof
            if proof.is_closed:
                return proof
            self.clock.now = max(self.clock.now, proof.resumes or self.clock.now)
        pytest.fail("not closed")

    async def left_of(self, *tenants: TenantId) -> list[str]:
        """In all tables and containers there are, whatever they are called."""
        found = stored(await everything(self.accounts))
        return sorted(name for name, body in found.items() if names_one(name + body, tenants))


def names_one(text: str, tenants: Iterable[TenantId]) -> bool:
    return any(tenant_id in text for tenant_id in tenants)


def stored(found: Mapping[str, str]) -> dict[str, str]:
    """But for proofs, and for messages, which the host takes."""
    return {n: b for n, b in found.items() if not n.startswith(("table proofs: ", "queue "))}


async def everything(accounts: Accounts) -> dict[str, str]:
    """What the account lists, byte for byte; of messages those that are visible."""
    found: dict[str, str] = {}
    async for table in accounts.tables.list_tables():
        async for row in accounts.tables.get_table_client(table.name).list_entities():
            body = msgspec.json.encode(dict(row), order="sorted").decode()
            found[f"table {table.name}: {row['PartitionKey']} {row['RowKey']}"] = body + str(
                row.metadata["etag"]
            )
    async for container in accounts.blobs.list_containers():
        blobs = accounts.blobs.get_container_client(container.name)
        async for name in blobs.list_blob_names():
            body = await (await blobs.download_blob(name)).readall()
            found[f"container {container.name}: {name}"] = body.decode("latin-1")
    async for queue in accounts.queues.list_queues():
        client = accounts.queues.get_queue_client(queue.name)
        for number, message in enumerate(await client.peek_messages(max_messages=32)):
            found[f"queue {queue.name}: {number}"] = base64.b64decode(message.content).decode()
    return found
