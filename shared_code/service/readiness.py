"""Probes tenants before reports need them: granted permissions, licences, and one row of each dataset."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from shared_code.core.audit import SERVICE, Act, Entry
from shared_code.core.dataset import Dataset, Limit, Origin, Row
from shared_code.core.errors import (
    ContractBroken,
    DatasetError,
    LicenceMissing,
    PermissionMissing,
    Reason,
    TenantError,
    Throttled,
    UpstreamError,
)
from shared_code.core.ports import (
    Audit,
    Clock,
    Directory,
    Licensing,
    Readinesses,
    Source,
    Tenants,
)
from shared_code.core.readiness import Cause, ProbeRequest, Problem, Readiness, wait_after
from shared_code.core.report import ReportType, ordered_by
from shared_code.core.tenant import Tenant, TenantId
from shared_code.service.consent import admitted, refused
from shared_code.service.present import present

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Grants:
    """`granted` is None where the tenant does not let us ask; `denied` were refused while asking,
    `pending` are granted, but not effective yet."""

    granted: frozenset[str] | None
    denied: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()

    def missing(self, dataset: Dataset[Row]) -> list[str]:
        granted = self.granted
        if granted is None:
            return [each for each in dataset.permissions if each in self.denied]
        return [each for each in dataset.permissions if each not in granted]


@dataclass(frozen=True, slots=True)
class _Reach:
    """What holds for all datasets of a tenant; `lacking` licences, None if that is not known."""

    grants: _Grants
    lacking: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """Of one dataset; nothing is wrong only if it `is_known` and there is no problem."""

    is_known: bool
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """`report` is empty where the whole tenant is concerned."""

    report: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Each dataset of the ordered reports is asked for its smallest page, with these exceptions.

    Usage reports (14 requests in 10 minutes per function, and never less than the whole file),
    sign-in activity (10 a minute over all tenants) and listings that belong to objects of another
    one are judged by permissions and licences alone: a probe takes nothing from what reports need.

    What cannot be found out stays as it was found last, and is asked again soon. A change goes to
    the audit and the log before it is stored: a crash in between says it twice, never not at all.
    """

    directory: Directory
    licensing: Licensing
    source: Source
    tenants: Tenants
    readinesses: Readinesses
    audit: Audit
    clock: Clock
    reports: Mapping[str, ReportType]

    async def of(self, tenant_id: TenantId) -> Readiness | None:
        """As last probed; None before."""
        return await self.readinesses.get(tenant_id)

    async def probe_due(self, request: ProbeRequest) -> Readiness | None:
        """None if it was probed meanwhile, or the tenant is gone."""
        known = await self.readinesses.get(request.tenant_id)
        tenant = await present(self.tenants, request.tenant_id)
        if tenant and known and not known.is_due(self.clock(), ordered_by(tenant, self.reports)):
            return None
        return await self.probe(request.tenant_id)

    async def probe(self, tenant_id: TenantId) -> Readiness | None:
        """None for a tenant that nobody onboarded, or no longer serves. A served tenant's state follows its consent;
        whoever was invited is not active before what was agreed is in place.

        Raises ConfigurationError: then it is we who cannot sign in, and nothing is known.
        """
        tenant = await present(self.tenants, tenant_id)
        if tenant is None:
            return None
        before = await self.readinesses.get(tenant_id)
        after = await self._probed(tenant, before or _nothing_known(tenant_id, self.clock()))
        if await present(self.tenants, tenant_id) is None:
            return None  # what was deleted meanwhile stays deleted
        for change in _changes(before, after, ordered_by(tenant, self.reports)):
            await self._tell(tenant_id, change)
        await self.readinesses.put(after)
        return after

    async def _probed(self, tenant: Tenant, before: Readiness) -> Readiness:
        try:
            after = await self._found(tenant, before)
        except TenantError as error:
            await refused(self.tenants, tenant, error)
            return self._unreachable(before, Problem.of_tenant(error, self.clock()))
        except Throttled:
            return self._unsettled(before)
        except UpstreamError:
            return self._unreachable(before, Problem(cause=Cause.SILENT, since=self.clock()))
        await admitted(self.tenants, tenant)
        return after

    async def _found(self, tenant: Tenant, before: Readiness) -> Readiness:
        datasets = _datasets(ordered_by(tenant, self.reports))
        reach = await self._reach(tenant, datasets)
        found = {d.name: await self._finding(tenant.id, d, reach) for d in datasets}
        proven = {name: f for name, f in found.items() if f.is_known}
        kept = (p for p in before.problems if p.dataset in found and p.dataset not in proven)
        new = (_since(before, f.problem) for f in proven.values() if f.problem)
        unsettled = before.unsettled + 1 if len(proven) < len(found) else 0
        now = self.clock()
        return Readiness(
            tenant_id=tenant.id,
            checked=now,
            due=now + wait_after(unsettled),
            unsettled=unsettled,
            problems=(*kept, *new),
            known=tuple(name for name in found if name in proven or name in before.known),
        )

    async def _reach(self, tenant: Tenant, datasets: Iterable[Dataset[Row]]) -> _Reach:
        licences = {d.licence for d in datasets if d.licence}
        grants = await self._grants(tenant)
        return _Reach(grants, await self.licensing.lacking(tenant.id, licences))

    async def _grants(self, tenant: Tenant) -> _Grants:
        try:
            enterprise = await self.directory.enterprise(tenant.id)
        except DatasetError as error:
            is_denied = error.reason is Reason.PERMISSION
            return _Grants(None, frozenset(error.detail.split(", ") if is_denied else ()))
        except ContractBroken as error:
            _log.error("readiness of %s: %s", tenant.id, error)
            return _Grants(None)
        return _Grants(enterprise.permissions, pending=enterprise.pending)

    async def _finding(self, tenant_id: TenantId, dataset: Dataset[Row], reach: _Reach) -> _Finding:
        if missing := reach.grants.missing(dataset):
            return self._lacks(PermissionMissing(dataset.name, ", ".join(missing)))
        if reach.grants.pending.intersection(dataset.permissions):
            return _Finding(is_known=False)
        if dataset.licence and reach.lacking is not None and dataset.licence in reach.lacking:
            return self._lacks(LicenceMissing(dataset.name, dataset.licence))
        if _is_probed(dataset):
            return await self._page(tenant_id, dataset)
        is_licensed = dataset.licence is None or reach.lacking is not None
        return _Finding(is_known=is_licensed and reach.grants.granted is not None)

    async def _page(self, tenant_id: TenantId, dataset: Dataset[Row]) -> _Finding:
        smallest = replace(dataset, page_size=1) if dataset.page_size else dataset
        try:
            async with aclosing(self.source.pages(tenant_id, smallest)) as pages:
                await anext(pages, None)
        except DatasetError as error:
            return self._lacks(error)
        except ContractBroken as error:
            _log.error("readiness of %s: %s", tenant_id, error)
            return self._lacks(DatasetError(dataset.name, Reason.CONTRACT))
        except UpstreamError:
            return _Finding(is_known=False)
        return _Finding(is_known=True)

    def _lacks(self, error: DatasetError) -> _Finding:
        problem = Problem.of_dataset(error, self.clock())
        return _Finding(is_known=problem is not None, problem=problem)

    def _unreachable(self, before: Readiness, problem: Problem) -> Readiness:
        """Silence proves nothing: what was proven before it goes on."""
        last = before.unreachable
        goes_on = last is not None and problem.cause in (last.cause, Cause.SILENT)
        tried = self._unsettled(before)
        return msgspec.structs.replace(
            tried, checked=self.clock(), unreachable=last if goes_on else problem
        )

    def _unsettled(self, before: Readiness) -> Readiness:
        unsettled = before.unsettled + 1
        due = self.clock() + wait_after(unsettled)
        return msgspec.structs.replace(before, due=due, unsettled=unsettled)

    async def _tell(self, tenant_id: TenantId, change: _Change) -> None:
        _log.warning(
            "readiness changed tenant=%s report=%s now=%s",
            *(tenant_id, change.report or "all", change.now),
        )
        entry = Entry(
            tenant_id=tenant_id,
            at=self.clock(),
            act=Act.READINESS_CHANGED,
            actor=SERVICE,
            subject=change.report,
            detail=change.now,
        )
        await self.audit.record(entry)


def _nothing_known(tenant_id: TenantId, now: datetime) -> Readiness:
    return Readiness(tenant_id=tenant_id, due=now)


def _datasets(reports: Iterable[ReportType]) -> Sequence[Dataset[Row]]:
    """Each once, however many reports need it."""
    needs = (dataset for report in reports for dataset in report.needs)
    return list({d.name: d for d in needs if d.origin is Origin.TENANT}.values())


def _is_probed(dataset: Dataset[Row]) -> bool:
    is_apart = dataset.key is not None or dataset.parents is not None
    return not is_apart and not any(map(_is_scarce, dataset.workload.limits))


def _is_scarce(limit: Limit) -> bool:
    """Less than one request a second for all tenants together."""
    return limit.over_all_tenants and limit.requests < limit.seconds


def _since(before: Readiness, problem: Problem) -> Problem:
    last = next((p for p in before.problems if p.what == problem.what), problem)
    return msgspec.structs.replace(problem, since=last.since)


def _changes(
    before: Readiness | None, after: Readiness, reports: Iterable[ReportType]
) -> Sequence[_Change]:
    """What became known to be well is news only if it was known to be otherwise."""
    was, now = (r.unreachable.cause if r and r.unreachable else None for r in (before, after))
    whole = [_Change("", now or "reachable")] if was is not now else []
    differing = [r for r in reports if _facts(before, r) != _facts(after, r)]
    return [*whole, *(_Change(r.name, _words(after.problems_of(r))) for r in differing)]


def _facts(readiness: Readiness | None, report: ReportType) -> set[tuple[str, str, str]]:
    problems = readiness.problems_of(report) if readiness else ()
    return {(p.dataset, p.cause, p.detail) for p in problems}


def _words(problems: Iterable[Problem]) -> str:
    return "; ".join(dict.fromkeys(problem.words for problem in problems)) or "ready"
