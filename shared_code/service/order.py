"""Orders runs by hand: one of a period that ends now, or a refused one once more."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared_code.core.audit import Act, Entry
from shared_code.core.errors import NotPermitted, OrderRefused
from shared_code.core.period import Period
from shared_code.core.ports import Audit, Clock, Ledger, RunQueue, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunRequest
from shared_code.core.tenant import Tenant, TenantId
from shared_code.service.due import instant_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """Ordered runs are like planned ones: the planner goes on from the end of their period."""

    tenants: Tenants
    ledger: Ledger
    queue: RunQueue
    audit: Audit
    clock: Clock
    reports: Mapping[str, ReportType]

    async def now(self, tenant_id: TenantId, report: str, *, by: str) -> Run:
        """From the end of the newest period. Raises OrderRefused or NotPermitted."""
        tenant = await self._served(tenant_id, report)
        newest = await self._newest(tenant_id, report)
        if newest and not newest.state.is_final:
            raise OrderRefused(f"the run that ends {_iso(newest)} is {newest.state}: wait for it")
        # Whole seconds, as addresses of archived files have them.
        end = self.clock().replace(microsecond=0)
        start = newest.end if newest else instant_of(tenant.subscriptions[report].since)
        if start >= end:
            raise OrderRefused(f"nothing is due before {start:%Y-%m-%dT%H:%M:%SZ}")
        request = RunRequest.due(tenant_id, report, Period(start, end))
        run = Run.planned(request, self.clock())
        await self._note(run, by)
        # As the planner does: a crash in between sends twice, and never loses the run.
        await self.queue.send(request)
        await self.ledger.plan(run)
        return run

    async def again(self, run: Run, *, by: str) -> Run:
        """A blocked or failed run, as long as no newer period is known.

        Sources only say what is now. The newest report says it of a time that has just ended; in
        an older one the figures would stand at the wrong date, and changes that a later report
        told would be told again. What is delivered stays as it is: readers hold links to those
        files, and later reports compare with them. Raises OrderRefused or NotPermitted.
        """
        await self._served(run.tenant_id, run.report)
        newest = await self._newest(run.tenant_id, run.report)
        if run.state.is_delivered:
            raise OrderRefused(
                "it is delivered: readers hold links to its files and later reports compare with "
                "them. `runs now` makes a new report, `runs redeliver` gives the same files again"
            )
        if not run.state.is_final:
            raise OrderRefused(f"it is {run.state} already")
        if newest and newest.end > run.end:
            raise OrderRefused(
                f"a newer period, that ends {_iso(newest)}, covers its time too: see to that one"
            )
        await self._note(run, by)
        # The row first: a message that finds the run settled would be dropped. Should the message
        # get lost, the planner finds a run that nobody produces.
        reopened = await self.ledger.reopen(run, at=self.clock())
        if reopened is None:
            raise OrderRefused("it has changed meanwhile: look at it again")
        await self.queue.send(RunRequest.due(run.tenant_id, run.report, run.period))
        return reopened

    async def _served(self, tenant_id: TenantId, report: str) -> Tenant:
        tenant = await self.tenants.get(tenant_id)
        if tenant is None:
            raise OrderRefused(f"no such tenant: {tenant_id}")
        if not tenant.is_served:
            raise NotPermitted(f"tenant {tenant_id} is {tenant.state}")
        if report not in tenant.subscriptions or report not in self.reports:
            raise OrderRefused(f"tenant {tenant_id} did not order {report}")
        return tenant

    async def _newest(self, tenant_id: TenantId, report: str) -> Run | None:
        return next(iter(await self.ledger.runs(tenant_id, report=report, limit=1)), None)

    async def _note(self, run: Run, by: str) -> None:
        entry = Entry(
            tenant_id=run.tenant_id,
            at=self.clock(),
            act=Act.RUN_ORDERED,
            actor=by,
            subject=run.id,
            detail=run.report,
        )
        await self.audit.record(entry)


def _iso(run: Run) -> str:
    return f"{run.end:%Y-%m-%dT%H:%M:%SZ}"
