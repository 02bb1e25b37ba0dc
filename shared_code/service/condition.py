"""A tenant's condition for whoever asks: its portal page, the API, the engineers' commands."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared_code.core.condition import Condition
from shared_code.core.ports import Clock, Delegations, Readinesses, Tenants
from shared_code.core.report import ReportType
from shared_code.core.tenant import TenantId
from shared_code.service.present import present


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    tenants: Tenants
    readinesses: Readinesses
    delegations: Delegations
    partner: TenantId
    clock: Clock
    reports: Mapping[str, ReportType]

    async def of(self, tenant_id: TenantId, *, is_for_engineer: bool) -> Condition | None:
        """None for a tenant that is unknown or offboarded."""
        tenant = await present(self.tenants, tenant_id)
        if tenant is None:
            return None
        return Condition(
            tenant=tenant,
            reports=[r for name, r in self.reports.items() if name in tenant.subscriptions],
            readiness=await self.readinesses.get(tenant_id),
            is_for_engineer=is_for_engineer,
            at=self.clock(),
            delegation=await self.delegations.get(tenant_id),
            partner=await self.delegations.get(self.partner) if is_for_engineer else None,
        )
