"""Links: issued, opened, and taken back. An address is shown to who asked for it, and never again."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from ops.answers import Answer, Fields, Listing, Record
from ops.arguments import OptionalEndArgument, ReportArgument, TenantArgument, tenant_of
from ops.command import Session, command, group
from ops.session import RefusedError
from shared_code.core.caller import Caller
from shared_code.core.link import Link, LinkState
from shared_code.core.run import Run
from shared_code.core.tenant import Tenant, TenantId
from shared_code.service.files import MEMORY
from shared_code.service.issue_links import Issued
from shared_code.service.link_register import Use

app = group("links", "Signed links: issued, opened, taken back.")

JtiArgument = Annotated[
    str, typer.Argument(metavar="JTI", help="As `links list` and the audit have it.")
]

# Runs to look back for the newest delivered one.
_LOOK_BACK = 60

_LISTED = ("jti", "report", "period_end", "created", "expires", "state", "opens", "last_opened")


@command(app, "list")
async def links(
    session: Session,
    tenant: TenantArgument,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Also expired, revoked and used up.")
    ] = False,
) -> Answer:
    """Links of the last ninety days that still open, newest first; without their addresses."""
    found = await session.services.register.of(await tenant_of(session, tenant))
    shown = [use for use in found if everything or use.state is LinkState.VALID]
    return Listing([_used(use) for use in shown], _LISTED, none="no links")


def _used(use: Use) -> Fields:
    return {
        **_row(use.link),
        "state": use.state.value,
        "opens": use.opens,
        "refusals": use.refusals,
        "last_opened": use.last_opened,
    }


def _row(link: Link) -> Fields:
    return {
        "jti": link.jti,
        "tenant": link.tenant_id,
        "report": link.report,
        "run": link.run_id,
        "period_end": link.period_end,
        "created": link.created,
        "created_by": link.created_by,
        "expires": link.expires,
        "revoked": link.revoked,
    }


@command(app, "issue")
async def issue(
    session: Session,
    tenant: TenantArgument,
    report: ReportArgument,
    end: OptionalEndArgument = None,
    *,
    days: Annotated[
        int | None, typer.Option(min=1, max=366, help="Good for, unless the tenant chose its own.")
    ] = None,
) -> Answer:
    """A fresh link to a delivered report: the newest, or the one of the period that ended END."""
    found = await tenant_of(session, tenant)
    return Record(fields_of(await issued_to(session, found, report, end, days=days)))


async def issued_to(
    session: Session, tenant: Tenant, report: str, end: datetime | None, *, days: int | None = None
) -> Issued:
    """Raises RefusedError where there is nothing that a link could open."""
    session.require_keys()
    services = session.services
    if tenant.state.is_gone:
        raise RefusedError(f"tenant {tenant.id} is {tenant.state}: its links are dead")
    run = await _delivered(session, tenant.id, report, end)
    wanted = timedelta(days=days) if days else services.link_lifetime
    [issued] = await services.issuer.issue(
        [run], lifetime=tenant.links.lifetime(default=wanted), created_by=session.actor
    )
    return issued


async def _delivered(
    session: Session, tenant_id: TenantId, report: str, end: datetime | None
) -> Run:
    ledger = session.services.ledger
    if end is None:
        known = await ledger.runs(tenant_id, report=report, limit=_LOOK_BACK)
        run = next((run for run in known if run.state.is_delivered), None)
    else:
        run = await ledger.find(tenant_id, report, end)
    if run is None:
        raise RefusedError(f"no such run of {report} in tenant {tenant_id}: see `runs list`")
    if not run.state.is_delivered:
        raise RefusedError(f"that run is {run.state}: there are no files to link to")
    return run


def fields_of(issued: Issued) -> Fields:
    names = [each.name for each in issued.run.artifacts if each.name != MEMORY]
    return {
        **_row(issued.link),
        "url": issued.address,
        "files": [{"name": name, "url": issued.address_of(name)} for name in names],
    }


@command(app, "revoke")
async def revoke(session: Session, jti: JtiArgument) -> Answer:
    """Takes a link back at once. JTI names it in `links list` and in the audit; it opens nothing."""
    services = session.services
    engineer = Caller(
        tenant_id=TenantId(""), object_id=session.actor, is_reader=False, is_engineer=True
    )
    if not await services.issuer.revoke(jti, engineer):
        raise RefusedError(f"no such link: {jti}")
    return Record(_row(await _found(session, jti)))


@command(app, "opens")
async def opens(session: Session, jti: JtiArgument) -> Answer:
    """Every use of a link, newest first. Who reads is not recorded."""
    link = await _found(session, jti)
    openings = await session.services.links.openings(link.tenant_id, jti)
    rows = [
        {"at": o.at, "method": o.method, "file": o.file, "outcome": o.outcome.value}
        for o in openings
    ]
    return Listing(rows, none="never opened")


async def _found(session: Session, jti: JtiArgument) -> Link:
    link = await session.services.links.find(jti)
    if link is None:
        raise RefusedError(f"no such link: {jti}")
    return link
