"""What a tenant says of itself and of what it granted us, as rows."""

from shared_code.core.dataset import Dataset, Part, Row, Workload
from shared_code.core.text import Text


class Domain(Part, frozen=True, kw_only=True):
    name: str
    is_default: bool = False


class Organization(Row, frozen=True, kw_only=True):
    display_name: str | None = None
    verified_domains: tuple[Domain, ...] = ()


class AppRole(Part, frozen=True, kw_only=True):
    id: str
    value: str | None = None


class ServicePrincipal(Row, frozen=True, kw_only=True):
    app_roles: tuple[AppRole, ...] = ()


class AppRoleAssignment(Row, frozen=True, kw_only=True):
    app_role_id: str
    resource_id: str


def _small[R: Row](path: str, row: type[R]) -> Dataset[R]:
    """Asked once per onboarding: no limit of Graph is in reach."""
    return Dataset(
        name=path.strip("/").split("/")[-1],
        title=Text(de=path, en=path),
        path=path,
        row=row,
        permissions=("Directory.Read.All",),
        workload=Workload(name="control-plane"),
    )


ORGANIZATION = _small("/organization", Organization)
SERVICE_PRINCIPALS = _small("/servicePrincipals", ServicePrincipal)
APP_ROLE_ASSIGNMENTS = _small("/servicePrincipals/{id}/appRoleAssignments", AppRoleAssignment)
