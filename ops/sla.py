"""What was due, delivered, opened and mailed: what the partner promised, and kept."""

from datetime import timedelta
from typing import Annotated, cast

import typer

from ops.answers import Answer, Fields, Listing, progress
from ops.arguments import tenant_of
from ops.command import Session, command
from shared_code.service.evidence import Proof, proof_json

app = typer.Typer()

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
    hours: Annotated[float, typer.Option(min=0, help="Late after so many hours.")] = 6.0,
) -> Answer:
    """What was due, delivered, opened and mailed, newest first within a tenant; in JSON as the API answers it."""
    services = session.services
    evidence = services.evidence.within(timedelta(hours=hours))
    asked = [await tenant_of(session, tenant)] if tenant else await services.tenants.all()
    proofs: list[Proof] = []
    for each in progress(asked, "tenants"):
        proofs += await evidence.of(each.id) or ()
    shown = [proof for proof in proofs if proof.is_late or not late]
    return Listing([_row(proof) for proof in shown], _LISTED, none="nothing was due")


def _row(proof: Proof) -> Fields:
    fields = proof_json(proof)
    digest = {**cast("Fields", fields["digest"]), "sent": proof.mailed}
    run = proof.run
    return {**fields, "due": run.end, "delivered": run.delivered, "digest": digest}
