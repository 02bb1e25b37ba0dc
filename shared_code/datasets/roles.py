"""Admin roles of the directory and who holds them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import batched

from msgspec import field

from shared_code.core.dataset import Child, Dataset, Parents, Part, Row, Snapshot
from shared_code.core.privacy import Address, Name, PersonId
from shared_code.core.text import Text
from shared_code.datasets.sign_ins import SignInActivity
from shared_code.datasets.workloads import AUDIT_REPORTS, DIRECTORY, SIGN_IN_ACTIVITY


class RoleAssignment(Row, frozen=True, kw_only=True):
    principal_id: str
    role_definition_id: str


ROLE_ASSIGNMENTS = Dataset(
    name="role-assignments",
    title=Text(de="Zuweisungen von Adminrollen", en="Admin role assignments"),
    path="/roleManagement/directory/roleAssignments",
    row=RoleAssignment,
    permissions=("RoleManagement.Read.Directory",),
    workload=DIRECTORY,
)


class RoleDefinition(Row, frozen=True, kw_only=True):
    display_name: str | None = None


ROLE_DEFINITIONS = Dataset(
    name="role-definitions",
    title=Text(de="Adminrollen", en="Admin roles"),
    path="/roleManagement/directory/roleDefinitions",
    row=RoleDefinition,
    permissions=("RoleManagement.Read.Directory",),
    workload=DIRECTORY,
)


def roles_held(data: Snapshot) -> Mapping[str, tuple[str, ...]] | None:
    """Role names by holder, None where they could not be read; few, whatever the size of the tenant."""
    if data.missing(ROLE_ASSIGNMENTS):
        return None
    names: dict[str, str | None] = {}
    if data.missing(ROLE_DEFINITIONS) is None:
        names = {role.id: role.display_name for role in data.rows(ROLE_DEFINITIONS)}
    held: defaultdict[str, set[str]] = defaultdict(set)
    for assignment in data.rows(ROLE_ASSIGNMENTS):
        role = assignment.role_definition_id
        held[assignment.principal_id].add(names.get(role) or role)
    return {holder: tuple(sorted(roles)) for holder, roles in held.items()}


class Principal(Part, frozen=True, kw_only=True):
    """Who holds a role: a user, a group or a service principal."""

    id: str
    type: str | None = field(name="@odata.type", default=None)
    display_name: Name | None = None
    user_principal_name: Address | None = None
    user_type: str | None = None
    account_enabled: bool | None = None
    on_premises_sync_enabled: bool | None = None

    @property
    def kind(self) -> str:
        return _kind(self.type)


_OF_A_PRINCIPAL = (
    "id",
    "displayName",
    "userPrincipalName",
    "userType",
    "accountEnabled",
    "onPremisesSyncEnabled",
)


class RoleHolder(Row, frozen=True, kw_only=True):
    """`principal` is missing where it was deleted."""

    principal_id: PersonId
    role_definition_id: str
    directory_scope_id: str | None = None
    principal: Principal | None = None


# Apart from ROLE_ASSIGNMENTS: a report that needs no names reads none.
ROLE_HOLDERS = Dataset(
    name="role-holders",
    title=Text(de="Inhaber von Adminrollen", en="Holders of admin roles"),
    path="/roleManagement/directory/roleAssignments",
    row=RoleHolder,
    permissions=("RoleManagement.Read.Directory",),
    workload=DIRECTORY,
    expand={"principal": _OF_A_PRINCIPAL},
)


class RoleSchedule(Row, frozen=True, kw_only=True):
    """An active assignment in time. Activated: by somebody eligible, for some hours."""

    principal_id: PersonId
    role_definition_id: str
    directory_scope_id: str | None = None
    assignment_type: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None

    @property
    def is_activation(self) -> bool:
        return (self.assignment_type or "").casefold() == "activated"


ROLE_SCHEDULES = Dataset(
    name="role-schedules",
    title=Text(de="Laufzeiten der Adminrollen", en="Terms of admin roles"),
    path="/roleManagement/directory/roleAssignmentScheduleInstances",
    row=RoleSchedule,
    permissions=("RoleManagement.Read.Directory",),
    workload=DIRECTORY,
    licence="Microsoft Entra ID P2",
)


class RoleEligibility(Row, frozen=True, kw_only=True):
    """Who may activate a role by Privileged Identity Management (PIM)."""

    principal_id: PersonId
    role_definition_id: str
    directory_scope_id: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    principal: Principal | None = None


ROLE_ELIGIBILITIES = Dataset(
    name="role-eligibilities",
    title=Text(de="Berechtigungen für Adminrollen (PIM)", en="Eligibility for admin roles (PIM)"),
    path="/roleManagement/directory/roleEligibilityScheduleInstances",
    row=RoleEligibility,
    permissions=("RoleManagement.Read.Directory",),
    workload=DIRECTORY,
    licence="Microsoft Entra ID P2",
    expand={"principal": _OF_A_PRINCIPAL},
)


class RoleGroupMember(Child, frozen=True, kw_only=True):
    """Somebody in a group that holds a role, also through a group inside it."""

    type: str | None = field(name="@odata.type", default=None)
    display_name: Name | None = None
    user_principal_name: Address | None = None
    user_type: str | None = None
    account_enabled: bool | None = None
    on_premises_sync_enabled: bool | None = None

    @property
    def kind(self) -> str:
        return _kind(self.type)


USER, GROUP, APPLICATION = "user", "group", "serviceprincipal"


def _kind(type_name: str | None) -> str:
    """#microsoft.graph.servicePrincipal, in whichever case."""
    return (type_name or "").rpartition(".")[2].casefold()


def _groups(rows: Iterable[RoleHolder | RoleEligibility]) -> Iterable[str]:
    return dict.fromkeys(r.principal.id for r in rows if r.principal and r.principal.kind == GROUP)


ROLE_GROUP_MEMBERS = Dataset(
    name="role-group-members",
    title=Text(de="Mitglieder von Gruppen mit Adminrolle", en="Members of groups with admin roles"),
    path="/groups/{parent}/transitiveMembers",
    row=RoleGroupMember,
    permissions=("Directory.Read.All",),
    workload=DIRECTORY,
    page_size=999,
    parents=Parents(dataset=ROLE_HOLDERS, also=(ROLE_ELIGIBILITIES,), keys=_groups),
)


type _Somebody = RoleHolder | RoleEligibility | RoleGroupMember


def _people(rows: Iterable[_Somebody]) -> Iterable[str]:
    """Ids of users, each once."""
    somebody = (r if isinstance(r, RoleGroupMember) else r.principal for r in rows)
    return dict.fromkeys(s.id for s in somebody if s and s.kind == USER)


_ADMINS = Parents(dataset=ROLE_HOLDERS, also=(ROLE_ELIGIBILITIES, ROLE_GROUP_MEMBERS), keys=_people)


class AdminRegistration(Child, frozen=True, kw_only=True):
    """As Registration, of one person."""

    is_mfa_registered: bool | None = None
    is_mfa_capable: bool | None = None
    methods_registered: tuple[str | None, ...] | None = None


# One by one, not by isAdmin: whoever is only eligible, or holds a role through a group, is not
# sure to be marked so, and the mark is late.
ADMIN_REGISTRATIONS = Dataset(
    name="admin-registrations",
    title=Text(de="Anmeldemethoden der Admins", en="Sign-in methods of admins"),
    path="/reports/authenticationMethods/userRegistrationDetails/{parent}",
    row=AdminRegistration,
    permissions=("AuditLog.Read.All", "Directory.Read.All"),
    workload=AUDIT_REPORTS,
    licence="Microsoft Entra ID P1",
    selects=False,
    parents=_ADMINS,
)

# Graph takes at most 15 values in one such list.
_MOST_IDS = 15


def _lists_of_people(rows: Iterable[_Somebody]) -> Iterable[str]:
    for ids in batched(_people(rows), _MOST_IDS, strict=False):
        yield ",".join(f"'{each}'" for each in ids)


class AdminSignIn(Child, frozen=True, kw_only=True):
    sign_in_activity: SignInActivity | None = None


# Ten requests a minute are all that Graph grants the application over all tenants, also for one
# person at a time: fifteen people a request, where a listing of a large tenant takes hundreds.
ADMIN_SIGN_INS = Dataset(
    name="admin-sign-ins",
    title=Text(de="Letzte Anmeldung der Admins", en="Last sign-in of admins"),
    path="/users",
    row=AdminSignIn,
    permissions=("User.Read.All", "AuditLog.Read.All", "Directory.Read.All"),
    workload=SIGN_IN_ACTIVITY,
    filter="id in ({parent})",
    licence="Microsoft Entra ID P1",
    parents=replace(_ADMINS, keys=_lists_of_people),
)
