"""Tenant: one customer's Entra directory and what the customer ordered."""

from datetime import datetime
from enum import StrEnum
from typing import NewType

import msgspec

from shared_code.core.text import Language

TenantId = NewType("TenantId", str)


class TenantState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    OFFBOARDED = "offboarded"


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One report type ordered by a tenant; reports are due after `since`."""

    since: datetime
    cadence: str | None = None  # None: the report type's own


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """Keyed by `id`, always: names and domains change, and two customers may share a name."""

    id: TenantId
    customer: str
    domain: str
    state: TenantState = TenantState.INVITED
    language: Language = Language.DE
    time_zone: str = "Europe/Vienna"
    subscriptions: dict[str, Subscription] = {}

    @property
    def is_served(self) -> bool:
        """Runs are planned. Withdrawn consent too: the run says so, and notices when it is back."""
        return self.state in (TenantState.ACTIVE, TenantState.CONSENT_WITHDRAWN)
