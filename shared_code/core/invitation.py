"""Invitation: what was agreed with a customer, waiting for the consent of its admin."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec
from msgspec.structs import replace

from shared_code.core.report import ReportType
from shared_code.core.tenant import Tenant, TenantId

InvitationId = NewType("InvitationId", str)


class InvitationState(StrEnum):
    """OPEN -> CHECKING -> COMPLETED; a later invitation of the tenant withdraws the earlier."""

    OPEN = "open"
    CHECKING = "checking"  # the admin came back from Microsoft; not verified yet
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """`agreed` is the tenant as the engineer wrote it, whatever the tenant is by now."""

    id: InvitationId
    tenant_id: TenantId
    agreed: Tenant
    created: datetime
    expires: datetime
    created_by: str  # object id of the engineer
    state: InvitationState = InvitationState.OPEN
    used: datetime | None = None

    @property
    def is_usable(self) -> bool:
        return self.state in (InvitationState.OPEN, InvitationState.CHECKING)


class StateClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What the `state` of a consent says by itself."""

    id: InvitationId
    tenant_id: TenantId
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One application permission; `reports` are those of the customer that need it."""

    permission: str
    reports: tuple[ReportType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What the customer's admin sees; `missing` are permissions that were not granted yet."""

    invitation: Invitation
    tenant: Tenant  # as it will be
    reports: tuple[ReportType, ...]
    asks: tuple[Ask, ...]
    consent_address: str
    page_address: str
    missing: tuple[str, ...] = ()

    @property
    def needed(self) -> frozenset[str]:
        """Permissions of the reports that were ordered."""
        return frozenset(p for report in self.reports for p in report.permissions)


def agreed_with(known: Tenant, invitation: Invitation) -> Tenant:
    """The tenant once consent is there: one that is served already gets what is new in addition."""
    agreed = invitation.agreed
    if not known.is_served:
        return known
    return replace(
        known,
        customer=agreed.customer,
        language=agreed.language,
        german=agreed.german,
        time_zone=agreed.time_zone,
        subscriptions=known.subscriptions | agreed.subscriptions,
        privacy=known.privacy | agreed.privacy,
        options=known.options | agreed.options,
        contacts=agreed.contacts or known.contacts,
        service_start=known.service_start or agreed.service_start,
        service_end=agreed.service_end or known.service_end,
    )
