"""Invites a tenant: checks what was agreed, writes it down, and makes the address for its admin."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec

from shared_code.core.audit import Act, Entry
from shared_code.core.errors import FieldInvalid, NotInvitable
from shared_code.core.invitation import Invitation, InvitationId, InvitationState
from shared_code.core.ports import Audit, Clock, Domains, Filed, Invitations, StateSigner, Tenants
from shared_code.core.report import ReportType
from shared_code.core.tenant import (
    Subscription,
    Tenant,
    TenantId,
    TenantState,
    is_tenant_id,
)
from shared_code.core.text import German, Language
from shared_code.service.terms import (
    Addressee,
    Approval,
    agreed_contacts,
    agreed_privacy,
    check_cadence,
    check_customer,
    check_end,
    check_options,
    check_reports,
    checked_since,
    read,
    zone_named,
)

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class Ordered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`since` None: from the start of the service on."""

    since: datetime | None = None
    cadence: Annotated[str, msgspec.Meta(max_length=100)] | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an engineer writes; `tenant` is its id or one of its domains."""

    tenant: Annotated[str, msgspec.Meta(min_length=1, max_length=253)]
    customer: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    subscriptions: Annotated[dict[str, Ordered], msgspec.Meta(min_length=1)]
    language: Language = Language.DE
    german: German = German.AUSTRIA
    time_zone: Annotated[str, msgspec.Meta(max_length=100)] = "Europe/Vienna"
    privacy: dict[str, Approval] = {}
    options: dict[str, dict[str, object]] = {}
    contacts: Annotated[tuple[Addressee, ...], msgspec.Meta(max_length=100)] = ()
    service_start: date | None = None  # None: today
    service_end: date | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 14  # the invitation is good for


def offer_of(body: bytes) -> Offer:
    """Raises FieldInvalid, without what was sent in the field."""
    return read(body, Offer)


@dataclass(frozen=True, slots=True)
class Sent:
    """`address` is a secret: whoever has it sees what was agreed."""

    invitation: Invitation
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inviting:
    tenants: Tenants
    invitations: Invitations
    domains: Domains
    signer: StateSigner
    audit: Audit
    reports: Mapping[str, ReportType]
    clock: Clock
    public_url: str

    async def invite(self, offer: Offer, *, created_by: str) -> Sent:
        """Raises FieldInvalid, NotInvitable, or UpstreamError.

        A tenant that is served stays as it is until its admin consented again; the invitations
        it got before are no longer good.
        """
        zone = zone_named(offer.time_zone)
        self._check(offer, zone)
        tenant_id = await self._tenant_id(offer.tenant)
        known = await self.tenants.get(tenant_id)
        if known and known.state.is_closed:
            raise NotInvitable(f"{tenant_id} is {known.state}")
        agreed = self._agreed(offer, tenant_id, zone)
        invitation = self._invitation(agreed, offer, created_by)
        await self._withdraw(await self._usable(tenant_id))
        await self.invitations.add(invitation)
        await self._stand_alone(invitation)
        await self._file(agreed)
        await self._record(invitation)
        address = f"{self.public_url}/onboarding/{self.signer.sign(invitation)}"
        return Sent(invitation, address)

    async def _tenant_id(self, text: str) -> TenantId:
        name = text.strip().lower()
        is_name = is_tenant_id(name) or _DOMAIN.fullmatch(name)
        found = await self.domains.tenant_of(name) if is_name else None
        if found is None:
            raise FieldInvalid("tenant", "no tenant id and no domain that Entra knows")
        return found

    def _check(self, offer: Offer, zone: ZoneInfo) -> None:
        check_customer(offer.customer)
        check_reports("subscriptions", offer.subscriptions, self.reports)
        for name, ordered in offer.subscriptions.items():
            if ordered.cadence is not None:
                field = f"subscriptions.{name}.cadence"
                check_cadence(field, ordered.cadence, zone, now=self.clock())
        check_options(offer.options, self.reports)
        if offer.service_end:
            if offer.service_end <= self._start(offer, zone):
                raise FieldInvalid("service_end", "not after the start")
            check_end(offer.service_end, zone, now=self.clock())

    def _start(self, offer: Offer, zone: ZoneInfo) -> date:
        return offer.service_start or self.clock().astimezone(zone).date()

    def _agreed(self, offer: Offer, tenant_id: TenantId, zone: ZoneInfo) -> Tenant:
        start = self._start(offer, zone)
        beginning = datetime.combine(start, time(), zone)
        name = offer.tenant.strip().lower()
        privacy = agreed_privacy(offer.privacy, self.reports)
        return Tenant(
            id=tenant_id,
            customer=offer.customer.strip(),
            domain="" if name == tenant_id else name,  # the directory says it once it may be asked
            language=offer.language,
            german=offer.german,
            time_zone=zone.key,
            subscriptions={
                name: Subscription(
                    since=self._since(name, ordered, beginning), cadence=ordered.cadence
                )
                for name, ordered in offer.subscriptions.items()
            },
            privacy={name: c for name, c in privacy.items() if c},
            options=offer.options,
            contacts=agreed_contacts(offer.contacts, self.reports),
            service_start=start,
            service_end=offer.service_end,
        )

    def _since(self, name: str, ordered: Ordered, beginning: datetime) -> datetime:
        said = ordered.since
        field = f"subscriptions.{name}.since" if said else "service_start"
        return checked_since(field, said or beginning, now=self.clock())

    async def _file(self, agreed: Tenant) -> None:
        """Consent to an earlier invitation may come at any moment."""

        def invited(known: Tenant) -> Tenant:
            return agreed if known.state is TenantState.INVITED else known

        if await self.tenants.change(agreed.id, invited) is None:
            await self.tenants.save(agreed)

    def _invitation(self, agreed: Tenant, offer: Offer, created_by: str) -> Invitation:
        now = self.clock().replace(microsecond=0)
        return Invitation(
            id=InvitationId(str(uuid4())),
            tenant_id=agreed.id,
            agreed=agreed,
            created=now,
            expires=now + timedelta(days=offer.days),
            created_by=created_by,
        )

    async def _stand_alone(self, own: Invitation) -> None:
        """Of several that are made in the same moment, and none of which saw the others, one stays."""
        usable = await self._usable(own.tenant_id)
        ids = [filed.invitation.id for filed in usable]
        stays = max(ids, default=None)
        if own.id in ids:
            await self._withdraw([filed for filed in usable if filed.invitation.id != stays])
        if own.id != stays:
            raise NotInvitable(f"{own.tenant_id} was invited by somebody else in this moment")

    async def _usable(self, tenant_id: TenantId) -> list[Filed]:
        return [f for f in await self.invitations.of(tenant_id) if f.invitation.is_usable]

    async def _withdraw(self, some: Iterable[Filed]) -> None:
        for filed in some:
            current: Filed | None = filed
            while current and current.invitation.is_usable:
                if await self.invitations.move(current, InvitationState.WITHDRAWN, at=self.clock()):
                    break
                known = filed.invitation
                current = await self.invitations.get(known.tenant_id, known.id)

    async def _record(self, invitation: Invitation) -> None:
        await self.audit.record(
            Entry(
                tenant_id=invitation.tenant_id,
                at=self.clock(),
                act=Act.INVITED,
                actor=invitation.created_by,
                subject=invitation.id,
                detail=", ".join(sorted(invitation.agreed.subscriptions)),
            )
        )
