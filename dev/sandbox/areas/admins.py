"""What is asked about admins beyond their roles: terms, groups, and each person's methods."""

import re
from collections.abc import Sequence

from dev.sandbox.areas.registrations import registrations
from dev.sandbox.errors import not_found
from dev.sandbox.people import Guest
from dev.sandbox.population import Population
from dev.sandbox.resources import Caller, Resource, Row, plain
from dev.sandbox.roles import role_groups, role_people, role_schedules

_REPORT = "reports/authenticationMethods/userRegistrationDetails"


def _members(population: Population, _caller: Caller, key: str) -> Sequence[Row]:
    groups = role_groups(population)
    if key not in groups:
        raise not_found(key)
    return groups[key]


def _registration(population: Population, _caller: Caller, key: str) -> Sequence[Row]:
    """Of those who hold a role; disabled accounts are not in Microsoft's report."""
    person = role_people(population).get(key)
    if person is None or not person.account_enabled:
        raise not_found(key)
    first = population.customer.members if isinstance(person, Guest) else 0
    _, row = next(registrations(population, first + person.number))
    return [row]


RESOURCES = (
    Resource(
        path=re.compile("/roleManagement/directory/roleAssignmentScheduleInstances"),
        context="roleManagement/directory/roleAssignmentScheduleInstances",
        entity="microsoft.graph.unifiedRoleAssignmentScheduleInstance",
        permissions=frozenset({"RoleManagement.Read.Directory"}),
        rows=plain(role_schedules),
        expandable=frozenset({"principal", "roleDefinition"}),
        needs_p2=True,
    ),
    Resource(
        path=re.compile(r"/groups/(?P<id>[^/]+)/transitiveMembers"),
        context="directoryObjects",
        entity="microsoft.graph.directoryObject",
        permissions=frozenset({"Directory.Read.All", "GroupMember.Read.All"}),
        rows=_members,
    ),
    Resource(
        path=re.compile(f"/{_REPORT}/(?P<id>[^/]+)"),
        context=f"{_REPORT}/$entity",
        entity="microsoft.graph.userRegistrationDetails",
        permissions=frozenset({"AuditLog.Read.All"}),
        rows=_registration,
        single=True,
        needs_p1=True,
    ),
)
