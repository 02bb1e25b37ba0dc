"""Offboarding on real storage: interrupted at each step, while a run is produced, while a link is opened."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from dev.azurite import Azurite
from shared_code.core.audit import Act, Entry
from shared_code.core.errors import LeaseLost, LinkInvalid
from shared_code.core.proof import Phase, Proof
from shared_code.core.run import Run, encode_request
from shared_code.core.tenant import Contact, TenantId
from shared_code.links.keys import parse_key_ring
from shared_code.links.token import HmacSigner
from shared_code.service.issue_links import Issuer
from shared_code.service.offboard import Offboarding
from shared_code.service.open_link import Reader
from shared_code.service.park import Parking
from shared_code.storage.accounts import Accounts
from shared_code.storage.archive import BlobArchive
from shared_code.storage.audit import TableAudit
from shared_code.storage.dead_letters import BlobDeadLetters
from shared_code.storage.holdings import StoredHoldings
from shared_code.storage.ledger import TableLedger
from shared_code.storage.links import TableLinks
from shared_code.storage.proofs import TableProofs
from shared_code.storage.queue import UpkeepMessages
from shared_code.storage.spool_folder import BlobSpoolFolder
from shared_code.storage.tenants import TableTenants
from tests.kill.steps import Side
from tests.service.stage import TINY, WEEK, Stage, request, tenant
from tests.service.test_produce_races import Gate

ENGINEER = "9d6f2f1e-0000-4000-8000-00000000e001"
LISTINGS = ("query_entities", "list_blobs", "list_blob_names")
READS = (*LISTINGS, "get_entity")


class Stopped(Exception):
    """The worker died here."""


@dataclass
class Breaks:
    """Raises at the call of that number, before or after it; 0 is nowhere."""

    at: int = 0
    side: Side = Side.BEFORE
    seen: list[str] = field(default_factory=list[str])

    def around(self, inner: object, name: str) -> Any:
        return _Breaking(inner, name, self)

    def reach(self, name: str, side: Side) -> None:
        if side is Side.BEFORE:
            self.seen.append(name)
        if len(self.seen) == self.at and side is self.side:
            self.at = 0
            raise Stopped(name)


class _Breaking:
    def __init__(self, inner: object, name: str, breaks: Breaks) -> None:
        self._inner, self._name, self._breaks = inner, name, breaks

    def __getattr__(self, attribute: str) -> Any:
        method: Any = getattr(self._inner, attribute)
        name = f"{self._name}.{attribute}"
        if asyncio.iscoroutinefunction(method):
            return lambda *words, **options: self._called(name, method, *words, **options)
        if attribute in LISTINGS:
            return lambda *words, **options: self._listed(name, method(*words, **options))
        return method

    async def _called(self, name: str, method: Any, *words: Any, **options: Any) -> Any:
        self._breaks.reach(name, Side.BEFORE)
        result = await method(*words, **options)
        self._breaks.reach(name, Side.AFTER)
        return result

    async def _listed(self, name: str, listing: AsyncIterator[Any]) -> AsyncIterator[Any]:
        self._breaks.reach(name, Side.BEFORE)
        async for item in listing:
            yield item
        self._breaks.reach(name, Side.AFTER)


class Place(Stage):
    """A stage on real storage, with everything a tenant leaves somewhere."""

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
        key = base64.urlsafe_b64encode(bytes(32)).decode()
        self.signer = HmacSigner(parse_key_ring(f"k1:{key}"))
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
        """As after a restart: nothing is remembered from one to the next."""
        around = (breaks or Breaks()).around

        def broken(inner: Any, name: str) -> Any:
            """Each request to storage is a step."""
            part = "_client" if hasattr(inner, "_client") else "_container"
            setattr(inner, part, around(getattr(inner, part), name))
            return inner

        holdings = StoredHoldings(self.accounts)
        for kind, each in cast("Any", holdings._kinds).items():
            broken(each._table if hasattr(each, "_table") else each._blobs, kind)
        tables = {
            name: broken(self.accounts.table(name), name) for name in ("tenants", "proofs", "audit")
        }
        queue = UpkeepMessages(cast("Any", around(self.accounts.queue("upkeep"), "queue")))
        return Offboarding(
            tenants=TableTenants(tables["tenants"]),
            holdings=holdings,
            proofs=TableProofs(tables["proofs"]),
            audit=TableAudit(tables["audit"]),
            queue=queue,
            clock=self.clock,
        )

    async def settle_in(self) -> TenantId:
        """A tenant with something of its own everywhere."""
        new = tenant(TenantId(str(uuid4())))
        contact = Contact(address="anna.huber@contoso.example")
        await self.tenants.save(new.__replace__(contacts=(contact,)))
        order = request(tenant_id=new.id)
        run = await self.produce(order)
        assert run
        await self.opened(run)
        await self.ledger.plan(Run.planned(request(weeks=1, tenant_id=new.id), self.clock()))
        await self.accounts.container("spool").write(f"{new.id}/{uuid4()}/progress.json", b"{}")
        await self.accounts.container("reports").write(f"{new.id}/x/y/z/lost.html", b"lost")
        await self.letters.keep(str(uuid4()), f'{{"tenant_id": "{new.id}"'.encode())
        await self.audit.record(
            Entry(tenant_id=new.id, at=self.clock(), act=Act.ACTIVATED, actor=ENGINEER)
        )
        for name in ("tenants", "deliveries"):
            row = {"PartitionKey": new.id, "RowKey": "another"}
            await self.accounts.tables.get_table_client(name).create_entity(row)
        return new.id

    async def opened(self, run: Run) -> str:
        [issued] = await self.issuer.issue([run], lifetime=WEEK, created_by=ENGINEER)
        token = issued.address.rpartition("/")[2]
        await self.reader.open(token, "report.de.json", "GET")
        return token

    async def ends(self, tenant_id: TenantId) -> Proof:
        """The queue delivers until the proof is closed; each worker is a new one."""
        for _ in range(4):
            proof = await self.offboarding().proceed(tenant_id)
            assert proof
            if proof.is_closed:
                return proof
            self.clock.now = max(self.clock.now, proof.resumes or self.clock.now)
        pytest.fail("not closed")

    async def left_of(self, *tenants: TenantId) -> list[str]:
        """In all tables, containers and queues there are, whatever they are called."""
        found: list[str] = []

        def names_one(text: str) -> bool:
            return any(tenant_id in text for tenant_id in tenants)

        async for table in self.accounts.tables.list_tables():
            rows = self.accounts.tables.get_table_client(table.name).list_entities()
            keys = [row["RowKey"] async for row in rows if names_one(str(dict(row)))]
            found += [f"{table.name}: {key}" for key in keys]
        async for container in self.accounts.blobs.list_containers():
            blobs = self.accounts.blobs.get_container_client(container.name)
            async for name in blobs.list_blob_names():
                body = await (await blobs.download_blob(name)).readall()
                if names_one(name) or names_one(body.decode("latin-1")):
                    found.append(f"{container.name}: {name}")
        async for queue in self.accounts.queues.list_queues():
            client = self.accounts.queue(queue.name)
            waiting = await client.peek_messages(max_messages=32)
            bodies = [base64.b64decode(message.content) for message in waiting]
            found += [f"queue {queue.name}" for body in bodies if names_one(body.decode())]
        return [each for each in found if not each.startswith("proofs: ")]


@pytest.fixture
async def place(storage: Azurite, tmp_path: Path) -> AsyncIterator[Place]:
    async with Accounts.of_connection_string(storage.connection_string) as accounts:
        await accounts.ensure()
        yield Place(tmp_path / "spools", accounts)
        # What other tests find in the queues is theirs.
        for name in ("upkeep", "runs"):
            await accounts.queues.get_queue_client(name).clear_messages()


async def drained(place: Place) -> None:
    """As the host does it: each message of upkeep is taken and done."""
    await place.accounts.queue("upkeep").clear_messages()


async def test_nothing_is_left_but_the_proof_and_others_lose_nothing(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="shared_code")
    other = await place.settle_in()
    theirs = await place.left_of(other)
    ours = await place.settle_in()
    assert len(await place.left_of(ours)) >= 15

    await place.offboarding().begin(ours, by=ENGINEER)
    proof = await place.ends(ours)
    await drained(place)

    assert await place.left_of(ours) == []
    assert await place.left_of(other) == theirs
    counts = {kind: found.count for kind, found in proof.deleted.items()}
    assert counts.pop("table runs") >= 5  # runs and points
    assert counts.pop("container reports") >= 3
    assert counts == counts | {
        "tenant": 1,
        "table tenants": 1,
        "table links": 1,
        "table opens": 1,
        "table audit": 3,
        "table deliveries": 1,
        "container spool": 1,
        "container dead-letters": 1,
    }
    assert all(found.count == 0 for found in proof.late.values())
    said = str(proof) + caplog.text
    assert "anna" not in said.lower()
    assert "contoso" not in said.lower()


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_interrupted_at_any_step_it_ends_complete(place: Place) -> None:
    counted = Breaks()
    first = await place.settle_in()
    await place.offboarding(counted).begin(first, by=ENGINEER)
    begins = len(counted.seen)
    await place.offboarding(counted).proceed(first)
    place.clock.advance(WEEK)
    undisturbed = await place.offboarding(counted).proceed(first)
    assert undisturbed
    assert undisturbed.is_closed
    assert len(counted.seen) > 60
    expected = {kind: found.count for kind, found in undisturbed.deleted.items()}

    ended = {
        await _interrupted(place, step, side, begins=begins, expected=expected): (
            f"{side} {step} {counted.seen[step - 1]}"
        )
        for step in range(1, len(counted.seen) + 1)
        for side in Side
        # What was only read is as if the next step had been the first to fail.
        if side is Side.BEFORE or not counted.seen[step - 1].endswith(READS)
    }

    await drained(place)
    assert await place.left_of(*ended) == []


async def _interrupted(
    place: Place, step: int, side: Side, *, begins: int, expected: dict[str, int]
) -> TenantId:
    """The tenant it happened to."""
    tenant_id, breaks = await place.settle_in(), Breaks(step, side)
    try:
        await place.offboarding(breaks).begin(tenant_id, by=ENGINEER)
        await place.offboarding(breaks).proceed(tenant_id)
        place.clock.advance(WEEK)
        await place.offboarding(breaks).proceed(tenant_id)
    except Stopped:
        pass
    else:
        pytest.fail(f"nothing stopped {side} {step}")
    if step <= begins:
        # Whoever asked saw an error, and asks again.
        assert await place.offboarding().begin(tenant_id, by=ENGINEER)
    proof = await place.ends(tenant_id)
    counts = {kind: found.count for kind, found in proof.deleted.items()}
    # Asked again, the audit may have one entry more.
    other = {k for k in counts if k != "table audit" and counts[k] != expected[k]}
    assert other == set(), (step, side)
    return tenant_id


async def test_a_run_that_is_under_way_is_not_delivered_and_leaves_nothing(place: Place) -> None:
    tenant_id = await place.settle_in()
    order = request(weeks=2, tenant_id=tenant_id)
    gate = Gate(place.source)
    slow = asyncio.create_task(place.producer(gate).produce(order, TINY))
    await gate.reached.wait()

    await place.offboarding().begin(tenant_id, by=ENGINEER)
    waiting = await place.offboarding().proceed(tenant_id)
    gate.open.set()
    with pytest.raises(LeaseLost):
        await slow
    assert waiting
    assert waiting.phase is Phase.WAITING
    assert await place.ledger.runs(tenant_id) == []
    filed = [name for name in await place.left_of(tenant_id) if name.startswith("reports: ")]
    assert filed, "the worker filed what it had made, as it could not know"
    proof = await place.ends(tenant_id)
    await drained(place)

    assert proof.late["container reports"].count == len(filed)
    assert await place.left_of(tenant_id) == []


async def test_what_was_planned_when_it_began_is_deleted_too(place: Place) -> None:
    tenant_id = await place.settle_in()
    await place.offboarding().begin(tenant_id, by=ENGINEER)
    await place.offboarding().proceed(tenant_id)
    await place.ledger.plan(Run.planned(request(weeks=3, tenant_id=tenant_id), place.clock()))

    proof = await place.ends(tenant_id)
    await drained(place)

    assert proof.late["table runs"].count == 1
    assert await place.left_of(tenant_id) == []


async def test_a_link_is_dead_from_the_first_moment_and_says_so_as_every_dead_link(
    place: Place,
) -> None:
    tenant_id = await place.settle_in()
    [run, *_] = [r for r in await place.ledger.runs(tenant_id) if r.state.is_delivered]
    token = await place.opened(run)
    stopped = Breaks(at=5, side=Side.AFTER)
    begun = place.offboarding(stopped)

    with pytest.raises(Stopped):
        await begun.begin(tenant_id, by=ENGINEER)
    with pytest.raises(LinkInvalid):
        await place.reader.open(token, "report.de.json", "GET")
    await place.offboarding().begin(tenant_id, by=ENGINEER)
    opening, _ = await asyncio.gather(
        place.reader.open(token, "report.de.json", "GET"),
        place.ends(tenant_id),
        return_exceptions=True,
    )
    await drained(place)

    assert isinstance(opening, LinkInvalid)
    assert await place.left_of(tenant_id) == []


async def test_messages_that_come_afterwards_are_dropped_and_leave_nothing(place: Place) -> None:
    tenant_id = await place.settle_in()
    order = request(tenant_id=tenant_id)
    await place.offboarding().begin(tenant_id, by=ENGINEER)
    for _ in range(2):
        assert await place.produce(order) is None
        await place.parking.park("message", encode_request(order).encode())
        await place.ends(tenant_id)
    await drained(place)

    assert await place.produce(order) is None
    assert await place.left_of(tenant_id) == []


async def test_two_workers_at_once_delete_it_once_and_count_it_once(place: Place) -> None:
    tenant_id = await place.settle_in()
    await asyncio.gather(
        *(place.offboarding().begin(tenant_id, by=ENGINEER) for _ in range(3)),
    )
    await asyncio.gather(*(place.offboarding().proceed(tenant_id) for _ in range(3)))
    place.clock.advance(WEEK)
    await asyncio.gather(*(place.offboarding().proceed(tenant_id) for _ in range(3)))
    await drained(place)

    proof = await place.proofs.newest(tenant_id)
    assert proof
    assert (proof.phase, proof.number) == (Phase.CLOSED, 1)
    assert proof.deleted["container spool"].count == 1
    assert await place.left_of(tenant_id) == []
