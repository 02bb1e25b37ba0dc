"""Evidence: what was due, delivered, opened and mailed, read from what the service wrote anyway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared_code.core.delivery import Delivery, DispatchState
from shared_code.core.ports import Clock, Deliveries, Ledger, Links, Tenants
from shared_code.core.report import ReportType
from shared_code.core.run import Run, RunId
from shared_code.core.tenant import Tenant, TenantId
from shared_code.service.present import present

# What the partner promises unless told otherwise.
TARGET = timedelta(hours=6)

_MOST_RUNS = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvidence:
    """One run; `mailed` is when the first mail of its digest was sent, to `recipients` contacts;
    `mailed_again` are those that an engineer had sent once more.

    A report that is not there yet is late once its target has passed.
    """

    tenant: Tenant
    run: Run
    is_late: bool
    openings: int = 0
    first_opened: datetime | None = None
    last_opened: datetime | None = None
    mailed: datetime | None = None
    recipients: int = 0
    mailed_again: tuple[datetime, ...] = ()
    refused: int = 0
    unclear: int = 0


@dataclass(frozen=True, slots=True)
class _Mailed:
    start: datetime
    due: datetime
    sent: tuple[datetime, ...]
    again: tuple[datetime, ...]
    refused: int
    unclear: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`target`: how long after it was due a report counts as delivered in time."""

    tenants: Tenants
    ledger: Ledger
    links: Links
    deliveries: Deliveries
    reports: Mapping[str, ReportType]
    clock: Clock
    target: timedelta = TARGET

    def within(self, target: timedelta) -> "Evidence":
        return replace(self, target=target)

    async def of(self, tenant_id: TenantId) -> Sequence[RunEvidence] | None:
        """Newest first; None if there is no such tenant, or no longer."""
        tenant = await present(self.tenants, tenant_id)
        return await self._of(tenant) if tenant else None

    async def of_all(self, *, only_late: bool = False) -> Sequence[RunEvidence]:
        tenants = [t for t in await self.tenants.all() if not t.state.is_gone]
        found = [each for tenant in tenants for each in await self._of(tenant)]
        return [each for each in found if each.is_late or not only_late]

    async def _of(self, tenant: Tenant) -> Sequence[RunEvidence]:
        runs = [
            run
            for name in self.reports
            for run in await self.ledger.runs(tenant.id, report=name, limit=_MOST_RUNS)
        ]
        opened = dict[RunId, list[datetime]]()
        for opening in await self.links.log(tenant.id):
            if opening.is_read:
                opened.setdefault(opening.run_id, []).append(opening.at)
        known = await self.deliveries.recent(tenant.id)
        mailed = [await self._mailed(each) for each in known if each.was_opened]
        found = [self._of_run(tenant, run, opened.get(run.id, []), mailed) for run in runs]
        return sorted(found, key=lambda each: each.run.end, reverse=True)

    async def _mailed(self, delivery: Delivery) -> _Mailed:
        found = await self.deliveries.dispatches(delivery.tenant_id, delivery.due)
        sent = sorted((d.sent, d.is_repeated) for d in found if d.sent)
        states = [dispatch.state for dispatch in found]
        return _Mailed(
            delivery.start or delivery.due,
            delivery.due,
            tuple(at for at, is_repeated in sent if not is_repeated),
            tuple(at for at, is_repeated in sent if is_repeated),
            states.count(DispatchState.REFUSED),
            states.count(DispatchState.UNCLEAR),
        )

    def _of_run(
        self, tenant: Tenant, run: Run, opened: Sequence[datetime], mailed: Sequence[_Mailed]
    ) -> RunEvidence:
        digest = next((m for m in mailed if m.start < run.end <= m.due), None)
        return RunEvidence(
            tenant=tenant,
            run=run,
            is_late=(run.delivered or self.clock()) > run.end + self.target,
            openings=len(opened),
            first_opened=min(opened, default=None),
            last_opened=max(opened, default=None),
            mailed=digest.sent[0] if digest and digest.sent else None,
            recipients=len(digest.sent) if digest else 0,
            mailed_again=digest.again if digest else (),
            refused=digest.refused if digest else 0,
            unclear=digest.unclear if digest else 0,
        )


def evidence_json(evidence: RunEvidence) -> dict[str, object]:
    run = evidence.run
    return {
        "tenant": run.tenant_id,
        "customer": evidence.tenant.customer,
        "report": run.report,
        "period": {"start": run.start.isoformat(), "end": run.end.isoformat()},
        "due": run.end.isoformat(),
        "delivered": _iso(run.delivered),
        "state": run.state,
        "late": evidence.is_late,
        "opened": {
            "first": _iso(evidence.first_opened),
            "last": _iso(evidence.last_opened),
            "count": evidence.openings,
        },
        "digest": {
            "sent": _iso(evidence.mailed),
            "recipients": evidence.recipients,
            "again": [at.isoformat() for at in evidence.mailed_again],
            "refused": evidence.refused,
            "unclear": evidence.unclear,
        },
    }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
