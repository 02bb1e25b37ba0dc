"""Directory roles: their definitions, who holds them and who may activate them."""

from hashlib import sha256
from itertools import islice
from typing import Any

from dev.sandbox.clock import HOUR, WEEK, graph_time
from dev.sandbox.people import Guest, Member, draw, uuid_text
from dev.sandbox.population import FOUNDED, Population

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
SHAREPOINT_ADMINISTRATOR = "f28a1f50-f6e7-4571-818b-6a12f2af6b6c"
EXCHANGE_ADMINISTRATOR = "29232cdf-9323-42fd-ade2-1d097af3e4de"
HELPDESK_ADMINISTRATOR = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
ROLE_NAMES = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    SHAREPOINT_ADMINISTRATOR: "SharePoint Administrator",
    HELPDESK_ADMINISTRATOR: "Helpdesk Administrator",
    USER_ADMINISTRATOR: "User Administrator",
    EXCHANGE_ADMINISTRATOR: "Exchange Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "69091246-20e8-4a56-aa4d-066075b2a7a8": "Teams Administrator",
    "3a2c62db-5318-420d-8d74-23affee5d9d5": "Intune Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
    "b0f54661-2d74-4c50-afa3-1ec803f12efe": "Billing Administrator",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
}
GUEST_ROLES = (GLOBAL_ADMINISTRATOR, SHAREPOINT_ADMINISTRATOR, HELPDESK_ADMINISTRATOR)
HELPDESK_GROUP = "Tier 1 helpdesk"
# Below this size nobody lends an admin role to a guest.
LARGE_TENANT = 1000


def role_definitions(_population: Population) -> list[dict[str, Any]]:
    return [_definition(role) for role in ROLE_NAMES]


def _definition(role: str) -> dict[str, Any]:
    return {
        "id": role,
        "description": f"Invented description of {ROLE_NAMES[role]}.",
        "displayName": ROLE_NAMES[role],
        "isBuiltIn": True,
        "isEnabled": True,
        "resourceScopes": ["/"],
        "templateId": role,
        "version": "1",
        "rolePermissions": [
            {
                "allowedResourceActions": ["microsoft.directory/users/standard/read"],
                "condition": None,
            }
        ],
    }


def role_assignments(population: Population) -> list[dict[str, Any]]:
    people = [*_member_holders(population), *_guest_holders(population), *_activated(population)]
    active = [(role, _principal(person)) for role, person in people]
    return [_assignment(role, who) for role, who in active + _other_holders(population)]


def role_eligibilities(population: Population) -> list[dict[str, Any]]:
    """Who may activate a role."""
    return [_eligibility(population, role, member) for role, member in _eligible(population)]


def role_schedules(population: Population) -> list[dict[str, Any]]:
    """The terms of active assignments; activations end within hours."""
    activated = {(role, person.id) for role, person in _activated(population)}
    rows = role_assignments(population)
    return [
        _schedule(population, row, is_activation=_place(row) in activated)
        for row in rows
        if row["principal"]
    ]


def role_groups(population: Population) -> dict[str, list[dict[str, Any]]]:
    """Members of groups that hold roles, those of groups inside them too."""
    if population.customer.members < LARGE_TENANT:
        return {}
    inner = _group(population, "Helpdesk evening shift")
    members = [_principal(person) for person in _group_members(population)]
    return {_group(population, HELPDESK_GROUP)["id"]: [*members, inner]}


def role_people(population: Population) -> dict[str, Member | Guest]:
    """Everybody who holds a role or may, in whichever way, by id."""
    held = [*_member_holders(population), *_guest_holders(population), *_eligible(population)]
    people = [*(person for _, person in held), *_group_members(population)]
    return {person.id: person for person in people}


def _place(row: dict[str, Any]) -> tuple[str, str]:
    return row["roleDefinitionId"], row["principalId"]


def _eligible(population: Population) -> list[tuple[str, Member]]:
    members = _members(population, start=400, count=8)
    return list(zip(ROLE_NAMES, members, strict=False))


def _activated(population: Population) -> list[tuple[str, Member]]:
    """Each of them works with the role in one week of three."""
    if not population.customer.has_p2:
        return []
    week = population.at // WEEK
    return [pair for n, pair in enumerate(_eligible(population)) if (week + n) % 3 == 0]


def _other_holders(population: Population) -> list[tuple[str, dict[str, Any] | str]]:
    """A group, an application, and for some weeks an account that was deleted."""
    if population.customer.members < LARGE_TENANT:
        return []
    group = _group(population, HELPDESK_GROUP)
    deleted = uuid_text(draw(population.customer.seed, "deleted admin", 0))
    found: list[tuple[str, dict[str, Any] | str]] = [
        (HELPDESK_ADMINISTRATOR, group),
        (USER_ADMINISTRATOR, group),
        (EXCHANGE_ADMINISTRATOR, _application(population, "Mailbox backup")),
    ]
    return found + [(HELPDESK_ADMINISTRATOR, deleted)] * (population.at // WEEK % 10 in range(2))


def _group_members(population: Population) -> list[Member]:
    """Six places, each of which changes hands now and then."""
    customer, week = population.customer, population.at // WEEK
    if customer.members < LARGE_TENANT:
        return []
    numbers = (200 + 3 * n + (week + 5 * n) // 30 * 31 for n in range(6))
    return [population.member(number % customer.members) for number in numbers]


def _group(population: Population, name: str) -> dict[str, Any]:
    number = uuid_text(draw(population.customer.seed, name, 0))
    return _nobody("group", number, name)


def _application(population: Population, name: str) -> dict[str, Any]:
    number = uuid_text(draw(population.customer.seed, name, 0))
    return _nobody("servicePrincipal", number, name) | {"accountEnabled": True}


def _nobody(kind: str, number: str, name: str) -> dict[str, Any]:
    return {
        "@odata.type": f"#microsoft.graph.{kind}",
        "id": number,
        "accountEnabled": None,
        "displayName": name,
        "mail": None,
        "userPrincipalName": None,
        "userType": None,
        "createdDateTime": graph_time(FOUNDED),
        "onPremisesSyncEnabled": None,
    }


def _members(population: Population, *, start: int, count: int) -> list[Member]:
    total = population.customer.members
    return [population.member((start + n * 3) % total) for n in range(min(count, total))]


def _member_holders(population: Population) -> list[tuple[str, Member]]:
    """One more Global Administrator in some weeks; the others change their role now and then."""
    week = population.at // WEEK
    large = population.customer.members >= LARGE_TENANT
    admins = _members(population, start=0, count=26 if large else 6)
    count = 4 + (week % 7 in range(5)) if large else 2 + (week % 9 in range(3))
    globals_ = [(GLOBAL_ADMINISTRATOR, admin) for admin in admins[:count]]
    others = [role for role in ROLE_NAMES if role != GLOBAL_ADMINISTRATOR]
    rest = list(enumerate(admins))[5 if large else 3 :]
    return globals_ + [(others[(n + (week + 2 * n) // 40) % len(others)], a) for n, a in rest]


def _guest_holders(population: Population) -> list[tuple[str, Guest]]:
    if population.customer.guests < LARGE_TENANT:
        return []
    accepted = (guest for _, guest in population.guests() if guest.accepted is not None)
    return list(zip(GUEST_ROLES, islice(accepted, len(GUEST_ROLES)), strict=False))


def _assignment(role: str, who: dict[str, Any] | str) -> dict[str, Any]:
    """`who` is an id only where the principal was deleted."""
    key = who if isinstance(who, str) else who["id"]
    return {
        "id": f"{sha256((role + key).encode()).hexdigest()[:43]}-1",
        "principalId": key,
        "directoryScopeId": "/",
        "appScopeId": None,
        "roleDefinitionId": role,
        "principal": None if isinstance(who, str) else who,
        "roleDefinition": _definition(role),
    }


def _principal(person: Member | Guest) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": person.id,
        "accountEnabled": person.account_enabled,
        "displayName": person.display_name,
        "mail": person.mail,
        "userPrincipalName": person.user_principal_name,
        "userType": person.user_type,
        "createdDateTime": graph_time(person.created),
        "onPremisesSyncEnabled": person.on_premises_sync_enabled,
    }


def _schedule(
    population: Population, row: dict[str, Any], *, is_activation: bool
) -> dict[str, Any]:
    lot = int.from_bytes(sha256(row["id"].encode()).digest()[:4])
    begin = population.at - 2 * HOUR
    # Most assignments are older than Microsoft's record of them; one in four ends some day.
    is_recorded = is_activation or lot % 3 == 0
    is_limited = is_activation or lot % 4 == 0
    length = 8 * HOUR if is_activation else 26 * WEEK
    if not is_activation:
        begin -= (population.at + lot) % (26 * WEEK)
    return {
        **{name: row[name] for name in ("id", "principalId", "roleDefinitionId")},
        "directoryScopeId": "/",
        "appScopeId": None,
        "startDateTime": graph_time(begin) if is_recorded or is_limited else None,
        "endDateTime": graph_time(begin + length) if is_limited else None,
        "assignmentType": "Activated" if is_activation else "Assigned",
        "memberType": "Direct",
        "roleAssignmentOriginId": row["id"],
        "roleAssignmentScheduleId": row["id"],
        "principal": row["principal"],
        "roleDefinition": row["roleDefinition"],
    }


def _eligibility(population: Population, role: str, person: Member) -> dict[str, Any]:
    number = sha256((role + person.id).encode()).hexdigest()[:43]
    begin = population.at - (population.at + person.lot[0]) % (52 * WEEK)
    return {
        "id": f"{number}-1-e",
        "principalId": person.id,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "startDateTime": graph_time(begin),
        "endDateTime": graph_time(begin + 52 * WEEK),
        "memberType": "Direct",
        "roleEligibilityScheduleId": person.id,
        "principal": _principal(person),
        "roleDefinition": _definition(role),
    }
