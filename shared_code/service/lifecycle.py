"""A tenant's life between consent and the end of service: suspended, resumed, changed, ended."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from shared_code.core.audit import SERVICE, Act, Entry
from shared_code.core.errors import FieldInvalid, NotPermitted
from shared_code.core.ports import Audit, Clock, Tenants
from shared_code.core.report import ReportType
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.service.change import Change, changed
from shared_code.service.due import zone_of
from shared_code.service.present import present

_log = logging.getLogger(__name__)

_LONGEST_WHY = 500
_SERVED = (TenantState.ACTIVE, TenantState.CONSENT_WITHDRAWN)
_CHANGEABLE = (TenantState.INVITED, *_SERVED, TenantState.SUSPENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Each raises NotPermitted where the tenant's state does not allow it, and gives None for a
    tenant there is not. `by` is the object id of an engineer."""

    tenants: Tenants
    audit: Audit
    reports: Mapping[str, ReportType]
    clock: Clock

    async def suspend(self, tenant_id: TenantId, *, by: str, why: str = "") -> Tenant | None:
        """Nothing is planned any more, and a run under way is its last. What was delivered stays."""
        if len(why) > _LONGEST_WHY:
            raise FieldInvalid("why", f"longer than {_LONGEST_WHY} signs")

        def suspended(tenant: Tenant) -> Tenant:
            _require(tenant, _SERVED, "suspended")
            return replace(tenant, state=TenantState.SUSPENDED)

        return await self._change(tenant_id, suspended, Act.SUSPENDED, by=by, detail=why)

    async def resume(self, tenant_id: TenantId, *, by: str) -> Tenant | None:
        """The next reports cover the time in between, each in one run."""
        now = self.clock()

        def resumed(tenant: Tenant) -> Tenant:
            _require(tenant, (TenantState.SUSPENDED,), "resumed")
            if _is_over(tenant, now):
                raise NotPermitted("the service has ended: change service_end first")
            ordered = tenant.subscriptions.items()
            return replace(
                tenant,
                state=TenantState.ACTIVE,
                subscriptions={name: replace(each, resumed=now) for name, each in ordered},
            )

        return await self._change(tenant_id, resumed, Act.RESUMED, by=by)

    async def change(self, tenant_id: TenantId, what: Change, *, by: str) -> Tenant | None:
        """Raises FieldInvalid. Two who change different things both get what they want."""
        now = self.clock()

        def altered(tenant: Tenant) -> Tenant:
            _require(tenant, _CHANGEABLE, "changed")
            return changed(tenant, what, reports=self.reports, now=now)

        fields = ", ".join(what.fields)
        return await self._change(tenant_id, altered, Act.CHANGED, by=by, detail=fields)

    async def end_services(self) -> int:
        """Suspends whoever's last day is over; how many."""
        now = self.clock()
        over = [t for t in await self.tenants.all() if t.is_served and _is_over(t, now)]
        ended = 0
        for tenant in over:
            try:
                ended += await self.suspend(tenant.id, by=SERVICE, why="service_end") is not None
            except NotPermitted:
                # An engineer was faster.
                _log.info("tenant %s: not suspended at the end of its service", tenant.id)
        return ended

    async def all(self) -> Sequence[Tenant]:
        return sorted(await self.tenants.all(), key=lambda t: (t.customer.casefold(), t.id))

    async def entries(self, tenant_id: TenantId) -> Sequence[Entry] | None:
        """None for a tenant there is not, or no longer."""
        tenant = await present(self.tenants, tenant_id)
        return await self.audit.entries(tenant_id) if tenant else None

    async def _change(
        self,
        tenant_id: TenantId,
        to: Callable[[Tenant], Tenant],
        act: Act,
        *,
        by: str,
        detail: str = "",
    ) -> Tenant | None:
        """Nothing is written down of what changes nothing."""
        found = await self.tenants.change(tenant_id, to)
        if found is None:
            return None
        before, after = found
        if after != before:
            entry = Entry(tenant_id=tenant_id, at=self.clock(), act=act, actor=by, detail=detail)
            await self.audit.record(entry)
        return after


def _require(tenant: Tenant, states: Sequence[TenantState], what: str) -> None:
    if tenant.state not in states:
        raise NotPermitted(f"a tenant that is {tenant.state} cannot be {what}")


def _is_over(tenant: Tenant, now: datetime) -> bool:
    """Its last day is over where the customer is."""
    end = tenant.service_end
    return end is not None and end < now.astimezone(zone_of(tenant.time_zone)).date()
