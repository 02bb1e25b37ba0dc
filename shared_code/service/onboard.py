"""Takes a tenant into service once its consent is verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from shared_code.core.audit import ENGINEER, Act, Entry
from shared_code.core.errors import ConfigurationError, NotPermitted
from shared_code.core.ports import Audit, Clock, Directory, Enterprise, Tenants
from shared_code.core.report import ReportType, ordered_by
from shared_code.core.tenant import Subscription, Tenant, TenantId, TenantState
from shared_code.core.text import Language
from shared_code.service.due import instant_of, zone_of
from shared_code.service.terms import check_customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a customer ordered; reports are due after `since`. What it does not name stays as it was,
    of a tenant that is served its other reports, too."""

    tenant_id: TenantId
    reports: Sequence[str]
    since: datetime
    customer: str | None = None  # None, of a new tenant: the directory's own name
    language: Language | None = None
    time_zone: str | None = None
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Any])  # by report


@dataclass(frozen=True, slots=True)
class Onboarded:
    """`missing` are application permissions the ordered reports need and the tenant did not grant."""

    tenant: Tenant
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarding:
    directory: Directory
    tenants: Tenants
    reports: Mapping[str, ReportType]
    audit: Audit
    clock: Clock

    async def onboard(self, order: Order, *, by: str = ENGINEER) -> Onboarded:
        """Raises TenantError while there is no consent, ConfigurationError or FieldInvalid for an
        order that is misspelt, NotPermitted while everything of the tenant is deleted; nothing is written then."""
        unknown = {*order.reports, *order.options} - set(self.reports)
        if unknown:
            raise ConfigurationError(f"no such report: {', '.join(sorted(unknown))}")
        if order.customer is not None:
            check_customer(order.customer)
        found = await self.directory.enterprise(order.tenant_id)
        tenant = await self._activated(order, found)
        await self._record(order, by)
        needed = {p for r in ordered_by(tenant, self.reports) for p in r.permissions}
        return Onboarded(tenant, tuple(sorted(needed - found.permissions)))

    async def _activated(self, order: Order, found: Enterprise) -> Tenant:
        changed = await self.tenants.change(
            order.tenant_id, lambda known: self._ordered(known, order, found)
        )
        if changed is not None:
            return changed[1]
        new = Tenant(id=order.tenant_id, customer=found.name, domain=found.domain)
        tenant = self._ordered(new, order, found)
        await self.tenants.save(tenant)
        return tenant

    def _ordered(self, known: Tenant, order: Order, found: Enterprise) -> Tenant:
        if known.state is TenantState.OFFBOARDING:
            raise NotPermitted(f"{known.id} is being offboarded")
        since, before = instant_of(order.since), known.subscriptions
        ordered = {
            name: replace(before.get(name) or Subscription(since=since), since=since)
            for name in order.reports
        }
        tenant = replace(
            known,
            customer=order.customer or known.customer,
            domain=found.domain,
            state=TenantState.ACTIVE,
            language=order.language or known.language,
            time_zone=zone_of(order.time_zone or known.time_zone).key,
            subscriptions=before | ordered if known.is_served else ordered,
            options=known.options | {name: dict(chosen) for name, chosen in order.options.items()},
        )
        for name in order.options:
            self.reports[name].options_of(tenant)
        return tenant

    async def _record(self, order: Order, by: str) -> None:
        detail = ", ".join(sorted(order.reports))
        entry = Entry(
            tenant_id=order.tenant_id, at=self.clock(), act=Act.ACTIVATED, actor=by, detail=detail
        )
        await self.audit.record(entry)
