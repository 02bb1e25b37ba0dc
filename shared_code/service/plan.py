"""Plans runs: which occurrences of a report are due, per tenant, and not planned yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from shared_code.core.period import Period, occurrences
from shared_code.core.ports import Clock, Ledger, RunQueue, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunRequest
from shared_code.core.tenant import Subscription, Tenant

# A message lost after its row was written would never be sent again otherwise. Longer than any
# lease plus the ten minutes after which the host redelivers.
_STUCK_AFTER = timedelta(hours=2)

# One tick stays short even after years of outage; the next tick goes on.
_MOST_PER_TICK = 100


@dataclass(frozen=True, slots=True)
class Planner:
    """A timer plans, it never collects. Sending first, writing the row second: a crash in
    between sends a run twice, which is harmless, and never loses one."""

    tenants: Tenants
    ledger: Ledger
    queue: RunQueue
    clock: Clock

    async def plan(self, report: ReportType) -> int:
        """Number of runs sent."""
        tenants = [t for t in await self.tenants.all() if t.is_served]
        return sum([await self._plan_tenant(t, report) for t in tenants])

    async def _plan_tenant(self, tenant: Tenant, report: ReportType) -> int:
        subscription = tenant.subscriptions.get(report.name)
        if subscription is None:
            return 0
        now = self.clock()
        known = await self.ledger.runs(tenant.id, report=report.name)
        newest = max((run.end for run in known), default=subscription.since)
        due = _periods(tenant, subscription, report, after=newest, until=now)
        fresh = [RunRequest.due(tenant.id, report.name, p) for p in islice(due, _MOST_PER_TICK)]
        for request in fresh:
            await self.queue.send(request)
            await self.ledger.plan(Run.planned(request, now))
        stuck = [_request(run) for run in known if _is_stuck(run, now)]
        for request in stuck:
            await self.queue.send(request)
        return len(fresh) + len(stuck)


def _periods(
    tenant: Tenant,
    subscription: Subscription,
    report: ReportType,
    *,
    after: datetime,
    until: datetime,
) -> Iterator[Period]:
    cadence = subscription.cadence or report.cadence
    start = after
    for end in occurrences(cadence, ZoneInfo(tenant.time_zone), after=after, until=until):
        yield Period(start, end)
        start = end


def _is_stuck(run: Run, now: datetime) -> bool:
    return not run.state.is_final and now > run.updated + _STUCK_AFTER


def _request(run: Run) -> RunRequest:
    return RunRequest.due(run.tenant_id, run.report, run.period)
