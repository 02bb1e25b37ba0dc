"""Members and guests in the shape Graph gives them: exactly the selected properties, and the id."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dev.sandbox.clock import graph_time
from dev.sandbox.hostile import ABSURD_TIMES
from dev.sandbox.people import Guest, Member
from dev.sandbox.population import Population

type User = Member | Guest


def _created(user: User) -> str | None:
    if user.hostile and user.lot[10] % 2:
        return ABSURD_TIMES[user.number // 4 % len(ABSURD_TIMES)]
    return graph_time(user.created)


def _nothing(_user: User) -> None:
    return None


def _empty(_user: User) -> list[str]:
    return []


PROPERTIES: dict[str, Callable[[Any], Any]] = {
    "id": lambda user: user.id,
    "displayName": lambda user: user.display_name,
    "givenName": lambda user: user.name.given,
    "surname": lambda user: user.name.family,
    "mail": lambda user: user.mail,
    "mailNickname": lambda user: user.user_principal_name.partition("@")[0],
    "userPrincipalName": lambda user: user.user_principal_name,
    "userType": lambda user: user.user_type,
    "accountEnabled": lambda user: user.account_enabled,
    "createdDateTime": _created,
    "creationType": lambda user: "Invitation" if isinstance(user, Guest) else None,
    "externalUserState": lambda user: user.external_user_state if isinstance(user, Guest) else None,
    "externalUserStateChangeDateTime": lambda user: (
        graph_time(user.state_changed) if isinstance(user, Guest) else None
    ),
    "companyName": lambda user: user.company,
    "department": lambda user: user.department,
    "signInActivity": lambda user: user.sign_in_activity,
    "jobTitle": _nothing,
    "mobilePhone": _nothing,
    "officeLocation": _nothing,
    "preferredLanguage": _nothing,
    "usageLocation": lambda user: "DE" if isinstance(user, Member) else None,
    "onPremisesSyncEnabled": lambda user: user.on_premises_sync_enabled,
    "businessPhones": _empty,
    "otherMails": _empty,
    "proxyAddresses": _empty,
    "assignedLicenses": _empty,
}
BY_DEFAULT = [
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
]


def user_shape(select: Sequence[str] | None, sku: str = "") -> Callable[[User], dict[str, Any]]:
    """`sku` is what licensed members have."""
    names = dict.fromkeys(["id", *(BY_DEFAULT if select is None else select)])
    activity = names.pop("signInActivity", False) is None
    licences = names.pop("assignedLicenses", False) is None
    columns = [(name, PROPERTIES[name]) for name in names]

    def shape(user: User) -> dict[str, Any]:
        row = {name: read(user) for name, read in columns}
        # Graph leaves signInActivity out altogether for a user who has never signed in.
        if activity and (times := user.sign_in_activity) is not None:
            row["signInActivity"] = times
        if licences:
            licensed = isinstance(user, Member) and user.is_licensed
            row["assignedLicenses"] = [{"disabledPlans": [], "skuId": sku}] if licensed else []
        return row

    return shape


def sponsor_shape(
    population: Population, select: Sequence[str] | None
) -> Callable[[User], list[Mapping[str, Any]]]:
    shape = user_shape(select)
    known: dict[int, Mapping[str, Any]] = {}

    def shown(member: Member) -> Mapping[str, Any]:
        if member.number not in known:
            known[member.number] = {"@odata.type": "#microsoft.graph.user", **shape(member)}
        return known[member.number]

    def sponsors(user: User) -> list[Mapping[str, Any]]:
        return [shown(m) for m in population.sponsors(user)] if isinstance(user, Guest) else []

    return sponsors
