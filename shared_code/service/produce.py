"""Produces one run: claim, collect, build, render, file, commit. The commit comes last."""

import asyncio
import dataclasses
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from shared_code.core.effort import Effort, Phase
from shared_code.core.errors import (
    ContractBroken,
    DatasetError,
    LeaseLost,
    RunHeld,
    TenantError,
    UpstreamError,
)
from shared_code.core.meter import Meter, meter, step
from shared_code.core.metric import Point
from shared_code.core.ports import Archive, Claim, Clock, Held, Ledger, Spool, SpoolFolder, Tenants
from shared_code.core.privacy import Privacy, Pseudonyms
from shared_code.core.report import Report, ReportType
from shared_code.core.run import Run, RunRequest, RunState
from shared_code.core.tenant import Tenant
from shared_code.rendering import RENDERINGS, Rendering
from shared_code.rendering.summary import summary
from shared_code.rendering.wording import headline, refusal
from shared_code.service.assemble import Past, assemble, points
from shared_code.service.attempt import Observer, attempted
from shared_code.service.collect import Collector, GivesUp
from shared_code.service.consent import admitted, refused
from shared_code.service.files import (
    MEMORY,
    Filing,
    attempt_of,
    folder_of,
    make_files,
    path_of,
)

_log = logging.getLogger(__name__)

# Runs to look back for one that remembered its objects: blocked and failed ones did not.
_LOOK_BACK = 60


def never(_error: UpstreamError) -> bool:
    return False


@dataclass(slots=True)
class _Work:
    """One claimed run; `claim` as last renewed by `beat`."""

    claim: Claim
    tenant: Tenant
    request: RunRequest
    report: ReportType
    spool: Spool
    privacy: Privacy
    beat: asyncio.Task[None] = field(init=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """At least once in, exactly once delivered: the lease and the one transaction see to it."""

    tenants: Tenants
    ledger: Ledger
    archive: Archive
    folder: SpoolFolder
    collector: Collector
    clock: Clock
    brand: str
    pseudonym_key: bytes = field(repr=False)
    lease: timedelta
    renderings: Sequence[Rendering] = RENDERINGS
    observers: Sequence[Observer] = ()
    gigabytes: float = 2.0

    async def produce(
        self, request: RunRequest, report: ReportType, *, gives_up: GivesUp = never
    ) -> Run | None:
        """The settled run; None if it was settled before or the tenant is no longer served.

        Raises RunHeld, UpstreamError (come back later) and LeaseLost; nothing is delivered then.
        """
        with attempted(request, Meter(self.clock, self.gigabytes), self.observers) as attempt:
            run = await self._produce(request, report, gives_up)
            attempt.settled(run)
            return run

    async def _produce(
        self, request: RunRequest, report: ReportType, gives_up: GivesUp
    ) -> Run | None:
        tenant = await self.tenants.get(request.tenant_id)
        if tenant is None or not tenant.is_served:
            return None
        claim = await self.ledger.claim(request, lease=self.lease)
        if isinstance(claim, Held):
            raise RunHeld(claim.until)
        if claim is None:
            # Whoever settled it may have been killed before it could tidy up.
            await self._tidy(request)
            return None
        with self.folder.open() as spool:
            privacy = tenant.privacy_of(report.name, default=report.privacy)
            work = _Work(claim, tenant, request, report, spool, privacy)
            try:
                async with self._holding(work):
                    return await self._settle(work, gives_up=gives_up)
            except LeaseLost:
                await self._tidy(request)
                raise

    async def _settle(self, work: _Work, *, gives_up: GivesUp) -> Run:
        try:
            with step(Phase.COLLECT):
                missing = await self.collector.collect(
                    work.request,
                    work.report.needs,
                    work.spool,
                    gives_up=gives_up,
                    pseudonyms=self._pseudonyms(work),
                )
            run = await self._deliver(work, missing)
        except (TenantError, DatasetError) as error:
            run = await self._refuse(work, error)
        await self._tidy(work.request)
        return run

    def _pseudonyms(self, work: _Work) -> Pseudonyms | None:
        is_named = work.privacy is Privacy.NAMED
        return None if is_named else Pseudonyms(self.pseudonym_key, work.tenant.id)

    async def _tidy(self, request: RunRequest) -> None:
        """Once a run is settled, nobody needs what was collected and what other attempts filed."""
        run = await self.ledger.find(request.tenant_id, request.report, request.end)
        if run and run.state.is_final:
            await self.archive.keep_only(folder_of(run), attempt_of(run))
            await self.folder.drop(request)

    async def _deliver(self, work: _Work, missing: Mapping[str, DatasetError]) -> Run:
        """Raises DatasetError if what everything else rests on could not be read."""
        request, tenant = work.request, work.tenant
        await admitted(self.tenants, tenant)
        whole = await self._assembled(work, missing)
        filing = Filing(tenant.id, work.report.name, request.run_id, work.claim.token)
        artifacts = await make_files(whole, work.spool, self.archive, filing, self.renderings)
        run = replace(
            self._outcome(work),
            state=RunState.DELIVERED_WITH_GAPS if whole.gaps else RunState.DELIVERED,
            delivered=self.clock(),
            status=whole.status,
            headline=headline(whole),
            summary=summary(whole),
            privacy=whole.privacy,
            gaps=whole.gaps,
            artifacts=artifacts,
        )
        await self._commit(work, run, points(request, whole.content))
        return run

    async def _assembled(self, work: _Work, missing: Mapping[str, DatasetError]) -> Report:
        past = await self._past(work)
        try:
            return await self._assemble(work, missing, past)
        except ContractBroken as error:
            if past.history.compared_with is None:
                raise
            # What an earlier release remembered would fail this report and every later one.
            _log.warning("run %s: compared with nothing, %s", work.request.run_id, error)
            alone = work.spool.history(points=past.points, memory=None, compared_with=None)
            return await self._assemble(work, missing, dataclasses.replace(past, history=alone))

    async def _assemble(
        self, work: _Work, missing: Mapping[str, DatasetError], past: Past
    ) -> Report:
        with step(Phase.BUILD):
            return await asyncio.to_thread(
                assemble,
                work.report,
                work.tenant,
                work.request,
                spool=work.spool,
                missing=missing,
                past=past,
                as_of=self.clock(),
                brand=self.brand,
                privacy=work.privacy,
            )

    async def _refuse(self, work: _Work, error: TenantError | DatasetError) -> Run:
        await refused(self.tenants, work.tenant, error)
        blocked = isinstance(error, TenantError) or error.reason.is_for_customer
        run = replace(
            self._outcome(work),
            state=RunState.BLOCKED if blocked else RunState.FAILED,
            headline=refusal(error),
            reason=type(error).__name__,
        )
        await self._commit(work, run)
        return run

    def _outcome(self, work: _Work) -> Run:
        run, current = work.claim.run, meter()
        taken = (run.effort or Effort()) + (current.effort() if current else Effort())
        return replace(run, attempt=work.request.attempt, updated=self.clock(), effort=taken)

    async def _past(self, work: _Work) -> Past:
        request, spool, main = work.request, work.spool, work.report.main.name
        known = await self.ledger.runs(request.tenant_id, report=request.report, limit=_LOOK_BACK)
        before = [run for run in known if run.end < request.end and run.state.is_delivered]
        series = await self.ledger.points(request.tenant_id, request.report)
        earlier = tuple(p for p in series if p.end < request.end)
        whole = [run for run in before if all(gap.dataset != main for gap in run.gaps)]
        # Names and pseudonyms do not find each other.
        alike = (run for run in whole if run.privacy is work.privacy)
        compared = next((run for run in alike if run.artifact(MEMORY)), None)
        memory = await self._memory(compared, spool) if compared else None
        history = spool.history(
            points=earlier,
            memory=memory,
            compared_with=compared.end if compared and memory else None,
        )
        return Past(
            points=earlier,
            last=before[0] if before else None,
            since=whole[0].end if whole else None,
            history=history,
        )

    async def _memory(self, run: Run, spool: Spool) -> Path | None:
        """None if its files were deleted, as they are after some time."""
        memory = spool.path("compared.bin")
        try:
            with memory.open("wb") as target:
                await self.archive.fetch(path_of(run, MEMORY), target)
        except FileNotFoundError:
            _log.warning("run %s: what it remembered is gone", run.id)
            return None
        return memory

    @asynccontextmanager
    async def _holding(self, work: _Work) -> AsyncGenerator[None]:
        work.beat = asyncio.create_task(self._keep(work))
        try:
            yield
        except BaseException:
            # Give the run back at once, so that the next attempt need not wait for the lease.
            back = replace(self._outcome(work), state=RunState.PLANNED)
            with suppress(LeaseLost):
                await self._commit(work, back)
            raise

    async def _commit(self, work: _Work, run: Run, points: Sequence[Point] = ()) -> None:
        """Each heartbeat makes the lease another one than the commit expects: none from here on."""
        work.beat.cancel()
        await asyncio.wait([work.beat])
        await self.ledger.settle(work.claim, run, points)

    async def _keep(self, work: _Work) -> None:
        while True:
            await asyncio.sleep(self.lease.total_seconds() / 3)
            renewal = self.ledger.renew(work.claim, lease=self.lease)
            [renewed] = await asyncio.gather(renewal, return_exceptions=True)
            if isinstance(renewed, Claim):
                work.claim = renewed
                continue
            error = type(renewed).__name__
            _log.warning("run %s: lease not renewed: %s", work.request.run_id, error)
            if isinstance(renewed, LeaseLost):
                # It needs no more than that: the transaction at the end refuses.
                return
