"""Invites a tenant: checks what was agreed, writes it down, and makes the address for its admin."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Annotated
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec

from shared_code.core.audit import Act, Entry
from shared_code.core.errors import ConfigurationError, MessageMalformed, NotInvitable
from shared_code.core.invitation import Invitation, InvitationId, InvitationState
from shared_code.core.ports import Audit, Clock, Domains, Filed, Invitations, StateSigner, Tenants
from shared_code.core.privacy import Privacy
from shared_code.core.report import ReportType
from shared_code.core.tenant import (
    Contact,
    PrivacyChoice,
    Subscription,
    Tenant,
    TenantId,
    TenantState,
)
from shared_code.core.text import German, Language
from shared_code.service.due import due_instants, instant_of, zone_of

_TENANT = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}"
)
_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LARGEST = 2**16
_A_YEAR = timedelta(days=366)
_CLOSED = (TenantState.SUSPENDED, TenantState.OFFBOARDING, TenantState.OFFBOARDED)


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
    time_zone: str = "Europe/Vienna"
    privacy: dict[str, PrivacyChoice] = {}
    options: dict[str, dict[str, object]] = {}
    contacts: Annotated[tuple[Contact, ...], msgspec.Meta(max_length=100)] = ()
    service_start: date | None = None  # None: today
    service_end: date | None = None
    days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 14  # the invitation is good for


def offer_of(body: bytes) -> Offer:
    """Raises MessageMalformed naming the field, without what was sent in it."""
    if len(body) > _LARGEST:
        raise MessageMalformed("body: too large")
    try:
        return msgspec.json.decode(body, type=Offer)
    except msgspec.ValidationError as error:
        _, _, place = str(error).partition(" - at `$")
        field = place.rstrip("`").lstrip(".")
        missing = re.search(r"missing required field `(\w+)`", str(error))
        named = ".".join(part for part in (field, missing[1] if missing else "") if part)
        raise MessageMalformed(f"{named or 'body'}: missing, unknown or not valid") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MessageMalformed("body: not JSON") from error


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
        """Raises MessageMalformed naming the field, NotInvitable, or UpstreamError.

        A tenant that is served stays as it is until its admin consented again; the invitations
        it got before are no longer good.
        """
        zone = _zone(offer)
        self._check(offer, zone)
        tenant_id = await self._tenant_id(offer.tenant)
        known = await self.tenants.get(tenant_id)
        if known and known.state in _CLOSED:
            raise NotInvitable(f"{tenant_id} is {known.state}")
        agreed = self._agreed(offer, tenant_id, zone)
        invitation = self._invitation(agreed, offer, created_by)
        await self._withdraw_others(tenant_id)
        await self.invitations.add(invitation)
        if known is None or not known.is_served:
            await self.tenants.save(agreed)
        await self._record(invitation)
        address = f"{self.public_url}/onboarding/{self.signer.sign(invitation)}"
        return Sent(invitation, address)

    async def _tenant_id(self, text: str) -> TenantId:
        name = text.strip().lower()
        found = await self.domains.tenant_of(name) if _TENANT.fullmatch(name) else None
        if found is None:
            raise MessageMalformed("tenant: no tenant id and no domain that Entra knows")
        return found

    def _check(self, offer: Offer, zone: ZoneInfo) -> None:
        for field, names in (
            ("subscriptions", offer.subscriptions),
            ("privacy", offer.privacy),
            ("options", offer.options),
            ("contacts", [name for contact in offer.contacts for name in contact.reports]),
        ):
            if set(names) - set(self.reports):
                raise MessageMalformed(f"{field}: no such report")
        if _CONTROL.search(offer.customer) or not offer.customer.strip():
            raise MessageMalformed("customer: not a name")
        for contact in offer.contacts:
            if not _ADDRESS.fullmatch(contact.address):
                raise MessageMalformed("contacts: not an email address")
        for name, ordered in offer.subscriptions.items():
            _check_ordered(name, ordered, zone, now=self.clock())
        for name, choice in offer.privacy.items():
            _check_choice(self.reports[name], choice)
        if offer.service_end and offer.service_end <= self._start(offer, zone):
            raise MessageMalformed("service_end: not after the start")

    def _start(self, offer: Offer, zone: ZoneInfo) -> date:
        return offer.service_start or self.clock().astimezone(zone).date()

    def _agreed(self, offer: Offer, tenant_id: TenantId, zone: ZoneInfo) -> Tenant:
        start = self._start(offer, zone)
        beginning = instant_of(datetime.combine(start, time(), zone))
        name = offer.tenant.strip().lower()
        agreed = Tenant(
            id=tenant_id,
            customer=offer.customer.strip(),
            domain="" if name == tenant_id else name,  # the directory says it once it may be asked
            language=offer.language,
            german=offer.german,
            time_zone=zone.key,
            subscriptions={
                name: Subscription(
                    since=instant_of(ordered.since) if ordered.since else beginning,
                    cadence=ordered.cadence,
                )
                for name, ordered in offer.subscriptions.items()
            },
            privacy=offer.privacy,
            options=offer.options,
            contacts=offer.contacts,
            service_start=start,
            service_end=offer.service_end,
        )
        for name in offer.options:
            try:
                self.reports[name].options_of(agreed)
            except ConfigurationError:
                raise MessageMalformed(f"options: not as {name} has them") from None
        return agreed

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

    async def _withdraw_others(self, tenant_id: TenantId) -> None:
        for filed in await self.invitations.of(tenant_id):
            current: Filed | None = filed
            while current and current.invitation.is_usable:
                moved = await self.invitations.move(
                    current, InvitationState.WITHDRAWN, at=self.clock()
                )
                if moved:
                    break
                current = await self.invitations.get(tenant_id, filed.invitation.id)

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


def _zone(offer: Offer) -> ZoneInfo:
    try:
        return zone_of(offer.time_zone)
    except ConfigurationError as error:
        raise MessageMalformed("time_zone: no such name in the IANA database") from error


def _check_ordered(name: str, ordered: Ordered, zone: ZoneInfo, *, now: datetime) -> None:
    if ordered.since and ordered.since.tzinfo is None:
        raise MessageMalformed(f"subscriptions.{name}.since: a time without its zone")
    if ordered.cadence is None:
        return
    try:
        upcoming = due_instants(ordered.cadence, zone, after=now, until=now + _A_YEAR)
        first = next(islice(upcoming, 1), None)
    except ConfigurationError:
        first = None
    if first is None:
        raise MessageMalformed(f"subscriptions.{name}.cadence: not five cron fields") from None


def _check_choice(report: ReportType, choice: PrivacyChoice) -> None:
    """Names that a report does not show by itself need an approval in writing."""
    is_more_open = choice.mode is Privacy.NAMED and report.privacy is not Privacy.NAMED
    if is_more_open and not (choice.approved_by and choice.approved_on):
        raise MessageMalformed(f"privacy.{report.name}: who approved it, and when")
