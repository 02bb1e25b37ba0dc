"""Plans runs: which occurrences of a report are due, per tenant, and not planned yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from msgspec.structs import replace

from shared_code.core.period import Period
from shared_code.core.ports import Claim, Clock, Ledger, RunQueue, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunRequest, RunState
from shared_code.core.tenant import Tenant
from shared_code.service.due import due_instants, instant_of, zone_of
from shared_code.service.each_tenant import plan_each

# A message lost after its row was written would never be sent again otherwise. Longer than any
# lease plus the ten minutes after which the host redelivers.
_STUCK_AFTER = timedelta(hours=2)

# How long it takes to note that a stuck run was sent again, many times over.
_LEASE = timedelta(minutes=1)

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
        """Number of runs sent. Raises as plan_each does."""
        served = [t for t in await self.tenants.all() if t.is_served]
        ordered = [t for t in served if report.name in t.subscriptions]
        plan = partial(self._plan_tenant, report)
        return await plan_each(ordered, plan, what=report.name)

    async def _plan_tenant(self, report: ReportType, tenant: Tenant) -> int:
        now = self.clock()
        known = await self.ledger.runs(tenant.id, report=report.name)
        due = islice(_periods(tenant, report, known, until=now), _MOST_PER_TICK)
        fresh = [RunRequest.due(tenant.id, report.name, period) for period in due]
        for request in fresh:
            await self.queue.send(request)
            await self.ledger.plan(Run.planned(request, now))
        return len(fresh) + sum([await self._send_again(r) for r in known if _is_stuck(r, now)])

    async def _send_again(self, run: Run) -> bool:
        """Noted in the row before it is sent: otherwise each tick would send one more. What a
        crash in between loses is stuck again, and found."""
        request = replace(
            RunRequest.due(run.tenant_id, run.report, run.period), attempt=max(run.attempt, 1)
        )
        claim = await self.ledger.claim(request, lease=_LEASE)
        if not isinstance(claim, Claim):
            return False
        noted = replace(run, state=RunState.PLANNED, updated=self.clock())
        await self.ledger.settle(claim, noted)
        await self.queue.send(request)
        return True


def _periods(
    tenant: Tenant, report: ReportType, known: Sequence[Run], *, until: datetime
) -> Iterator[Period]:
    """Each begins where the one before ended, also when the subscription was begun anew since."""
    subscription = tenant.subscriptions[report.name]
    since, begins = instant_of(subscription.since), instant_of(subscription.begins)
    newest = max((run.end for run in known), default=since)
    cadence, zone = subscription.cadence or report.cadence, zone_of(tenant.time_zone)
    start = newest
    for end in due_instants(cadence, zone, after=max(newest, begins), until=until):
        yield Period(start, end)
        start = end


def _is_stuck(run: Run, now: datetime) -> bool:
    return not run.state.is_final and now > run.updated + _STUCK_AFTER
