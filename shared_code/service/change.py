"""Change: what an engineer may change of a tenant, checked field by field before anything is written."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import asdict, replace

from shared_code.core.errors import ConfigurationError, FieldInvalid
from shared_code.core.privacy import Privacy
from shared_code.core.report import ReportType
from shared_code.core.tenant import (
    Contact,
    LinkOptions,
    Months,
    PrivacyChoice,
    Retention,
    Subscription,
    Tenant,
)
from shared_code.core.text import German, Language
from shared_code.service.due import due_instants, instant_of, zone_of
from shared_code.service.fields import joined, refused

_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_A_YEAR = timedelta(days=366)
# A slip of the pen in the year would be hundreds of runs.
_LONGEST_AGO = timedelta(days=92)


class Ordered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays; a cadence of null is the report's own."""

    since: datetime | UnsetType = UNSET
    cadence: Annotated[str, Meta(max_length=100)] | UnsetType | None = UNSET
    retention: Months | UnsetType | None = UNSET


class Addressee(Contact, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Approval(PrivacyChoice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


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
    try:
        return msgspec.json.decode(body, type=Change)
    except msgspec.ValidationError as error:
        raise FieldInvalid(*refused(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise FieldInvalid("body", "not JSON") from None


def changed(
    tenant: Tenant, change: Change, *, reports: Mapping[str, ReportType], now: datetime
) -> Tenant:
    """The tenant as it will be. Raises FieldInvalid."""
    whole = {name: getattr(change, name) for name in change.fields}
    parts = {"subscriptions", "contacts", "privacy", "options", "links"}
    after = replace(tenant, **{name: v for name, v in whole.items() if name not in parts})
    if change.links is not UNSET:
        after = replace(after, links=LinkOptions(**asdict(change.links)))
    zone = _zone(after)
    if change.customer is not UNSET and (
        _CONTROL.search(change.customer) or not change.customer.strip()
    ):
        raise FieldInvalid("customer", "not a name")
    if change.digest is not UNSET:
        _check_cron("digest", change.digest, zone, now=now)
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
    _check_reports("subscriptions", change.subscriptions, reports)
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
        try:
            since = instant_of(ordered.since)
        except ConfigurationError:
            raise FieldInvalid(f"{field}.since", "a time without its zone") from None
        if since < now - _LONGEST_AGO:
            raise FieldInvalid(f"{field}.since", f"more than {_LONGEST_AGO.days} days ago")
    if ordered.cadence is not UNSET and ordered.cadence is not None:
        _check_cron(f"{field}.cadence", ordered.cadence, zone, now=now)


def _check_cron(field: str, cadence: str, zone: ZoneInfo, *, now: datetime) -> None:
    try:
        upcoming = due_instants(cadence, zone, after=now, until=now + _A_YEAR)
        first = list(islice(upcoming, 2))
    except ConfigurationError:
        raise FieldInvalid(field, "not five cron fields") from None
    if not first:
        raise FieldInvalid(field, "never comes round")
    if len(first) > 1 and first[1] - first[0] < timedelta(hours=20):
        raise FieldInvalid(field, "more often than once a day")


def _with_contacts(tenant: Tenant, change: Change, reports: Mapping[str, ReportType]) -> Tenant:
    if change.contacts is UNSET:
        return tenant
    for n, contact in enumerate(change.contacts):
        if not _ADDRESS.fullmatch(contact.address):
            raise FieldInvalid(f"contacts[{n}].address", "not an email address")
        _check_reports(f"contacts[{n}].reports", contact.reports, reports)
    return replace(tenant, contacts=tuple(Contact(**asdict(c)) for c in change.contacts))


def _with_privacy(tenant: Tenant, change: Change, reports: Mapping[str, ReportType]) -> Tenant:
    if change.privacy is UNSET:
        return tenant
    _check_reports("privacy", change.privacy, reports)
    for name, choice in change.privacy.items():
        # Names that a report does not show by itself need an approval in writing.
        is_more_open = (
            choice is not None
            and choice.mode is Privacy.NAMED
            and reports[name].privacy is not Privacy.NAMED
        )
        if choice and is_more_open and not (choice.approved_by.strip() and choice.approved_on):
            raise FieldInvalid(f"privacy.{name}", "who approved it, and when, is missing")
    chosen = tenant.privacy | {
        n: c and PrivacyChoice(**asdict(c)) for n, c in change.privacy.items()
    }
    return replace(tenant, privacy={n: c for n, c in chosen.items() if c})


def _with_options(tenant: Tenant, change: Change, reports: Mapping[str, ReportType]) -> Tenant:
    if change.options is UNSET:
        return tenant
    _check_reports("options", change.options, reports)
    chosen = {n: o for n, o in (tenant.options | change.options).items() if o is not None}
    after = replace(tenant, options=chosen)
    for name, choice in change.options.items():
        try:
            if choice is not None:
                msgspec.convert(choice, reports[name].options)
        except msgspec.ValidationError as error:
            field, problem = refused(str(error))
            raise FieldInvalid(joined(f"options.{name}", field), problem) from None
    return after


def _check_reports(field: str, names: Iterable[str], reports: Mapping[str, ReportType]) -> None:
    if set(names) - set(reports):
        raise FieldInvalid(field, "no such report")


def _zone(tenant: Tenant) -> ZoneInfo:
    try:
        return zone_of(tenant.time_zone)
    except ConfigurationError:
        raise FieldInvalid("time_zone", "no such name in the IANA database") from None
