"""Two runs of one report, one after the other, as the function app makes them: `... whole JOB`.

All of the service is real but storage: ledger and tenants are in memory, files on local disk.
The second run compares itself with the first.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

import azure.identity.aio  # noqa: F401 - the stub's tokens come without, Entra's do not

from bench.job import Job, finish, mark, read_job
from bench.variants.archive import DiskArchive
from bench.variants.stage import TENANT, settings
from dev.timepiece import Stopwatch
from shared_code.core.period import Period
from shared_code.core.run import Run, RunRequest
from shared_code.core.tenant import Tenant, TenantState
from shared_code.service.produce import Producer
from shared_code.sources.graph.limits import Limiter
from shared_code.wiring.app import Services
from shared_code.wiring.build import build
from tests.fakes import FakeClock, FakeLedger, FakeSpoolFolder, FakeTenants

_JOB = read_job()
_SETTINGS = settings(_JOB.base_url)
# What the host loads stays in memory too.
import function_app  # noqa: E402, F401

_WEEK = timedelta(days=7)
_MONDAY = datetime(2025, 11, 17, 5, tzinfo=UTC)


async def run(job: Job) -> None:
    stopwatch = Stopwatch()
    # Microsoft allows ten pages of sign-ins a minute: waiting for that is not what is measured.
    limiter = Limiter(clock=stopwatch, sleep=stopwatch.sleep, patience=inf)
    services = build(_SETTINGS, limiter=limiter)
    clock = FakeClock(_MONDAY)
    producer = _producer(services, clock, Path(job.folder))
    mark("ready")
    first = await _produced(services, producer, clock, job)
    mark("first")
    second = await _produced(services, producer, clock, job)
    mark("done")
    await services.close()
    finish([_outcome(first), _outcome(second)])


def _producer(services: Services, clock: FakeClock, folder: Path) -> Producer:
    tenant = Tenant(
        id=TENANT, customer="Contoso", domain="contoso.example", state=TenantState.ACTIVE
    )
    spools = FakeSpoolFolder(folder / "spools")
    return replace(
        services.producer,
        tenants=FakeTenants.of(tenant),
        ledger=FakeLedger(clock),
        archive=DiskArchive(folder / "archive"),
        folder=spools,
        collector=replace(services.producer.collector, folder=spools, clock=clock),
        clock=clock,
    )


async def _produced(services: Services, producer: Producer, clock: FakeClock, job: Job) -> Run:
    period = Period(clock.now, clock.now + _WEEK)
    clock.advance(_WEEK)
    request = RunRequest.due(TENANT, job.variant, period)
    done = await producer.produce(request, services.reports[job.variant])
    if done is None or not done.state.is_delivered:
        raise RuntimeError(f"{job.variant}: {done and done.headline}")
    return done


def _outcome(done: Run) -> dict[str, object]:
    sizes = {artifact.name: artifact.size for artifact in done.artifacts}
    return {"state": done.state, "headline": done.headline, "sizes": sizes}


if __name__ == "__main__":
    asyncio.run(run(_JOB))
