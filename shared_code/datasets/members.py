"""Members of the directory: whose accounts they are, and when they last signed in."""

from datetime import datetime

from shared_code.core.dataset import Dataset, Part, Row
from shared_code.core.privacy import Address, Name
from shared_code.core.text import Text
from shared_code.datasets.sign_ins import SignInActivity
from shared_code.datasets.workloads import DIRECTORY, SIGN_IN_ACTIVITY

_MEMBERS = "userType eq 'Member'"


class AssignedLicence(Part, frozen=True, kw_only=True):
    sku_id: str | None = None


class Member(Row, frozen=True, kw_only=True):
    display_name: Name | None = None
    user_principal_name: Address | None = None
    account_enabled: bool | None = None
    department: str | None = None
    assigned_licenses: tuple[AssignedLicence, ...] | None = None
    created_date_time: datetime | None = None


MEMBERS = Dataset(
    name="members",
    title=Text(de="Mitglieder", en="Members"),
    path="/users",
    row=Member,
    permissions=("User.Read.All",),
    workload=DIRECTORY,
    filter=_MEMBERS,
    page_size=999,
)


class MemberSignIn(Row, frozen=True, kw_only=True):
    sign_in_activity: SignInActivity | None = None


# A listing of its own, for the reasons that GUEST_SIGN_INS is one.
MEMBER_SIGN_INS = Dataset(
    name="member-sign-ins",
    title=Text(de="Letzte Anmeldung der Mitglieder", en="Last sign-in of members"),
    path="/users",
    row=MemberSignIn,
    permissions=("User.Read.All", "AuditLog.Read.All", "Directory.Read.All"),
    workload=SIGN_IN_ACTIVITY,
    filter=_MEMBERS,
    licence="Microsoft Entra ID P1",
    page_size=500,
)
