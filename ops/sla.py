"""What was due, delivered, opened and mailed: what the partner promised, and kept."""

from datetime import timedelta
from typing import Annotated, cast

import typer

from ops.answers import Answer, Fields, Listing, progress
from ops.arguments import tenant_of
from ops.command import Session, command
from shared_code.service.evidence import RunEvidence, evidence_json

app = typer.Typer()

_A_YEAR = 366 * 24  # hours

_LISTED = (
    *("customer", "report", "due", "delivered", "state", "late"),
    *("opened.count", "digest.sent", "digest.recipients"),
)


@command(app, "sla")
async def sla(
    session: Session,
    *,
    tenant: Annotated[str | None, typer.Option(metavar="TENANT", help="Without it, all.")] = None,
    late: Annotated[bool, typer.Option("--late", help="Only what is or was too late.")] = False,
    hours: Annotated[
        float, typer.Option(min=0, max=_A_YEAR, help="Late after so many hours.")
    ] = 6.0,
) -> Answer:
    """What was due, delivered, opened and mailed, newest first within a tenant; in JSON as the API answers it."""
    services = session.services
    evidence = services.evidence.within(timedelta(hours=hours))
    asked = (
        [await tenant_of(session, tenant)] if tenant is not None else await services.tenants.all()
    )
    found: list[RunEvidence] = []
    for each in progress(asked, "tenants"):
        found += await evidence.of(each.id) or ()
    shown = [each for each in found if each.is_late or not late]
    none = "nothing was late" if late else "nothing was due"
    return Listing([_row(each) for each in shown], _LISTED, none=none)


def _row(evidence: RunEvidence) -> Fields:
    fields = evidence_json(evidence)
    digest = {**cast("Fields", fields["digest"]), "sent": evidence.mailed}
    run = evidence.run
    return {**fields, "due": run.end, "delivered": run.delivered, "digest": digest}
