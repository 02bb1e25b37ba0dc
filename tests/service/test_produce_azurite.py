"""The central promises once more, with the adapters that production has, on Azurite."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from shared_code.core.errors import ConsentMissing, LeaseLost, PermissionMissing, RunHeld, Throttled
from shared_code.core.run import RunRequest, RunState
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.service.plan import Planner
from shared_code.storage.accounts import Accounts
from shared_code.storage.archive import BlobArchive
from shared_code.storage.ledger import TableLedger
from shared_code.storage.spool_folder import BlobSpoolFolder
from shared_code.storage.tenants import TableTenants
from tests.fakes import FakeQueue
from tests.service.stage import LEASE, MONDAY, TINY, WEEK, Stage, request, tenant
from tests.service.test_produce_races import Gate


class RealStage(Stage):
    """Its tenant is a new one each time: the emulator is shared by all tests."""

    def __init__(self, root: Path, accounts: Accounts) -> None:
        super().__init__(root)
        self.customer = TenantId(str(uuid4()))
        self.tenants = TableTenants(accounts.table("tenants"))
        self.ledger = TableLedger(accounts.table("runs"), self.clock)
        self.archive = BlobArchive(accounts.container("reports"), accounts.signer(self.clock))
        self.folder = BlobSpoolFolder(root, accounts.container("spool"))
        self.blobs = accounts.container("reports")

    def order(self, *, weeks: int = 0) -> RunRequest:
        return request(weeks=weeks, tenant_id=self.customer)

    async def point(self, metric: str, *, weeks: int = 0) -> float | None:
        end = MONDAY + weeks * WEEK
        points = await self.ledger.points(self.customer, TINY.name)
        return next((p.value for p in points if (p.metric, p.end) == (metric, end)), None)

    async def customer_row(self) -> Tenant:
        found = await self.tenants.get(self.customer)
        assert found
        return found


@pytest.fixture
async def real(tmp_path: Path, accounts: Accounts) -> RealStage:
    stage = RealStage(tmp_path / "spools", accounts)
    await stage.tenants.save(tenant(stage.customer))
    return stage


async def test_two_weeks_are_delivered_and_compared(real: RealStage) -> None:
    await real.produce(real.order())
    real.serve("Ada", "Zoe")
    real.clock.advance(WEEK)

    run = await real.produce(real.order(weeks=1))

    assert run
    assert run == await real.kept(real.order(weeks=1))
    assert (await real.shown(run))["names"] == ["Ada", "Zoe"]
    assert await real.point("people") == 5
    assert await real.point("new", weeks=1) == 1


async def test_a_gap_is_stored_with_its_beginning(real: RealStage) -> None:
    real.source.fail("badges", PermissionMissing("badges", "AuditLog.Read.All"))
    await real.produce(real.order())
    real.source.fail("badges", PermissionMissing("badges", "AuditLog.Read.All"))

    run = await real.produce(real.order(weeks=1))

    assert run
    assert run.state is RunState.DELIVERED_WITH_GAPS
    assert [gap.since for gap in run.gaps] == [MONDAY]


async def test_a_postponed_run_goes_on_where_it_stopped(real: RealStage) -> None:
    real.source.fail("people", Throttled("429", retry_after=120), before_page=2)
    with pytest.raises(Throttled):
        await real.produce(real.order())

    run = await real.produce(real.order().after_wait())

    assert run
    assert (await real.shown(run))["names"] == ["Ada", "Ben", "Cleo", "Dora", "Emil"]
    served = [(name, number) for _, name, number in real.source.served]
    assert served == [("people", 0), ("people", 1), ("people", 2), ("badges", 0), ("badges", 1)]


async def test_of_five_messages_at_once_one_delivers(real: RealStage) -> None:
    gate = Gate(real.source)
    workers = [
        asyncio.create_task(real.producer(gate).produce(real.order(), TINY)) for _ in range(5)
    ]
    gate.open.set()

    results = await asyncio.gather(*workers, return_exceptions=True)

    # Who comes after the end finds nothing to do, the others come back later.
    delivered = [r for r in results if r and not isinstance(r, RunHeld)]
    assert len(delivered) == 1
    assert await real.kept(real.order()) == delivered[0]


async def test_a_worker_that_was_too_slow_delivers_nothing(real: RealStage) -> None:
    gate = Gate(real.source)
    slow = asyncio.create_task(real.producer(gate).produce(real.order(), TINY))
    await gate.reached.wait()
    real.clock.advance(LEASE)
    delivered = await real.produce(real.order())
    gate.open.set()

    with pytest.raises(LeaseLost):
        await slow

    assert delivered
    assert await real.kept(real.order()) == delivered
    for artifact in delivered.artifacts:
        assert len(await real.archive.read(artifact.path)) == artifact.size


async def test_consent_goes_and_comes_back(real: RealStage) -> None:
    real.source.fail("people", ConsentMissing("no consent"))
    blocked = await real.produce(real.order())
    assert blocked
    assert blocked.state is RunState.BLOCKED
    assert (await real.customer_row()).state is TenantState.CONSENT_WITHDRAWN

    run = await real.produce(real.order(weeks=1))

    assert run
    assert run.state is RunState.DELIVERED
    assert (await real.customer_row()).state is TenantState.ACTIVE


async def test_only_the_delivered_attempt_is_left_in_the_archive(real: RealStage) -> None:
    lost = real.root.parent / "lost"
    lost.write_bytes(b"of an attempt that was killed")
    path = f"{real.customer}/{TINY.name}/{real.order().run_id}/killed/report.de.json"
    await real.archive.put(path, lost, media_type="application/json")

    run = await real.produce(real.order())

    assert run
    folder = f"{real.customer}/{TINY.name}/{run.id}"
    assert sorted([n async for n in real.blobs.names(folder)]) == sorted(
        a.path for a in run.artifacts
    )


async def test_planning_twice_plans_once_and_a_stuck_run_comes_back(real: RealStage) -> None:
    queue = FakeQueue()
    planner = Planner(real.tenants, real.ledger, queue, real.clock)

    async def planned() -> list[RunRequest]:
        await planner.plan(TINY)
        return [r for r in queue.requests if r.tenant_id == real.customer]

    assert await planned() == [real.order()]
    assert await planned() == [real.order()]
    real.clock.advance(timedelta(hours=3))
    assert await planned() == [real.order()] * 2
    assert await planned() == [real.order()] * 2
    stored = await real.kept(real.order())
    assert stored
    assert replace(stored, updated=MONDAY).state is RunState.PLANNED
