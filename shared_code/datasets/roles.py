"""Admin roles of the directory and who holds them."""

from shared_code.core.dataset import Dataset, Row
from shared_code.core.text import Text
from shared_code.datasets.workloads import DIRECTORY


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
