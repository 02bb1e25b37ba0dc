"""Tenants: who is served, taken into service, and let go."""

import json
from typing import Annotated

import msgspec
import typer

from ops.answers import Answer, Fields, Listing, Record
from ops.arguments import SinceOption, TenantArgument, tenant_of
from ops.command import Session, command, group
from ops.session import RefusedError
from shared_code.core.condition import Condition
from shared_code.core.errors import ConfigurationError
from shared_code.core.proof import Proof
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.core.text import Language
from shared_code.reports import registry
from shared_code.service.change import change_of
from shared_code.service.invite import offer_of
from shared_code.service.onboard import Order
from shared_code.service.terms import checked_since

app = group("tenants", "Who is served; taken into service, and let go.")

_LISTED = ("id", "customer", "domain", "state", "reports", "contacts", "service_end")


@command(app, "list")
async def tenants(
    session: Session,
    *,
    state: Annotated[TenantState | None, typer.Option(help="Only those in this state.")] = None,
) -> Answer:
    """All tenants, by customer."""
    found = [t for t in await session.services.tenants.all() if state in (None, t.state)]
    ordered = sorted(found, key=lambda tenant: (tenant.customer.casefold(), tenant.id))
    return Listing([_row(tenant) for tenant in ordered], _LISTED, none="no tenants")


def _row(tenant: Tenant) -> Fields:
    return {
        "id": tenant.id,
        "customer": tenant.customer,
        "domain": tenant.domain,
        "state": tenant.state.value,
        "language": tenant.language.value,
        "reports": sorted(tenant.subscriptions),
        "contacts": len(tenant.contacts),
        "service_end": tenant.service_end,
    }


@command(app, "show")
async def show(session: Session, tenant: TenantArgument) -> Answer:
    """Everything a tenant ordered and agreed to, and what its reports lack by the last probe.

    Contacts are counted, not named.
    """
    found = await tenant_of(session, tenant)
    condition = await session.services.condition.of(found.id, is_for_engineer=True)
    return Record(
        {
            **_row(found),
            "german": found.german.value,
            "time_zone": found.time_zone,
            "digest": found.digest,
            "service_start": found.service_start,
            "retention": msgspec.structs.asdict(found.retention),
            "links": msgspec.structs.asdict(found.links),
            "privacy": {name: choice.mode.value for name, choice in found.privacy.items()},
            "options": found.options,
            "subscriptions": [
                {
                    "report": name,
                    "people": _people(session, found, name),
                    "since": subscription.since,
                    "cadence": subscription.cadence,
                    "resumed": subscription.resumed,
                    "retention": subscription.retention,
                }
                for name, subscription in sorted(found.subscriptions.items())
            ],
            **(_readiness(condition) if condition else {}),
        }
    )


def _people(session: Session, tenant: Tenant, report: str) -> str | None:
    """How people appear in it; None for a report that this version does not have."""
    known = session.services.reports.get(report)
    return tenant.privacy_of(report, default=known.privacy).value if known else None


def _readiness(condition: Condition) -> Fields:
    found = condition.readiness
    unreachable = found.unreachable if found else None
    return {
        "checked": found.checked if found else None,
        "unreachable": unreachable.cause.value if unreachable else None,
        "readiness": [
            {
                "report": report.name,
                "ready": found.is_ready(report) if found else None,
                "lacks": list(dict.fromkeys(p.words for p in found.problems_of(report)))
                if found
                else [],
            }
            for report in condition.reports
        ],
    }


@command(app, "invite")
async def invite(
    session: Session,
    offer: Annotated[
        typer.FileBinaryRead,
        typer.Argument(metavar="OFFER", help="A file with what was agreed, as JSON; - is stdin."),
    ],
) -> Answer:
    """Invites a tenant: gives the address at which its admin reads what was agreed and consents.

    {"tenant": "contoso.com", "customer": "Contoso", "subscriptions": {"guest-users": {}}} will do.
    """
    session.require_keys()
    agreed = offer_of(offer.read())
    sent = await session.services.inviting.invite(agreed, created_by=session.actor)
    invitation = sent.invitation
    return Record(
        {
            "invitation": invitation.id,
            "tenant": invitation.tenant_id,
            "customer": invitation.agreed.customer,
            "reports": sorted(invitation.agreed.subscriptions),
            "expires": invitation.expires,
            "url": sent.address,
        }
    )


def _options(text: str) -> dict[str, dict[str, object]]:
    try:
        return msgspec.convert(json.loads(text), dict[str, dict[str, object]])
    except (ValueError, msgspec.ValidationError) as error:
        raise typer.BadParameter("not JSON of the form {REPORT: {OPTION: VALUE}}") from error


@command(app, "onboard")
async def onboard(
    session: Session,
    tenant: TenantArgument,
    *,
    report: Annotated[
        list[str] | None, typer.Option("--report", help="May be repeated; without it, all.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="Without it, a new tenant has the directory's own name.")
    ] = None,
    language: Annotated[Language | None, typer.Option(help="Of a new tenant, de.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of a new tenant, Europe/Vienna.")] = None,
    since: SinceOption = None,
    options: Annotated[
        dict[str, dict[str, object]] | None,
        typer.Option(
            parser=_options,
            metavar="JSON",
            help='What the tenant chose of reports: \'{"admin-roles": {"most_global": 5}}\'',
        ),
    ] = None,
) -> Answer:
    """Takes a tenant that has consented already into service, without an invitation.

    One that is served keeps what is not named here, and its other reports.
    """
    now = session.services.ordering.clock()
    order = Order(
        tenant_id=TenantId(tenant.lower()),
        reports=tuple(report or registry()),
        since=checked_since("since", since or now, now=now),
        customer=customer,
        language=language,
        time_zone=time_zone,
        options=options or {},
    )
    try:
        onboarded = await session.services.onboarding.onboard(order, by=session.actor)
    except ConfigurationError as error:
        # What was ordered is misspelt; the settings are fine.
        raise RefusedError(str(error)) from error
    return Record({**_row(onboarded.tenant), "missing_permissions": list(onboarded.missing)})


@command(app, "change")
async def change(
    session: Session,
    tenant: TenantArgument,
    changes: Annotated[
        typer.FileBinaryRead,
        typer.Argument(metavar="CHANGES", help="A file with them, as JSON; - is stdin."),
    ],
) -> Answer:
    """Changes what was agreed: what is left out stays, and either everything is changed or nothing.

    {"contacts": [{"address": "admin@contoso.com"}], "service_end": "2027-12-31"}, for example.
    """
    agreed = change_of(changes.read())
    lifecycle = session.services.lifecycle
    found = await lifecycle.change(TenantId(tenant.lower()), agreed, by=session.actor)
    return _changed(found, tenant)


@command(app, "suspend")
async def suspend(
    session: Session,
    tenant: TenantArgument,
    *,
    why: Annotated[str, typer.Option(help="For the audit; names nobody.")] = "",
) -> Answer:
    """Nothing is planned any more, and a run under way is the last. What was delivered stays."""
    lifecycle = session.services.lifecycle
    found = await lifecycle.suspend(TenantId(tenant.lower()), by=session.actor, why=why)
    return _changed(found, tenant)


@command(app, "resume")
async def resume(session: Session, tenant: TenantArgument) -> Answer:
    """Serves a suspended tenant again: the next reports cover the time in between."""
    found = await session.services.lifecycle.resume(TenantId(tenant.lower()), by=session.actor)
    return _changed(found, tenant)


def _changed(found: Tenant | None, asked: str) -> Answer:
    if found is None:
        raise RefusedError(f"no such tenant: {asked}")
    return Record(_row(found))


@command(app, "offboard")
async def offboard(
    session: Session,
    tenant: TenantArgument,
    *,
    confirm: Annotated[
        str, typer.Option(metavar="TENANT", help="The tenant id again: everything is deleted.")
    ],
) -> Answer:
    """Ends the service and deletes everything stored of a tenant; gives the proof of it.

    Asked again, it says how far the deletion got.
    """
    if confirm.lower() != tenant.lower():
        raise RefusedError("--confirm is not the tenant's id: nothing was done")
    services = session.services
    proof = await services.offboarding.begin(TenantId(tenant.lower()), by=session.actor)
    if proof is None:
        raise RefusedError(f"no such tenant: {tenant}")
    return Record(_proof(proof))


def _proof(proof: Proof) -> Fields:
    return {
        "tenant": proof.tenant_id,
        "number": proof.number,
        "phase": proof.phase.value,
        "begun": proof.begun,
        "begun_by": proof.begun_by,
        "resumes": proof.resumes,
        "closed": proof.closed,
        "deleted": [
            {"kind": kind, "count": found.count, "oldest": found.oldest, "newest": found.newest}
            for kind, found in sorted(proof.deleted.items())
        ],
        "late": [
            {"kind": kind, "count": found.count} for kind, found in sorted(proof.late.items())
        ],
    }


@command(app, "audit")
async def audit(
    session: Session,
    tenant: TenantArgument,
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 200,
) -> Answer:
    """Who did what to a tenant, newest first."""
    entries = await session.services.audit.entries(TenantId(tenant.lower()), limit=limit)
    if not entries:
        await tenant_of(session, tenant)
    rows = [
        {
            "at": entry.at,
            "act": entry.act.value,
            "actor": entry.actor,
            "subject": entry.subject,
            "detail": entry.detail,
        }
        for entry in entries
    ]
    return Listing(rows, none="nothing is written down of this tenant")
