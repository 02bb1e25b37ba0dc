"""Readiness: whether a tenant can be read, and what each report lacks there."""

from typing import Annotated

import typer

from ops.answers import Answer, Fields, Record, waiting
from ops.arguments import TenantArgument
from ops.command import Session, command
from ops.session import RefusedError
from shared_code.core.condition import Condition
from shared_code.core.readiness import Lack
from shared_code.core.tenant import Tenant, TenantId
from shared_code.rendering.language import Voice
from shared_code.rendering.wording import lack_sentence

app = typer.Typer()


@command(app, "readiness")
async def readiness(
    session: Session,
    tenant: TenantArgument,
    *,
    probe: Annotated[bool, typer.Option("--probe", help="Ask the tenant now.")] = False,
) -> Answer:
    """What each ordered report lacks in a tenant, as last probed, and who must act."""
    services, tenant_id = session.services, TenantId(tenant.lower())
    if probe:
        with waiting("probing"):
            await services.readiness.probe(tenant_id)
    condition = await services.condition.of(tenant_id, is_for_engineer=True)
    if condition is None:
        raise RefusedError(f"no such tenant: {tenant}")
    return Record(_fields(condition), shown=_shown(condition))


def _fields(condition: Condition) -> Fields:
    found = condition.readiness
    lacks = [condition.unreachable] if condition.unreachable else []
    return {
        **_head(condition),
        "unreachable": [_lack(lack, condition.tenant) for lack in lacks],
        "reports": [
            {
                "report": report.name,
                "ready": found.is_ready(report) if found else None,
                "problems": [_lack(lack, condition.tenant) for lack in condition.lacks(report)],
            }
            for report in condition.reports
        ],
    }


def _head(condition: Condition) -> Fields:
    found = condition.readiness
    return {
        "tenant": condition.tenant.id,
        "state": condition.tenant.state.value,
        "checked": found.checked if found else None,
        "next": found.due if found else None,
    }


def _lack(lack: Lack, tenant: Tenant) -> Fields:
    """The sentence is the customer's to read."""
    return {
        "cause": lack.cause.value,
        "detail": lack.detail,
        "datasets": list(lack.datasets),
        "since": lack.since,
        "acts": lack.cause.actor.value,
        "sentence": Voice.of(tenant, tenant.language).say(lack_sentence(lack)),
    }


def _shown(condition: Condition) -> Fields:
    """One line for each that lacks something; what all of them lack once."""
    fields = _fields(condition)
    lacking = [("all", fields["unreachable"])]
    lacking += [(row["report"], row["problems"]) for row in fields["reports"]]
    return {
        **_head(condition),
        "reports": [{key: row[key] for key in ("report", "ready")} for row in fields["reports"]],
        "problems": [
            {"report": report, **{key: lack[key] for key in ("since", "acts", "sentence")}}
            for report, lacks in lacking
            for lack in lacks
        ],
    }
