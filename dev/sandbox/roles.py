"""Directory roles: their definitions, who holds them and who may activate them."""

from hashlib import sha256
from itertools import islice
from typing import Any

from dev.sandbox.clock import WEEK, graph_time
from dev.sandbox.people import Guest, Member
from dev.sandbox.population import Population

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
SHAREPOINT_ADMINISTRATOR = "f28a1f50-f6e7-4571-818b-6a12f2af6b6c"
HELPDESK_ADMINISTRATOR = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
ROLE_NAMES = {
    GLOBAL_ADMINISTRATOR: "Global Administrator",
    SHAREPOINT_ADMINISTRATOR: "SharePoint Administrator",
    HELPDESK_ADMINISTRATOR: "Helpdesk Administrator",
    USER_ADMINISTRATOR: "User Administrator",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
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
    holders = _member_holders(population) + _guest_holders(population)
    return [_assignment(role, person) for role, person in holders]


def role_eligibilities(population: Population) -> list[dict[str, Any]]:
    """Members who may activate a role: every third admin also has one role more than held."""
    members = _members(population, start=400, count=4)
    return [_eligibility(population, role, m) for role, m in zip(ROLE_NAMES, members, strict=False)]


def _members(population: Population, *, start: int, count: int) -> list[Member]:
    total = population.customer.members
    return [population.member((start + n * 3) % total) for n in range(min(count, total))]


def _member_holders(population: Population) -> list[tuple[str, Member]]:
    large = population.customer.members >= LARGE_TENANT
    admins = _members(population, start=0, count=26 if large else 5)
    globals_ = [(GLOBAL_ADMINISTRATOR, admin) for admin in admins[: 6 if large else 2]]
    others = [role for role in ROLE_NAMES if role != GLOBAL_ADMINISTRATOR]
    rest = admins[len(globals_) :]
    return globals_ + [(others[n % len(others)], admin) for n, admin in enumerate(rest)]


def _guest_holders(population: Population) -> list[tuple[str, Guest]]:
    if population.customer.guests < LARGE_TENANT:
        return []
    accepted = (guest for _, guest in population.guests() if guest.accepted is not None)
    return list(zip(GUEST_ROLES, islice(accepted, len(GUEST_ROLES)), strict=False))


def _assignment(role: str, person: Member | Guest) -> dict[str, Any]:
    return {
        "id": f"{sha256((role + person.id).encode()).hexdigest()[:43]}-1",
        "principalId": person.id,
        "directoryScopeId": "/",
        "appScopeId": None,
        "roleDefinitionId": role,
        "principal": _principal(person),
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
    }


def _eligibility(population: Population, role: str, person: Member) -> dict[str, Any]:
    number = sha256((role + person.id).encode()).hexdigest()[:43]
    return {
        "id": f"{number}-1-e",
        "principalId": person.id,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "appScopeId": None,
        "startDateTime": graph_time(population.at - 20 * WEEK),
        "endDateTime": graph_time(population.at + 32 * WEEK),
        "memberType": "Direct",
        "roleEligibilityScheduleId": person.id,
        "principal": _principal(person),
        "roleDefinition": _definition(role),
    }
