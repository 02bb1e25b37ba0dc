"""Duplicates, crashes and take-overs: exactly one run is delivered, and nothing of another attempt."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import LeaseLost, RunHeld
from shared_code.core.metric import Point
from shared_code.core.ports import Claim, Held, Page, Source
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import TenantId, TenantState
from tests.fakes import FakeArchive, FakeClock, FakeLedger, FakeSource
from tests.service.stage import CONTOSO, LEASE, Stage, request, tenant


async def state_of(stage: Stage) -> RunState:
    kept = await stage.kept(request())
    assert kept
    return kept.state


class Gate:
    """A source that waits before its first page until it is let through."""

    def __init__(self, source: FakeSource) -> None:
        self.source = source
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        self.reached.set()
        await self.open.wait()
        async for page in self.source.pages(tenant_id, dataset, cursor, parent=parent):
            yield page


def working(stage: Stage, source: Source) -> "asyncio.Task[Run | None]":
    return asyncio.create_task(stage.producer(source).produce(request(), stage.report))


async def test_of_two_workers_at_once_one_delivers_and_the_other_comes_back(stage: Stage) -> None:
    gate = Gate(stage.source)
    first = working(stage, gate)
    await gate.reached.wait()

    with pytest.raises(RunHeld) as held:
        await stage.produce(request())
    gate.open.set()
    run = await first

    assert held.value.until == stage.clock() + LEASE
    assert run
    assert run.state is RunState.DELIVERED
    assert await stage.produce(request()) is None


async def test_a_worker_that_was_too_slow_delivers_nothing(stage: Stage) -> None:
    gate = Gate(FakeSource(dict(stage.source.listings)))
    slow = working(stage, gate)
    await gate.reached.wait()
    stage.clock.advance(LEASE)
    stage.serve("Zoe")
    delivered = await stage.produce(request())
    gate.open.set()

    with pytest.raises(LeaseLost):
        await slow

    assert delivered
    assert await stage.kept(request()) == delivered
    assert (await stage.shown(delivered))["names"] == ["Zoe"]
    assert await stage.measured("people") == 1


async def test_the_files_of_a_worker_that_was_too_slow_are_not_those_the_ledger_names(
    stage: Stage,
) -> None:
    gate = Gate(FakeSource(dict(stage.source.listings)))
    slow = working(stage, gate)
    await gate.reached.wait()
    stage.clock.advance(LEASE)
    delivered = await stage.produce(request())
    assert delivered
    assert isinstance(stage.archive, FakeArchive)
    before = {a.path: await stage.archive.read(a.path) for a in delivered.artifacts}
    gate.open.set()
    with pytest.raises(LeaseLost):
        await slow

    assert {a.path: await stage.archive.read(a.path) for a in delivered.artifacts} == before


class DyingArchive(FakeArchive):
    """Storage fails at the file with this name, once."""

    at: str | None = None

    async def put(self, path: str, file: Path, *, media_type: str) -> None:
        if self.at and path.endswith(self.at):
            self.at = None
            raise ConnectionError("killed while filing")
        await super().put(path, file, media_type=media_type)

    async def keep_only(self, folder: str, attempt: str) -> None:
        if self.at == "keep_only":
            self.at = None
            raise ConnectionError("killed after the commit")
        await super().keep_only(folder, attempt)


@pytest.mark.parametrize("at", ["report.de.json", "report.en.json", "memory.bin"])
async def test_killed_while_filing_the_next_attempt_delivers_and_tidies_up(
    stage: Stage, at: str
) -> None:
    stage.archive = archive = DyingArchive()
    archive.at = at
    with pytest.raises(ConnectionError):
        await stage.produce(request())
    assert await state_of(stage) is RunState.PLANNED

    run = await stage.produce(request())

    assert run
    assert sorted(archive.files) == sorted(a.path for a in run.artifacts)


class DyingLedger(FakeLedger):
    """The transaction of a delivery fails, before or after it went through."""

    fails: str | None = None

    async def settle(self, claim: Claim, run: Run, points: Sequence[Point] = ()) -> None:
        fails = self.fails if run.state.is_delivered else None
        if fails == "before":
            self.fails = None
            raise ConnectionError("not committed")
        await super().settle(claim, run, points)
        if fails == "after":
            self.fails = None
            raise ConnectionError("committed, but nobody said so")


async def test_a_commit_that_fails_leaves_nothing_to_see_and_is_done_again(stage: Stage) -> None:
    stage.ledger = ledger = DyingLedger(stage.clock)
    ledger.fails = "before"
    with pytest.raises(ConnectionError):
        await stage.produce(request())
    assert await stage.measured("people") is None
    assert await state_of(stage) is RunState.PLANNED

    run = await stage.produce(request())

    assert run
    assert run.state is RunState.DELIVERED
    assert await stage.measured("people") == 5


async def test_a_commit_whose_answer_was_lost_stays_a_delivery(stage: Stage) -> None:
    stage.ledger = ledger = DyingLedger(stage.clock)
    ledger.fails = "after"
    with pytest.raises(ConnectionError):
        await stage.produce(request())

    assert await stage.produce(request()) is None

    kept = await stage.kept(request())
    assert kept
    assert kept.state is RunState.DELIVERED
    assert (await stage.shown(kept))["names"]


async def test_killed_after_the_commit_the_delivery_stands(stage: Stage) -> None:
    stage.archive = archive = DyingArchive()
    archive.at = "keep_only"
    with pytest.raises(ConnectionError):
        await stage.produce(request())

    assert await stage.produce(request()) is None

    assert await state_of(stage) is RunState.DELIVERED


async def test_consent_that_is_back_is_noted_even_if_the_worker_is_killed_after_the_commit(
    stage: Stage,
) -> None:
    await stage.tenants.save(tenant(state=TenantState.CONSENT_WITHDRAWN))
    stage.archive = archive = DyingArchive()
    archive.at = "keep_only"
    with pytest.raises(ConnectionError):
        await stage.produce(request())

    found = await stage.tenants.get(CONTOSO)

    assert found
    assert found.state is TenantState.ACTIVE


async def test_a_defect_of_ours_gives_the_run_back_at_once(stage: Stage) -> None:
    stage.source.fail("badges", ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await stage.produce(request())

    run = await stage.produce(request())
    assert run
    assert run.state is RunState.DELIVERED


async def test_a_cancelled_worker_gives_the_run_back_at_once(stage: Stage) -> None:
    gate = Gate(stage.source)
    worker = working(stage, gate)
    await gate.reached.wait()

    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker

    assert await stage.produce(request())


class RealClock(FakeClock):
    def __call__(self) -> datetime:
        return datetime.now(UTC)


class ForgetfulLedger(FakeLedger):
    """Storage does not answer the first time a lease is renewed."""

    has_failed = False

    async def renew(self, claim: Claim, *, lease: timedelta) -> Claim:
        if not self.has_failed:
            self.has_failed = True
            raise ConnectionError("storage is away")
        return await super().renew(claim, lease=lease)


@pytest.mark.parametrize("ledger", [FakeLedger, ForgetfulLedger])
async def test_a_worker_keeps_its_run_however_long_it_works(
    stage: Stage, ledger: type[FakeLedger]
) -> None:
    stage.clock = RealClock()
    stage.ledger = ledger(stage.clock)
    stage.lease = timedelta(seconds=0.3)
    gate = Gate(stage.source)
    worker = working(stage, gate)
    await gate.reached.wait()

    for _ in range(4):
        await asyncio.sleep(0.2)
        with pytest.raises(RunHeld):
            await stage.produce(request())
    gate.open.set()

    assert await worker


async def test_a_worker_that_died_loses_its_run_when_the_lease_ends(stage: Stage) -> None:
    dead = await stage.ledger.claim(request(), lease=LEASE)
    assert dead
    assert not isinstance(dead, Held)

    with pytest.raises(RunHeld):
        await stage.produce(request())
    stage.clock.advance(LEASE)

    run = await stage.produce(request())
    assert run
    with pytest.raises(LeaseLost):
        await stage.ledger.settle(dead, run)
