"""Assembles a report: the builder's content, its past, its gaps and the status readers see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shared_code.core import terms
from shared_code.core.errors import DatasetError, Reason
from shared_code.core.metric import Point
from shared_code.core.period import Period
from shared_code.core.ports import Spool
from shared_code.core.privacy import Privacy
from shared_code.core.report import (
    Action,
    Content,
    Figure,
    History,
    Kpi,
    Priority,
    Report,
    ReportType,
    Status,
)
from shared_code.core.run import Gap, Run, RunRequest
from shared_code.core.tenant import Tenant
from shared_code.core.text import Message, Text
from shared_code.service.aggregate import NoLines, in_groups

# Enough for a year of months; a sparkline with more says nothing more.
_SERIES = 12

_MOST_ACTIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What earlier runs left: `points` oldest first, `last` the newest delivered run,
    `since` the end of the newest one that had what the report rests on."""

    points: Sequence[Point]
    last: Run | None
    since: datetime | None
    history: History


def assemble(
    report: ReportType,
    tenant: Tenant,
    request: RunRequest,
    *,
    spool: Spool,
    missing: Mapping[str, DatasetError],
    past: Past,
    as_of: datetime,
    brand: str,
    privacy: Privacy = Privacy.NAMED,
) -> Report:
    """Pure but for the spool; takes seconds of processor time for large tenants.

    Covers the time since the newest run that had what the report rests on: one that failed in
    between, or lacked just that, leaves no hole.
    Raises DatasetError if what everything else rests on could not be read, ConfigurationError
    for options that the report type does not have.
    """
    unlicensed = _unlicensed(report, missing)
    lacking = [error for name, error in missing.items() if name not in unlicensed]
    gaps = _gaps(lacking, past.last, request)
    start = past.since or request.period.start
    period = Period(start, request.end, ZoneInfo(tenant.time_zone))
    data = spool.snapshot(missing, report.options_of(tenant))
    content = report.build(data, past.history, period)
    content = replace(
        content,
        actions=_most_urgent(content.actions),
        notes=(*_codes(content, privacy), *content.notes, *_notes(report, unlicensed)),
    )
    lines = spool.lines(content.table.lines())
    if privacy is Privacy.AGGREGATE:
        content = in_groups(content)
    return Report(
        type=report,
        tenant=tenant,
        brand=brand,
        run_id=request.run_id,
        period=period,
        as_of=as_of,
        compared_with=past.history.compared_with,
        status=_status(content, gaps),
        content=content,
        figures=tuple(_figure(k, past.history) for k in content.kpis),
        history=(*past.points, *points(request, content)),
        lines=NoLines(lines.counts) if privacy is Privacy.AGGREGATE else lines,
        memory=lines,
        gaps=gaps,
        privacy=privacy,
    )


def _most_urgent(actions: Sequence[Action]) -> tuple[Action, ...]:
    """Readers do the first things on a list; what is no longer than that gets done."""
    order = tuple(Priority)
    return tuple(sorted(actions, key=lambda a: order.index(a.priority))[:_MOST_ACTIONS])


def points(request: RunRequest, content: Content) -> tuple[Point, ...]:
    """What this run adds to the history; an unknown value leaves no point."""
    known = {k.metric: k.value for k in content.kpis if k.value is not None}
    return tuple(
        Point(name, request.period.end, value)
        for name, value in {**known, **content.points}.items()
    )


def _figure(kpi: Kpi, history: History) -> Figure:
    past = history.series(kpi.metric)
    now = () if kpi.value is None else (kpi.value,)
    series = (*(p.value for p in past[-_SERIES + 1 :]), *now)
    return Figure(kpi=kpi, previous=past[-1] if past else None, series=series)


def _unlicensed(report: ReportType, missing: Mapping[str, DatasetError]) -> frozenset[str]:
    """Datasets that are no gap: the tenant does not own the licence they come with."""
    refused = (name for name, error in missing.items() if error.reason is Reason.LICENCE)
    return report.not_for_all.intersection(refused)


def _codes(content: Content, privacy: Privacy) -> Iterator[tuple[Text, Message]]:
    """Why nobody is named, unless the content says that the tenant itself conceals names."""
    is_said = terms.PRIVACY in (title for title, _ in content.notes)
    if privacy is Privacy.PSEUDONYMOUS and content.table.is_personal and not is_said:
        yield terms.PRIVACY, Message(terms.PSEUDONYMS)


def _notes(report: ReportType, unlicensed: frozenset[str]) -> Iterator[tuple[Text, Message]]:
    for extra in report.extras:
        if any(dataset.name in unlicensed for dataset in extra.datasets):
            yield terms.NOT_LICENSED, Message(extra.without)


def _gaps(
    lacking: Iterable[DatasetError], last: Run | None, request: RunRequest
) -> tuple[Gap, ...]:
    known = {(g.dataset, g.reason): g.since for g in last.gaps} if last else {}
    return tuple(
        Gap(
            dataset=error.dataset,
            reason=error.reason,
            detail=error.detail,
            since=known.get((error.dataset, error.reason), request.period.end),
        )
        for error in lacking
    )


def _status(content: Content, gaps: tuple[Gap, ...]) -> Status:
    status = content.lead.status
    return status if not gaps or status is Status.BAD else Status.INCOMPLETE
