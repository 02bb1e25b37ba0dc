"""Arguments that several commands take, and what they stand for."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.session import RefusedError, Session
from shared_code.core.tenant import Tenant, TenantId
from shared_code.reports import registry


def _report(name: str) -> str:
    if name not in registry():
        raise typer.BadParameter(f"one of {', '.join(sorted(registry()))}")
    return name


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise typer.BadParameter("a time without its zone, such as Z")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter("not an instant such as 2026-11-23T05:00:00Z") from error


TenantArgument = Annotated[str, typer.Argument(metavar="TENANT", help="Tenant id.")]
ReportArgument = Annotated[
    str, typer.Argument(metavar="REPORT", parser=_report, help="Its name, such as guest-users.")
]
EndArgument = Annotated[
    datetime, typer.Argument(metavar="END", parser=_instant, help="End of the period, ISO 8601.")
]
OptionalEndArgument = Annotated[
    datetime | None,
    typer.Argument(metavar="END", parser=_instant, help="End of the period; else the newest."),
]
ReportOption = Annotated[
    str | None, typer.Option(metavar="REPORT", parser=_report, help="Only this report.")
]
SinceOption = Annotated[
    datetime | None,
    typer.Option(
        parser=_instant,
        metavar="INSTANT",
        help="Reports are due after it; without it, from now on.",
    ),
]


async def tenant_of(session: Session, tenant_id: str) -> Tenant:
    """Raises RefusedError."""
    tenant = await session.services.tenants.get(TenantId(tenant_id.lower()))
    if tenant is None:
        raise RefusedError(f"no such tenant: {tenant_id}")
    return tenant
