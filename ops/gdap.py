"""GDAP: the partner's delegated access to tenants, and when it ends."""

from typing import Annotated

import typer

from ops.answers import Answer, Fields, Listing, progress, waiting
from ops.command import Session, command
from ops.session import RefusedError
from shared_code.core.gdap import Relationship
from shared_code.core.tenant import Tenant
from shared_code.service.due import zone_of

app = typer.Typer()

_LISTED = ("customer", "name", "status", "ends", "days_left", "extends", "stage", "covered")


@command(app, "gdap")
async def gdap(
    session: Session,
    *,
    check: Annotated[bool, typer.Option("--check", help="Ask the partner's tenant now.")] = False,
) -> Answer:
    """Delegated access to tenants, the sooner it ends the first. Reports do not need it."""
    watch = session.services.gdap
    if check:
        with waiting("asking"):
            await watch.check()
    own = await watch.delegations.get(watch.partner)
    if own is None:
        raise RefusedError("the partner's tenant was never asked: --check asks it now")
    if own.problem:
        detail = f" ({own.detail})" if own.detail else ""
        raise RefusedError(f"the partner's tenant does not tell: {own.problem}{detail}")
    rows: list[Fields] = []
    for tenant in progress(await session.services.tenants.all(), "tenants"):
        found = await watch.delegations.get(tenant.id)
        known = found.relationships if found else ()
        rows += [_row(tenant, each, known, session) for each in known]
    ordered = sorted(rows, key=lambda row: (row["ends"] is None, row["ends"]))
    return Listing(ordered, _LISTED, none="no delegated access is known")


def _row(
    tenant: Tenant, each: Relationship, known: tuple[Relationship, ...], session: Session
) -> Fields:
    at, zone = session.services.ordering.clock(), zone_of(tenant.time_zone)
    return {
        "tenant": tenant.id,
        "customer": tenant.customer,
        "id": each.id,
        "name": each.name,
        "status": each.status,
        "roles": list(each.roles),
        "ends": each.ends,
        "days_left": each.days_left(at, zone),
        "extends": each.extends,
        "stage": each.stage(at, zone),
        "covered": each.is_covered(known),
    }
