"""Runs: what was planned and what became of it; ordered by hand; delivered files handed out again."""

from datetime import datetime
from typing import Annotated

import msgspec
import typer

from ops.answers import Answer, Fields, Listing, Record, progress
from ops.arguments import EndArgument, ReportArgument, ReportOption, TenantArgument, tenant_of
from ops.command import Session, command, group
from ops.links import fields_of, issued_to
from ops.session import RefusedError
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import TenantId

app = group("runs", "Runs: planned, ordered by hand, delivered again.")

_LISTED = ("report", "end", "state", "delivered", "attempt", "gaps", "reason")


@command(app, "list")
async def runs(
    session: Session,
    *,
    tenant: Annotated[str | None, typer.Option(metavar="TENANT", help="Without it, all.")] = None,
    report: ReportOption = None,
    state: Annotated[RunState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="Of each report of a tenant, newest first.")
    ] = 5,
) -> Answer:
    """What became of runs, newest period first."""
    services = session.services
    asked = (
        [await tenant_of(session, tenant)] if tenant is not None else await services.tenants.all()
    )
    found: list[Run] = []
    for each in progress(asked, "tenants"):
        found += await services.ledger.runs(each.id, report=report, limit=limit)
    wanted = sorted(
        (run for run in found if state in (None, run.state)), key=lambda run: run.end, reverse=True
    )
    listed = _LISTED if tenant else ("tenant", *_LISTED)
    return Listing([_row(run) for run in wanted], listed, none="no runs")


def _row(run: Run) -> Fields:
    return {
        "id": run.id,
        "tenant": run.tenant_id,
        "report": run.report,
        "start": run.start,
        "end": run.end,
        "state": run.state.value,
        "status": run.status,
        "updated": run.updated,
        "delivered": run.delivered,
        "attempt": run.attempt,
        "gaps": [gap.dataset for gap in run.gaps],
        "reason": run.reason,
        "files": sum(1 for _ in run.artifacts),
        "effort": msgspec.to_builtins(run.effort),
    }


@command(app, "now")
async def now(session: Session, tenant: TenantArgument, report: ReportArgument) -> Answer:
    """Orders a report of the time from the newest period's end until now."""
    tenant_id = TenantId(tenant.lower())
    run = await session.services.ordering.now(tenant_id, report, by=session.actor)
    return Record(_row(run))


@command(app, "again")
async def again(
    session: Session, tenant: TenantArgument, report: ReportArgument, end: EndArgument
) -> Answer:
    """Takes a blocked or failed run up again, once what blocked it is mended.

    Only the newest period's: it covers the time since the last delivery. A delivered run is never
    made anew: readers hold links to its files, and later reports compare with them.
    """
    run = await session.services.ledger.find(TenantId(tenant.lower()), report, end)
    if run is None:
        raise RefusedError(f"no run of {report} in tenant {tenant} ends then: see `runs list`")
    return Record(_row(await session.services.ordering.again(run, by=session.actor)))


@command(app, "redeliver")
async def redeliver(
    session: Session,
    tenant: TenantArgument,
    report: ReportArgument,
    end: EndArgument,
    *,
    mail: Annotated[
        bool, typer.Option("--mail", help="Mails its digest to the contacts once more.")
    ] = False,
) -> Answer:
    """Gives fresh links to the very files that were delivered; nothing is rendered anew."""
    found = await tenant_of(session, tenant)
    session.require_keys()
    run = await session.services.ledger.find(found.id, report, end)
    ordered = await _mailed(session, run) if mail and run and run.state.is_delivered else None
    issued = await issued_to(session, found, report, end)
    return Record({**fields_of(issued), **({"mailed_again": ordered} if ordered else {})})


async def _mailed(session: Session, run: Run) -> datetime:
    """When it was ordered; the function app mails."""
    digests = session.services.digests
    ordered = await digests.again(run, by=session.actor) if digests else None
    if ordered is None:
        why = "no digest of it went out yet" if digests else "no mailbox is set up"
        raise RefusedError(f"nothing is mailed: {why}")
    return ordered
