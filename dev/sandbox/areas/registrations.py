"""Registered sign-in methods: a rollout of MFA over years, and the devices people gain and lose."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from struct import unpack
from typing import Any

from dev.sandbox.clock import DAY, WEEK, YEAR, graph_time, seconds
from dev.sandbox.hostile import HOSTILE_NAMES
from dev.sandbox.people import Guest, Member, draw
from dev.sandbox.population import Population
from dev.sandbox.resources import Resource
from dev.sandbox.roles import role_people

# Shares of all members, each invented.
_NEVER_PERCENT = 4
_BY_PHONE_PERCENT = 55
_BLOCKED_PERCENT = 1
_SSPR_PERCENT = 90
_BEGIN = seconds(datetime(2024, 1, 1, tzinfo=UTC))
# People register one after the other for so long; most of them early.
_SPAN = 3 * YEAR
_STRONG = (
    "windowsHelloForBusiness",
    "passKeyDeviceBoundAuthenticator",
    "fido2SecurityKey",
    "windowsHelloForBusiness",
    "macOsSecureEnclaveKey",
)


def _lots(population: Population, number: int) -> tuple[int, ...]:
    return unpack("<8I", draw(population.customer.seed, "mfa", number)[:32])


def methods(member: Member, lots: tuple[int, ...], *, is_admin: bool) -> list[str]:
    """What somebody has registered by now: a phone or an app first, something better later."""
    never, moment, phone, better, strong, device, *_ = lots
    if is_admin and _is_late(member.at, device):
        return []
    if never % 100 < _NEVER_PERCENT:
        return ["email"] if never % 2 else []
    waited = (moment % _SPAN) ** 2 // _SPAN
    since = max(_BEGIN + (waited // 4 if is_admin else waited), member.created)
    if member.at < since:
        return []
    found = ["mobilePhone"]
    is_on_phone = phone % 100 < _BY_PHONE_PERCENT and not is_admin
    if not is_on_phone or member.at > since + better % (2 * YEAR):
        found += ["microsoftAuthenticatorPush", "softwareOneTimePasscode"]
    if strong % 3 == 0 and member.at > since + (
        26 * WEEK if is_admin else 26 * WEEK + better % YEAR
    ):
        found.append(_STRONG[strong % len(_STRONG)])
    return found if _has_device(member.at, device) else found[:-1] or ["email"]


def _is_late(at: int, device: int) -> bool:
    """One admin in four puts it off, or loses everything, for some weeks of the year."""
    return device % 4 == 0 and (at + device) % (30 * WEEK) < 12 * WEEK


def _has_device(at: int, device: int) -> bool:
    """One in six changes the telephone now and then, and is without it for a while."""
    length = 20 * WEEK + device % (40 * WEEK)
    return device % 6 != 0 or (at + device) % length > 3 * WEEK


def _row(person: Member | Guest, found: list[str], *, is_admin: bool, sspr: bool) -> dict[str, Any]:
    factors = [method for method in found if method != "email"]
    is_blocked = bool(factors) and person.lot[2] % 100 < _BLOCKED_PERCENT
    registered_sspr = len(found) > 1 or is_admin
    return {
        "id": person.id,
        "userPrincipalName": person.user_principal_name,
        "userDisplayName": person.display_name or "",
        "userType": person.user_type.lower(),
        "isAdmin": is_admin,
        "isSsprRegistered": registered_sspr,
        "isSsprEnabled": sspr,
        "isSsprCapable": sspr and registered_sspr,
        "isMfaRegistered": bool(factors),
        "isMfaCapable": bool(factors) and not is_blocked,
        "isPasswordlessCapable": not set(_STRONG).isdisjoint(found),
        "methodsRegistered": found,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": ["push"] if len(factors) > 1 else [],
        "userPreferredMethodForSecondaryAuthentication": "push" if len(factors) > 1 else "none",
        "lastUpdatedDateTime": graph_time(person.at - person.at % DAY),
    }


def registrations(population: Population, start: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """From a position on. Disabled accounts are not in Microsoft's report."""
    admins = role_people(population).keys()
    for position, person in population.users(start):
        if not person.account_enabled:
            continue
        if isinstance(person, Guest):
            yield position, _row(person, [], is_admin=person.id in admins, sspr=False)
            continue
        lots, is_admin = _lots(population, person.number), person.id in admins
        found = methods(person, lots, is_admin=is_admin)
        if person.hostile:
            found = [*found, str(HOSTILE_NAMES[person.number // 4 % len(HOSTILE_NAMES)] or "")]
        sspr = is_admin or lots[6] % 100 < _SSPR_PERCENT
        yield position, _row(person, found, is_admin=is_admin, sspr=sspr)


RESOURCES = (
    Resource(
        path=re.compile("/reports/authenticationMethods/userRegistrationDetails"),
        context="reports/authenticationMethods/userRegistrationDetails",
        entity="microsoft.graph.userRegistrationDetails",
        permissions=frozenset({"AuditLog.Read.All"}),
        walk=registrations,
        needs_p1=True,
    ),
)
