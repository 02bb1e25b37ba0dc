"""The reporting portal's list: a tenant's reports with their runs, files and links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared_code.core.ports import Ledger, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run
from shared_code.core.tenant import Tenant, TenantId
from shared_code.service.issue_links import Issued, Issuer
from shared_code.service.present import present

# The portal asks again whenever a page is opened; what it got is not meant to be kept.
_LINK_LIFETIME = timedelta(hours=1)

# A year of weeks.
_MOST_RUNS = 53


@dataclass(frozen=True, slots=True)
class Entry:
    """One run in the list; `issued` is None unless it was delivered."""

    run: Run
    issued: Issued | None


@dataclass(frozen=True, slots=True)
class PortalListing:
    """A tenant's reports, newest run first, of every report type it ordered or ever got."""

    tenant: Tenant
    reports: Mapping[ReportType, Sequence[Entry]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    tenants: Tenants
    ledger: Ledger
    issuer: Issuer
    reports: Mapping[str, ReportType]

    async def listing(self, tenant_id: TenantId, *, created_by: str) -> PortalListing | None:
        """None if there is no such tenant, or no longer."""
        tenant = await present(self.tenants, tenant_id)
        if tenant is None:
            return None
        runs = {
            report: await self.ledger.runs(tenant_id, report=name, limit=_MOST_RUNS)
            for name, report in self.reports.items()
        }
        delivered = [r for found in runs.values() for r in found if r.state.is_delivered]
        # A link that may be opened so many times only is nobody's to share with his next question.
        issue = self.issuer.issue if tenant.links.allowed_opens else self.issuer.listed
        links = await issue(delivered, lifetime=_LINK_LIFETIME, created_by=created_by)
        issued = {link.run.id: link for link in links}
        return PortalListing(
            tenant,
            {
                report: [Entry(run, issued.get(run.id)) for run in found]
                for report, found in runs.items()
                if found or report.name in tenant.subscriptions
            },
        )

    async def link(
        self, tenant_id: TenantId, run_id: str, *, lifetime: timedelta, created_by: str
    ) -> Issued | None:
        """A link to one delivered run; None if the tenant has no such run.

        `lifetime` unless the tenant chose another.
        """
        tenant = await present(self.tenants, tenant_id)
        if tenant is None:
            return None
        lifetime = tenant.links.lifetime(default=lifetime)
        for name in self.reports:
            for run in await self.ledger.runs(tenant_id, report=name):
                if run.id == run_id and run.state.is_delivered:
                    [link] = await self.issuer.issue(
                        [run], lifetime=lifetime, created_by=created_by
                    )
                    return link
        return None
