"""What the tests of this folder stand on: real storage, invented tenants, and workers to kill."""

import asyncio
import hashlib
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from dev.azurite import Azurite
from dev.sandbox import Customer, Sandbox
from dev.stage import stage_settings
from dev.timepiece import Stopwatch
from shared_code.core.errors import LinkError
from shared_code.core.period import Period
from shared_code.core.ports import Claim
from shared_code.core.run import Run, RunRequest, RunState
from shared_code.core.tenant import Subscription, Tenant, TenantId, TenantState
from shared_code.settings import read_settings
from shared_code.sources.graph.limits import Limiter
from shared_code.storage.accounts import Accounts
from shared_code.wiring.app import Services
from shared_code.wiring.build import build
from tests.kill.worker import Begun, Ended

ROOT = Path(__file__).resolve().parents[2]
REPORT = "guest-users"
WEEK = timedelta(days=7)
# A Monday at six in Vienna, in winter; what is in the reports depends on it and nothing else.
MONDAY = datetime(2026, 1, 5, 5, tzinfo=UTC)

# Long enough for a run on a busy computer, and no longer: every killed run waits for its end.
LEASE = 3.0
_PATIENCE = 180
_SECRETS = ("v1.0/", "/r/v1.", "Bearer ", "eyJ")
_FORGOTTEN = ("never awaited", "never retrieved", "Unclosed", "was destroyed but it is pending")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def due(tenant_id: str, *, weeks: int = 0) -> RunRequest:
    end = MONDAY + weeks * WEEK
    return RunRequest.due(TenantId(tenant_id), REPORT, Period(end - WEEK, end))


class Workers:
    """Processes that fork a child per job, each of a kind that `module` runs; a computer of two cores is kept busy by two."""

    def __init__(
        self,
        settings: Mapping[str, str],
        folder: Path,
        count: int = 2,
        *,
        module: str = "tests.kill.worker",
    ) -> None:
        self._settings, self._folder, self._count = settings, folder, count
        self._module = module
        self._idle = asyncio.Queue[asyncio.subprocess.Process]()
        self._all: list[asyncio.subprocess.Process] = []

    @property
    def spools(self) -> Path:
        return self._folder / "spools"

    @property
    def log(self) -> str:
        return (self._folder / "workers.log").read_text(errors="replace")

    async def start(self) -> None:
        with (self._folder / "workers.log").open("ab") as log:
            for _ in range(self._count):
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-m", self._module),
                    cwd=ROOT,
                    env={"TMPDIR": str(self._folder), "PATH": "/usr/bin:/bin"},
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                )
                self._write(process, dict(self._settings))
                self._all.append(process)
                self._idle.put_nowait(process)

    async def stop(self) -> None:
        for process in self._all:
            assert process.stdin
            process.stdin.close()
            async with asyncio.timeout(_PATIENCE):
                await process.wait()

    async def run(self, job: Struct, *, begun: "asyncio.Future[int] | None" = None) -> Ended:
        process = await self._idle.get()
        try:
            return await self._run(process, job, begun)
        finally:
            self._idle.put_nowait(process)

    async def _run(
        self, process: asyncio.subprocess.Process, job: Struct, begun: "asyncio.Future[int] | None"
    ) -> Ended:
        self._write(process, job)
        ended, has_begun = None, False
        async with asyncio.timeout(_PATIENCE):
            while ended is None or not has_begun:
                assert process.stdout
                said = msgspec.json.decode(await process.stdout.readline(), type=Begun | Ended)
                if isinstance(said, Ended):
                    ended = said
                    continue
                has_begun = True
                if begun:
                    begun.set_result(said.pid)
        return ended

    @staticmethod
    def _write(process: asyncio.subprocess.Process, message: object) -> None:
        assert process.stdin
        process.stdin.write(msgspec.json.encode(message) + b"\n")


@dataclass
class Ground:
    sandbox: Sandbox
    settings: Mapping[str, str]
    services: Services
    accounts: Accounts
    folder: Path
    tenants: list[TenantId] = field(default_factory=list[TenantId])

    def customer(self, name: str, **changes: Any) -> Customer:
        """New in each test. Its guests follow from the seed alone: same seed, same report."""
        standard: dict[str, Any] = {
            "tenant_id": str(uuid5(NAMESPACE_URL, f"{self.folder}/{name}")),
            "name": "Contoso Maschinenbau AG",
            "domain": "contoso.com",
            "members": 40,
            "guests": 30,
            "plan": "E5",
            "seed": 7,
        }
        return Customer(**(standard | changes))

    async def settle_in(
        self, new: Customer, *, since: datetime = MONDAY - WEEK, state: TenantState | None = None
    ) -> TenantId:
        """A tenant in service; without the sign-up that the tests of onboarding are about."""
        self.sandbox.customers[new.tenant_id] = new
        tenant = Tenant(
            id=TenantId(new.tenant_id),
            customer=new.name,
            domain=new.domain,
            state=state or TenantState.ACTIVE,
            subscriptions={REPORT: Subscription(since=since)},
        )
        await self.services.tenants.save(tenant)
        self.tenants.append(tenant.id)
        return tenant.id

    async def state_of(self, tenant_id: TenantId) -> TenantState:
        tenant = await self.services.tenants.get(tenant_id)
        assert tenant
        return tenant.state

    async def run(self, order: RunRequest) -> Run | None:
        return await self.services.ledger.find(order.tenant_id, order.report, order.end)

    async def points(self, order: RunRequest) -> dict[str, float]:
        found = await self.services.ledger.points(order.tenant_id, order.report)
        here = [(p.metric, p.value) for p in found if p.end == order.end]
        assert len(here) == len(dict(here)), "a point more than once"
        return dict(here)

    async def content(self, run: Run) -> dict[str, Any]:
        """The JSON rendering, but for what is another one in each run and tenant."""
        artifact = run.artifact("report.json")
        assert artifact
        report = msgspec.json.decode(await self.body(artifact.path), type=dict[str, Any])
        return {k: v for k, v in report.items() if k not in ("run", "as_of", "tenant")}

    async def body(self, path: str) -> bytes:
        blob = self.accounts.blobs.get_blob_client("reports", path)
        return await (await blob.download_blob()).readall()

    async def names(self, container: str, folder: str) -> set[str]:
        client = self.accounts.blobs.get_container_client(container)
        return {n async for n in client.list_blob_names(name_starts_with=f"{folder}/")}

    async def leases(self, tenant_id: TenantId) -> list[str]:
        rows = self.accounts.tables.get_table_client("runs").query_entities(
            "PartitionKey eq @tenant", parameters={"tenant": tenant_id}
        )
        return [row["RowKey"] async for row in rows if row["RowKey"].startswith("lease~")]

    async def reads(self, order: RunRequest, names: Sequence[str]) -> set[str]:
        """Which files a reader with a link to that run gets."""
        planned = Run.planned(order, datetime.now(UTC))
        [issued] = await self.services.issuer.issue(
            [planned], lifetime=timedelta(hours=1), created_by="test"
        )
        token = issued.address.rpartition("/")[2]
        return {name for name in names if await self._opens(token, name)}

    async def _opens(self, token: str, name: str) -> bool:
        try:
            await self.services.reader.open(token, name, "GET")
        except LinkError:
            return False
        return True

    async def tidied(self, order: RunRequest) -> list[str]:
        """What is left of a settled run that should not be."""
        run = await self.run(order)
        named = {a.path for a in run.artifacts} if run else set[str]()
        filed = await self.names("reports", f"{order.tenant_id}/{order.report}/{order.run_id}")
        spooled = await self.names("spool", f"{order.tenant_id}/{order.run_id}")
        return [
            *(f"lease: {key}" for key in await self.leases(order.tenant_id)),
            *(f"not named by the run: {name}" for name in sorted(filed - named)),
            *(f"missing: {name}" for name in sorted(named - filed)),
            *(f"spool: {name}" for name in sorted(spooled)),
        ]

    async def settled(self, order: RunRequest, state: RunState) -> Run:
        """The run of that period, the only one, with files as the ledger describes them."""
        known = await self.services.ledger.runs(order.tenant_id, report=order.report)
        [run] = [run for run in known if run.end == order.end]
        assert run.state is state, run
        for artifact in run.artifacts:
            body = await self.body(artifact.path)
            digest = hashlib.sha256(body).hexdigest()
            assert (artifact.size, artifact.sha256) == (len(body), digest)
        return run

    async def copy(self, run: Run, to: TenantId) -> None:
        """The same delivered run for another tenant of the same seed, as if it had been produced."""
        order = RunRequest.due(to, run.report, run.period)
        claim = await self.services.ledger.claim(order, lease=WEEK)
        memory = run.artifact("memory.bin")
        assert memory
        assert isinstance(claim, Claim)
        path = f"{to}/{run.report}/{order.run_id}/first/memory.bin"
        blob = self.accounts.blobs.get_blob_client("reports", path)
        await blob.upload_blob(await self.body(memory.path))
        mine = replace(run, id=order.run_id, tenant_id=to, artifacts=(replace(memory, path=path),))
        points = await self.services.ledger.points(run.tenant_id, run.report)
        await self.services.ledger.settle(claim, mine, [p for p in points if p.end == run.end])


def leaked(ground: Ground, log: str) -> list[str]:
    """What no log may hold: tokens, links, names and addresses of people, forgotten resources."""
    people = (
        guest.display_name
        for tenant_id in ground.tenants
        for _, guest in ground.sandbox.population(tenant_id).guests()
    )
    return [
        *(word for word in (*_SECRETS, *_FORGOTTEN) if word in log),
        *_ADDRESS.findall(log),
        *(name for name in people if name and name in log),
    ]


@asynccontextmanager
async def open_ground(azurite: Azurite, folder: Path) -> AsyncIterator[Ground]:
    async with Sandbox((), at=MONDAY + WEEK) as sandbox:
        settings = stage_settings(sandbox, azurite, 7071)
        stopwatch = Stopwatch()
        limiter = Limiter(clock=stopwatch, sleep=stopwatch.sleep, patience=3600)
        lease = timedelta(seconds=LEASE)
        services = build(read_settings(settings), limiter=limiter, lease=lease)
        async with Accounts.of_connection_string(azurite.connection_string) as accounts:
            await services.prepare()
            try:
                yield Ground(sandbox, settings, services, accounts, folder)
            finally:
                await services.close()


@asynccontextmanager
async def open_workers(
    ground: Ground, count: int = 2, *, module: str = "tests.kill.worker"
) -> AsyncIterator[Workers]:
    workers = Workers(ground.settings, ground.folder, count, module=module)
    await workers.start()
    try:
        yield workers
    finally:
        await workers.stop()
    assert leaked(ground, workers.log) == []
    assert "Traceback" not in workers.log
