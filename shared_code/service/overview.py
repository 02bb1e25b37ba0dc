"""The portal's page: what a tenant's reports say now, what needs a decision, what lies in the archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared_code.core.month import month_of, months
from shared_code.core.overview import Archived, Audited, Overview, Standing
from shared_code.core.period import Period
from shared_code.core.ports import Audit, Clock, Ledger, Links, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run
from shared_code.core.tenant import Tenant, TenantId
from shared_code.service.due import due_instants, instant_of, zone_of
from shared_code.service.issue_links import Issued, Issuer
from shared_code.service.present import present

# Signs of a page that was just clicked on; nothing is meant to be kept.
_LINK_LIFETIME = timedelta(hours=1)

# Runs to look back for the newest delivered one: blocked ones may have come after it.
_LOOK_BACK = 10
# What one page shows of the audit, and how long ago its links may have been issued.
_MOST_OPENINGS = 200
_ISSUED = timedelta(days=90)
_NEXT = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overviews:
    """None for a tenant that is unknown or offboarded: there is no page."""

    tenants: Tenants
    ledger: Ledger
    issuer: Issuer
    links: Links
    audit: Audit
    clock: Clock
    reports: Mapping[str, ReportType]

    async def overview(self, tenant_id: TenantId) -> Overview | None:
        tenant = await present(self.tenants, tenant_id)
        if tenant is None:
            return None
        standings = [await self._standing(tenant, report) for report in self.reports.values()]
        shown = [s for s in standings if s.newest or s.report.name in tenant.subscriptions]
        return Overview(
            tenant=tenant,
            at=self.clock(),
            standings=sorted(shown, key=lambda s: s.urgency),
            months=self._months(tenant),
        )

    async def archived(self, tenant_id: TenantId, month: date) -> Archived | None:
        tenant = await present(self.tenants, tenant_id)
        if tenant is None:
            return None
        within = _month(month, zone_of(tenant.time_zone))
        runs = [
            (report, run)
            for name, report in self.reports.items()
            for run in await self.ledger.runs(tenant_id, report=name, within=within)
            if run.state.is_delivered
        ]
        return Archived(tenant=tenant, month=month, runs=runs)

    async def audited(self, tenant_id: TenantId) -> Audited | None:
        tenant = await present(self.tenants, tenant_id)
        if tenant is None:
            return None
        issued = await self.links.issued(tenant_id, since=self.clock() - _ISSUED)
        return Audited(
            tenant=tenant,
            entries=await self.audit.entries(tenant_id),
            openings=await self.links.log(tenant_id, limit=_MOST_OPENINGS),
            reports={o.jti: self.reports[o.report] for o in issued if o.report in self.reports},
        )

    async def link(
        self, tenant_id: TenantId, report: str, end: datetime | None, *, created_by: str
    ) -> Issued | None:
        """To the run that ended then, or to the newest delivered one."""
        if report not in self.reports or await present(self.tenants, tenant_id) is None:
            return None
        if end is None:
            run = await self._newest(tenant_id, report)
        else:
            run = await self.ledger.find(tenant_id, report, end)
        if run is None or not run.state.is_delivered:
            return None
        [issued] = await self.issuer.issue([run], lifetime=_LINK_LIFETIME, created_by=created_by)
        return issued

    async def _newest(self, tenant_id: TenantId, report: str) -> Run | None:
        runs = await self.ledger.runs(tenant_id, report=report, limit=_LOOK_BACK)
        return next((run for run in runs if run.state.is_delivered), None)

    async def _standing(self, tenant: Tenant, report: ReportType) -> Standing:
        known = await self.ledger.runs(tenant.id, report=report.name, limit=_LOOK_BACK)
        settled = [run for run in known if run.state.is_final]
        return Standing(
            report=report,
            newest=settled[0] if settled else None,
            delivered=next((run for run in settled if run.state.is_delivered), None),
            next_due=self._next_due(tenant, report),
        )

    def _next_due(self, tenant: Tenant, report: ReportType) -> datetime | None:
        subscription = tenant.subscriptions.get(report.name)
        if subscription is None:
            return None
        cadence, zone = subscription.cadence or report.cadence, zone_of(tenant.time_zone)
        after = max(self.clock(), instant_of(subscription.since))
        return next(due_instants(cadence, zone, after=after, until=after + _NEXT), None)

    def _months(self, tenant: Tenant) -> Sequence[date]:
        since = min((instant_of(s.since) for s in tenant.subscriptions.values()), default=None)
        if since is None:
            return ()
        zone = zone_of(tenant.time_zone)
        first, last = (moment.astimezone(zone).date() for moment in (since, self.clock()))
        most = max(tenant.retention.runs, *map(tenant.months_of, tenant.subscriptions))
        return months(first, last)[::-1][:most]


def _month(month: date, zone: ZoneInfo) -> Period:
    days = month_of(month), month_of(month, later=1)
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in days)
    return Period(start, end)
