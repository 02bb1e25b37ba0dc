"""Tenant: one customer's Entra directory and what the customer ordered."""

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, NewType

import msgspec

from shared_code.core.privacy import Privacy
from shared_code.core.text import German, Language

TenantId = NewType("TenantId", str)

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_tenant_id(text: str) -> bool:
    """In small letters, as Entra writes it: anything else would be another key."""
    return _ID.fullmatch(text) is not None


type Months = Annotated[int, msgspec.Meta(ge=1, le=120)]


class TenantState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    OFFBOARDING = "offboarding"
    OFFBOARDED = "offboarded"

    @property
    def is_gone(self) -> bool:
        """Links are dead and there is no portal: what is left is being deleted."""
        return self in (TenantState.OFFBOARDING, TenantState.OFFBOARDED)

    @property
    def is_closed(self) -> bool:
        """No invitation opens it again: that is for an engineer to do."""
        return self is TenantState.SUSPENDED or self.is_gone


class PrivacyChoice(msgspec.Struct, frozen=True, kw_only=True):
    """How one report treats people, and who approved it in writing (a body, not a person)."""

    mode: Privacy
    approved_by: str = ""
    approved_on: date | None = None


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets the digest; `reports` empty: all that the tenant ordered."""

    address: str
    language: Language = Language.DE
    reports: frozenset[str] = frozenset()


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """One report type ordered by a tenant; reports are due after `since`."""

    since: datetime
    cadence: str | None = None  # None: the report type's own
    resumed: datetime | None = None  # nothing was due while the tenant was suspended
    retention: Months | None = None  # of this report's runs; None: the tenant's

    @property
    def begins(self) -> datetime:
        return max(self.since, self.resumed) if self.resumed else self.since


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many months what is kept is kept."""

    runs: Months = 24  # with their files
    records: Months = 24  # audit, openings, digests
    points: Months = 60  # figures over time, without people


class LinkOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a tenant wants of its links; None: what the service does by itself.

    A change counts for links that were issued before, too.
    """

    lifetime_days: Annotated[int, msgspec.Meta(ge=1, le=366)] | None = None
    sign_in_required: bool = False
    allowed_opens: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None

    def lifetime(self, *, default: timedelta) -> timedelta:
        return timedelta(days=self.lifetime_days) if self.lifetime_days else default


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """Keyed by `id`, always: names and domains change, and two customers may share a name."""

    id: TenantId
    customer: str
    domain: str
    state: TenantState = TenantState.INVITED
    language: Language = Language.DE
    german: German = German.AUSTRIA
    time_zone: str = "Europe/Vienna"
    subscriptions: dict[str, Subscription] = {}
    privacy: dict[str, PrivacyChoice] = {}
    options: dict[str, dict[str, object]] = {}  # by report; its type says which there are
    contacts: tuple[Contact, ...] = ()
    links: LinkOptions = LinkOptions()
    digest: str = "0 8 * * MON"  # when the digest is mailed: five cron fields in `time_zone`
    service_start: date | None = None  # as the contract has it
    service_end: date | None = None  # the last day of service, in `time_zone`
    retention: Retention = Retention()

    def privacy_of(self, report: str, *, default: Privacy) -> Privacy:
        """Names that a report does not show by itself need an approval in writing."""
        choice = self.privacy.get(report)
        if choice is None:
            return default
        is_more_open = choice.mode is Privacy.NAMED and default is not Privacy.NAMED
        return default if is_more_open and not choice.approved_by else choice.mode

    def months_of(self, report: str) -> int:
        """How long its runs are kept."""
        subscription = self.subscriptions.get(report)
        return (subscription and subscription.retention) or self.retention.runs

    @property
    def is_served(self) -> bool:
        """Runs are planned. Withdrawn consent too: the run says so, and notices when it is back."""
        return self.state in (TenantState.ACTIVE, TenantState.CONSENT_WITHDRAWN)
