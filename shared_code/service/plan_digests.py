"""Plans digests: when one is due per tenant; after an outage only the newest, which covers all."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared_code.core.audit import Act, Entry
from shared_code.core.delivery import Delivery, DeliveryRequest
from shared_code.core.ports import Audit, Clock, Deliveries, DeliveryQueue, Tenants
from shared_code.core.run import Run
from shared_code.core.tenant import Tenant
from shared_code.service.due import due_instants, instant_of, zone_of
from shared_code.service.each_tenant import plan_each

# Longer than runs are waited for. What is lost once is not lost for ever.
_STUCK_AFTER = timedelta(hours=8)

# Of what an outage swallowed only the newest counts: no need to look further back than any cadence.
_LOOK_BACK = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class DigestPlanner:
    """Sends first and writes the row second, as the planner of runs does."""

    tenants: Tenants
    deliveries: Deliveries
    queue: DeliveryQueue
    audit: Audit
    clock: Clock

    async def plan(self) -> int:
        """Number of messages sent. Raises as plan_each does."""
        served = [t for t in await self.tenants.all() if t.is_served and t.contacts]
        ordered = [tenant for tenant in served if tenant.subscriptions]
        return await plan_each(ordered, self._plan_tenant, what="digests")

    async def again(self, run: Run, *, by: str) -> datetime | None:
        """Orders the digest that told of the run once more; None if none went out. Asked again in
        the same hour it is the same order, and nobody gets a third mail."""
        known = await self.deliveries.recent(run.tenant_id)
        opened = ((d.start, d.due) for d in known if d.start and d.was_opened)
        due = next((due for start, due in opened if start < run.end <= due), None)
        if due is None:
            return None
        now = self.clock()
        entry = Entry(
            tenant_id=run.tenant_id, at=now, act=Act.DIGEST_REPEATED, actor=by, subject=run.id
        )
        await self.audit.record(entry)
        ordered = now.replace(minute=0, second=0, microsecond=0)
        await self.queue.send(replace(DeliveryRequest.of(run.tenant_id, due), again=ordered))
        return ordered

    async def _plan_tenant(self, tenant: Tenant) -> int:
        now = self.clock()
        known = await self.deliveries.recent(tenant.id, limit=10)
        begun = min(instant_of(each.since) for each in tenant.subscriptions.values())
        newest = known[0].due if known else begun
        after = max(newest, begun, now - _LOOK_BACK)
        due = deque(
            due_instants(tenant.digest, zone_of(tenant.time_zone), after=after, until=now), maxlen=1
        )
        for instant in due:
            await self.queue.send(DeliveryRequest.of(tenant.id, instant))
            await self.deliveries.plan(
                Delivery(tenant_id=tenant.id, due=instant, planned=now, updated=now)
            )
        stuck = [d for d in known if not d.is_settled and now > d.updated + _STUCK_AFTER]
        return len(due) + sum([await self._send_again(each) for each in stuck])

    async def _send_again(self, delivery: Delivery) -> bool:
        """Noted first: otherwise each tick would send one more."""
        found = await self.deliveries.find(delivery.tenant_id, delivery.due)
        if found is None or found[0] != delivery:
            return False
        noted = replace(delivery, updated=self.clock())
        if not await self.deliveries.change(noted, etag=found[1]):
            return False
        await self.queue.send(DeliveryRequest.of(delivery.tenant_id, delivery.due))
        return True
