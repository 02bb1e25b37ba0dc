"""Invented guests in the shape Graph gives them; the same number is always the same guest."""

from datetime import UTC, datetime, timedelta
from typing import Any

_GIVEN = ("Anke", "Jörg", "Käthe", "Uwe", "Wolfgang", "Theresia", "Amelia", "Isla", "Ayşe", "Jiří")
_FAMILY = ("Müller", "Weiß", "Böhm", "Huber", "Gruber", "Smith", "O'Connor", "Öztürk", "Nowak")
_FIRST = datetime(2021, 1, 4, 6, tzinfo=UTC)
_DOMAINS = 400
_EIGHTH = 8

# Odd, so that no two numbers below 2**128 share a product: ids look random and compress as badly.
_SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC835


def _lot(number: int) -> int:
    return (number + 1) * _SPREAD % 2**128


def _id(lot: int) -> str:
    text = f"{lot:032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _instant(lot: int) -> str:
    return f"{_FIRST + timedelta(seconds=lot % 150_000_000):%Y-%m-%dT%H:%M:%S}Z"


def guest(number: int) -> dict[str, Any]:
    lot = _lot(number)
    given = _GIVEN[lot // 7 % len(_GIVEN)]
    family = _FAMILY[lot // 11 % len(_FAMILY)]
    # The minimum of two draws: some partners send many guests, most a few.
    domain = f"partner{min(lot // 13 % _DOMAINS, lot // 17 % _DOMAINS)}.example"
    mailbox = f"{number:07}"
    return {
        "id": _id(lot),
        "displayName": f"{given} {family}",
        "mail": f"{mailbox}@{domain}",
        "userPrincipalName": f"{mailbox}_{domain}#EXT#@contoso.onmicrosoft.com",
        "accountEnabled": lot % 16 != 0,
        "externalUserState": "PendingAcceptance" if lot // 19 % _EIGHTH == 0 else "Accepted",
        "externalUserStateChangeDateTime": _instant(lot // 3),
        "createdDateTime": _instant(lot),
    }


def sign_in(number: int) -> dict[str, Any]:
    """Graph leaves `signInActivity` out for a guest who never came."""
    lot = _lot(number)
    if lot // 23 % _EIGHTH == 0:
        return {"id": _id(lot)}
    activity = {
        "lastSignInDateTime": _instant(lot // 5),
        "lastSignInRequestId": _id(lot // 5),
        "lastNonInteractiveSignInDateTime": _instant(lot // 9),
        "lastNonInteractiveSignInRequestId": _id(lot // 9),
        "lastSuccessfulSignInDateTime": _instant(lot // 5),
        "lastSuccessfulSignInRequestId": _id(lot // 5),
    }
    return {"id": _id(lot), "signInActivity": activity}


def sponsored(number: int) -> dict[str, Any]:
    lot = _lot(number)
    sponsor = lot // 29 % 500
    name = f"{_GIVEN[sponsor % len(_GIVEN)]} {_FAMILY[sponsor % len(_FAMILY)]}"
    shown = {"@odata.type": "#microsoft.graph.user", "id": _id(sponsor), "displayName": name}
    return {"id": _id(lot), "sponsors": [] if lot // 31 % _EIGHTH == 0 else [shown]}


def role(number: int) -> dict[str, Any]:
    return {"id": _id(_lot(number)), "displayName": f"Administrator {number}"}


def assignment(number: int) -> dict[str, Any]:
    """Every tenth holder is a guest."""
    holder = _lot(number if number % 10 == 0 else -2 - number)
    role_id = _id(_lot(number % 20))
    return {"id": f"a{number}", "principalId": _id(holder), "roleDefinitionId": role_id}


SHAPES = {
    "guests": guest,
    "sign-ins": sign_in,
    "sponsors": sponsored,
    "roleDefinitions": role,
    "roleAssignments": assignment,
    "small": guest,
    "limited": guest,
}
"""By the name of the listing."""
