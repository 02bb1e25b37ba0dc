"""Plans probes: which tenants are due for one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from shared_code.core.ports import Clock, ProbeQueue, Readinesses, Tenants
from shared_code.core.readiness import ProbeRequest, Readiness
from shared_code.core.report import ReportType, ordered_by
from shared_code.core.tenant import Tenant, TenantId

# Probes that a tick plans are over before the next one.
_SPREAD = timedelta(minutes=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlanner:
    """A timer plans, the queue works: one message for each tenant whose probe is due."""

    tenants: Tenants
    readinesses: Readinesses
    queue: ProbeQueue
    clock: Clock
    reports: Mapping[str, ReportType]

    async def plan(self) -> int:
        """Number of probes sent, spread over the time until the next tick."""
        known = {readiness.tenant_id: readiness for readiness in await self.readinesses.all()}
        asked = [
            tenant.id
            for tenant in await self.tenants.all()
            if tenant.is_served and self._is_due(tenant, known.get(tenant.id))
        ]
        for tenant_id in asked:
            await self.queue.send(ProbeRequest(tenant_id=tenant_id), delay=_delay(tenant_id))
        return len(asked)

    def _is_due(self, tenant: Tenant, known: Readiness | None) -> bool:
        return known is None or known.is_due(self.clock(), ordered_by(tenant, self.reports))


def _delay(tenant_id: TenantId) -> timedelta:
    return timedelta(seconds=crc32(tenant_id.encode()) % int(_SPREAD.total_seconds()))
