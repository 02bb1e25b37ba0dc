"""Terms: what can be agreed with a tenant, checked the same way when it is invited and when it changes."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import asdict

from shared_code.core.errors import ConfigurationError, FieldInvalid
from shared_code.core.privacy import Privacy
from shared_code.core.report import ReportType
from shared_code.core.tenant import Contact, PrivacyChoice
from shared_code.service.due import due_instants, instant_of, zone_of
from shared_code.service.fields import joined, refused

_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
# Control signs, ends of lines, and what turns the direction of writing around.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_LONGEST_NAME = 200
_A_YEAR = timedelta(days=366)
# A slip of the pen in the year would be hundreds of runs.
_LONGEST_AGO = timedelta(days=92)


class Addressee(Contact, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Approval(PrivacyChoice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def read[T](body: bytes, kind: type[T]) -> T:
    """Raises FieldInvalid, without what was sent in the field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise FieldInvalid(*refused(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise FieldInvalid("body", "not JSON") from None


def zone_named(name: str) -> ZoneInfo:
    try:
        return zone_of(name)
    except ConfigurationError:
        raise FieldInvalid("time_zone", "no such name in the IANA database") from None


def check_customer(name: str) -> None:
    is_seen = any(sign.isprintable() and not sign.isspace() for sign in name)
    if _CONTROL.search(name) or not is_seen or len(name) > _LONGEST_NAME:
        raise FieldInvalid("customer", "not a name")


def check_end(last_day: date, zone: ZoneInfo, *, now: datetime) -> None:
    if last_day < now.astimezone(zone).date():
        raise FieldInvalid(
            "service_end",
            "over already: suspend the tenant to stop now, offboard it to delete what is stored",
        )


def check_reports(field: str, names: Iterable[str], reports: Mapping[str, ReportType]) -> None:
    if set(names) - set(reports):
        raise FieldInvalid(field, "no such report")


def checked_since(field: str, since: datetime, *, now: datetime) -> datetime:
    """In UTC."""
    try:
        instant = instant_of(since)
    except ConfigurationError as error:
        raise FieldInvalid(field, str(error).removeprefix("since: ")) from None
    if instant < now - _LONGEST_AGO:
        raise FieldInvalid(field, f"more than {_LONGEST_AGO.days} days ago")
    if instant > now + _A_YEAR:
        raise FieldInvalid(field, "more than a year ahead")
    return instant


def check_cadence(field: str, cadence: str, zone: ZoneInfo, *, now: datetime) -> None:
    try:
        upcoming = due_instants(cadence, zone, after=now, until=now + _A_YEAR)
        first = list(islice(upcoming, 2))
    except ConfigurationError:
        raise FieldInvalid(field, "not five cron fields") from None
    if not first:
        raise FieldInvalid(field, "never comes round")
    if len(first) > 1 and first[1] - first[0] < timedelta(hours=20):
        raise FieldInvalid(field, "more often than once a day")


def agreed_contacts(
    contacts: Collection[Addressee], reports: Mapping[str, ReportType]
) -> tuple[Contact, ...]:
    for n, contact in enumerate(contacts):
        if not (_ADDRESS.fullmatch(contact.address) and contact.address.isprintable()):
            raise FieldInvalid(f"contacts[{n}].address", "not an email address")
        check_reports(f"contacts[{n}].reports", contact.reports, reports)
    return tuple(Contact(**asdict(contact)) for contact in contacts)


def agreed_privacy(
    choices: Mapping[str, Approval | None], reports: Mapping[str, ReportType]
) -> dict[str, PrivacyChoice | None]:
    """Names that a report does not show by itself need an approval in writing."""
    check_reports("privacy", choices, reports)
    for name, choice in choices.items():
        is_more_open = (
            choice is not None
            and choice.mode is Privacy.NAMED
            and reports[name].privacy is not Privacy.NAMED
        )
        if choice and is_more_open and not (choice.approved_by.strip() and choice.approved_on):
            raise FieldInvalid(f"privacy.{name}", "who approved it, and when, is missing")
    return {name: c and PrivacyChoice(**asdict(c)) for name, c in choices.items()}


def check_options(
    chosen: Mapping[str, Mapping[str, object] | None], reports: Mapping[str, ReportType]
) -> None:
    check_reports("options", chosen, reports)
    for name, choice in chosen.items():
        try:
            if choice is not None:
                msgspec.convert(choice, reports[name].options)
        except msgspec.ValidationError as error:
            field, problem = refused(str(error))
            raise FieldInvalid(joined(f"options.{name}", field), problem) from None
