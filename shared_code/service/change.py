"""Change: what an engineer may change of a tenant, checked field by field before anything is written."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict, replace

from shared_code.core.report import ReportType
from shared_code.core.tenant import (
    LinkOptions,
    Months,
    Retention,
    Subscription,
    Tenant,
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


class Ordered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays; a cadence of null is the report's own."""

    since: datetime | UnsetType = UNSET
    cadence: Annotated[str, Meta(max_length=100)] | UnsetType | None = UNSET
    retention: Months | UnsetType | None = UNSET


class Linking(LinkOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is; null for a report takes away what was said about it."""

    customer: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    subscriptions: dict[str, Ordered | None] | UnsetType = UNSET
    contacts: Annotated[tuple[Addressee, ...], Meta(max_length=100)] | UnsetType = UNSET
    privacy: dict[str, Approval | None] | UnsetType = UNSET
    options: dict[str, dict[str, object] | None] | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    german: German | UnsetType = UNSET
    time_zone: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    digest: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    service_end: date | UnsetType | None = UNSET
    retention: Retention | UnsetType = UNSET
    links: Linking | UnsetType = UNSET

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for name, value in asdict(self).items() if value is not UNSET)


def change_of(body: bytes) -> Change:
    """Raises FieldInvalid, without what was sent in the field."""
    return read(body, Change)


def changed(
    tenant: Tenant, change: Change, *, reports: Mapping[str, ReportType], now: datetime
) -> Tenant:
    """The tenant as it will be. Raises FieldInvalid."""
    whole = {name: getattr(change, name) for name in change.fields}
    parts = {"subscriptions", "contacts", "privacy", "options", "links"}
    after = replace(tenant, **{name: v for name, v in whole.items() if name not in parts})
    if change.links is not UNSET:
        after = replace(after, links=LinkOptions(**asdict(change.links)))
    zone = zone_named(after.time_zone)
    if change.customer is not UNSET:
        check_customer(change.customer)
    if after.service_end and after.service_end != tenant.service_end:
        check_end(after.service_end, zone, now=now)
    if change.digest is not UNSET:
        check_cadence("digest", change.digest, zone, now=now)
    after = _with_subscriptions(after, change, zone, reports=reports, now=now)
    after = _with_contacts(after, change, reports)
    after = _with_privacy(after, change, reports)
    return _with_options(after, change, reports)


def _with_subscriptions(
    tenant: Tenant,
    change: Change,
    zone: ZoneInfo,
    *,
    reports: Mapping[str, ReportType],
    now: datetime,
) -> Tenant:
    if change.subscriptions is UNSET:
        return tenant
    check_reports("subscriptions", change.subscriptions, reports)
    found = dict(tenant.subscriptions)
    for name, ordered in change.subscriptions.items():
        if ordered is None:
            found.pop(name, None)
            continue
        _check_ordered(name, ordered, zone, now=now)
        said = {field: v for field, v in asdict(ordered).items() if v is not UNSET}
        found[name] = replace(found.get(name) or Subscription(since=now), **said)
    return replace(tenant, subscriptions=found)


def _check_ordered(name: str, ordered: Ordered, zone: ZoneInfo, *, now: datetime) -> None:
    field = f"subscriptions.{name}"
    if ordered.since is not UNSET:
        checked_since(f"{field}.since", ordered.since, now=now)
    if ordered.cadence is not UNSET and ordered.cadence is not None:
        check_cadence(f"{field}.cadence", ordered.cadence, zone, now=now)


def _with_contacts(tenant: Tenant, change: Change, reports: Mapping[str, ReportType]) -> Tenant:
    if change.contacts is UNSET:
        return tenant
    return replace(tenant, contacts=agreed_contacts(change.contacts, reports))


def _with_privacy(tenant: Tenant, change: Change, reports: Mapping[str, ReportType]) -> Tenant:
    if change.privacy is UNSET:
        return tenant
    chosen = tenant.privacy | agreed_privacy(change.privacy, reports)
    return replace(tenant, privacy={n: c for n, c in chosen.items() if c})


def _with_options(tenant: Tenant, change: Change, reports: Mapping[str, ReportType]) -> Tenant:
    if change.options is UNSET:
        return tenant
    check_options(change.options, reports)
    chosen = {n: o for n, o in (tenant.options | change.options).items() if o is not None}
    return replace(tenant, options=chosen)
