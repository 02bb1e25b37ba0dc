"""Takes a tenant into service once its consent is verified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from shared_code.core.errors import ConfigurationError
from shared_code.core.ports import Directory, Tenants
from shared_code.core.report import ReportType
from shared_code.core.tenant import Subscription, Tenant, TenantId, TenantState
from shared_code.core.text import Language
from shared_code.service.due import instant_of, zone_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a customer ordered; reports are due after `since`. What it does not name stays as it was."""

    tenant_id: TenantId
    reports: Sequence[str]
    since: datetime
    customer: str | None = None  # None: the directory's own name
    language: Language = Language.DE
    time_zone: str = "Europe/Vienna"
    options: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Any])  # by report


@dataclass(frozen=True, slots=True)
class Onboarded:
    """`missing` are application permissions the ordered reports need and the tenant did not grant."""

    tenant: Tenant
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Onboarding:
    directory: Directory
    tenants: Tenants
    reports: Mapping[str, ReportType]

    async def onboard(self, order: Order) -> Onboarded:
        """Raises TenantError while there is no consent, ConfigurationError for an order that is
        misspelt; nothing is written then."""
        unknown = {*order.reports, *order.options} - set(self.reports)
        if unknown:
            raise ConfigurationError(f"no such report: {', '.join(sorted(unknown))}")
        since, zone = instant_of(order.since), zone_of(order.time_zone)
        found = await self.directory.enterprise(order.tenant_id)
        name = order.customer or found.name
        known = await self.tenants.get(order.tenant_id)
        before = known or Tenant(id=order.tenant_id, customer=name, domain=found.domain)
        tenant = replace(
            before,
            customer=name,
            domain=found.domain,
            state=TenantState.ACTIVE,
            language=order.language,
            time_zone=zone.key,
            subscriptions={
                name: replace(
                    before.subscriptions.get(name) or Subscription(since=since), since=since
                )
                for name in order.reports
            },
            options=before.options | {name: dict(chosen) for name, chosen in order.options.items()},
        )
        for name in order.options:
            self.reports[name].options_of(tenant)
        await self.tenants.save(tenant)
        needed = {p for name in order.reports for p in self.reports[name].permissions}
        return Onboarded(tenant, tuple(sorted(needed - found.permissions)))
