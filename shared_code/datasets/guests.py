"""Guest users: who they are, when they last signed in, who sponsors them."""

from datetime import datetime

from shared_code.core.dataset import Dataset, Part, Row
from shared_code.core.privacy import Address, Name
from shared_code.core.text import Text
from shared_code.datasets.sign_ins import SignInActivity
from shared_code.datasets.workloads import DIRECTORY, SIGN_IN_ACTIVITY

_GUESTS = "userType eq 'Guest'"


class Guest(Row, frozen=True, kw_only=True):
    display_name: Name | None = None
    mail: Address | None = None
    user_principal_name: Address | None = None
    account_enabled: bool | None = None
    external_user_state: str | None = None
    external_user_state_change_date_time: datetime | None = None
    created_date_time: datetime | None = None


GUESTS = Dataset(
    name="guests",
    title=Text(de="Gastbenutzer", en="Guest users"),
    path="/users",
    row=Guest,
    permissions=("User.Read.All",),
    workload=DIRECTORY,
    filter=_GUESTS,
    page_size=999,
)


class GuestSignIn(Row, frozen=True, kw_only=True):
    sign_in_activity: SignInActivity | None = None


# A listing of its own: it needs a licence and has the narrowest limit of all.
# Directory.Read.All: without it Graph denies the licence now and then
# (microsoft-graph-docs-contrib #3033, #3581, #3808).
GUEST_SIGN_INS = Dataset(
    name="guest-sign-ins",
    title=Text(de="Letzte Anmeldung der Gäste", en="Last sign-in of guests"),
    path="/users",
    row=GuestSignIn,
    permissions=("User.Read.All", "AuditLog.Read.All", "Directory.Read.All"),
    workload=SIGN_IN_ACTIVITY,
    filter=_GUESTS,
    licence="Microsoft Entra ID P1",
    page_size=500,
)


class Sponsor(Part, frozen=True, kw_only=True):
    """A user or group; the name is missing where we may not read it."""

    id: str
    display_name: Name | None = None


class GuestSponsors(Row, frozen=True, kw_only=True):
    sponsors: tuple[Sponsor, ...] = ()


# A listing of its own: sponsors do not exist in every cloud.
GUEST_SPONSORS = Dataset(
    name="guest-sponsors",
    title=Text(de="Sponsoren der Gäste", en="Sponsors of guests"),
    path="/users",
    row=GuestSponsors,
    permissions=("User.Read.All",),
    workload=DIRECTORY,
    filter=_GUESTS,
    expand={"sponsors": ("id", "displayName")},
    page_size=999,
)
