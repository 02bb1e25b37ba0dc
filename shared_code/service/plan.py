"""Plans runs: which occurrences of a report are due, per tenant, and not planned yet."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from msgspec.structs import replace

from shared_code.core.errors import ConfigurationError
from shared_code.core.period import Period
from shared_code.core.ports import Claim, Clock, Ledger, RunQueue, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunRequest, RunState
from shared_code.core.tenant import Tenant
from shared_code.service.due import due_instants, instant_of, zone_of

_log = logging.getLogger(__name__)

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
        """Number of runs sent. A tenant that cannot be planned never stops the others.

        What an engineer misspelt is logged; anything else is raised once all had their turn.
        """
        tenants = [t for t in await self.tenants.all() if t.is_served]
        ordered = [t for t in tenants if report.name in t.subscriptions]
        results = {t.id: await _result(self._plan_tenant(t, report)) for t in ordered}
        failed = {key: r for key, r in results.items() if isinstance(r, BaseException)}
        for tenant_id, error in failed.items():
            _log.error("plan %s for tenant %s: %s", report.name, tenant_id, _words(error))
        unexpected = [e for e in failed.values() if not isinstance(e, ConfigurationError)]
        if unexpected:
            raise BaseExceptionGroup(f"{report.name}: not planned for every tenant", unexpected)
        return sum(r for r in results.values() if isinstance(r, int))

    async def _plan_tenant(self, tenant: Tenant, report: ReportType) -> int:
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


async def _result[T](work: Coroutine[None, None, T]) -> T | BaseException:
    [result] = await asyncio.gather(work, return_exceptions=True)
    return result


def _words(error: BaseException) -> str:
    """Only our own messages are known to name nothing that a log must not hold."""
    return str(error) if isinstance(error, ConfigurationError) else type(error).__name__
