"""Usage reports: CSV files of Microsoft's, about two days old, of people or of the whole tenant.

Columns come and go, so every field may be missing. Where a tenant conceals names, every name,
address and site in them is a hash of 32 digits (graph reportSettings).
"""

import re
from datetime import date

from shared_code.core.dataset import CsvRow, Dataset, Row, Snapshot
from shared_code.core.privacy import Address, Name, PersonId
from shared_code.core.text import Text
from shared_code.datasets.workloads import DIRECTORY, usage_report

_PERMISSIONS = ("Reports.Read.All",)

# As Microsoft conceals a name; we show the beginning, which is enough to tell people apart.
_CONCEALED = re.compile(r"[0-9A-F]{32}", re.IGNORECASE)
_SHOWN = 8


def shown(name: str | None) -> str:
    """A name as readers see it: never Microsoft's whole hash, empty where there is none."""
    text = name or ""
    return text[:_SHOWN].upper() if _CONCEALED.fullmatch(text) else text


class ReportSettings(Row, frozen=True, kw_only=True):
    id: str = ""
    display_concealed_names: bool | None = None


REPORT_SETTINGS = Dataset(
    name="report-settings",
    title=Text(de="Einstellung zu Namen in Nutzungsberichten", en="Setting for names in reports"),
    path="/admin/reportSettings",
    row=ReportSettings,
    permissions=("ReportSettings.Read.All",),
    workload=DIRECTORY,
    selects=False,
)


def conceals_names(data: Snapshot) -> bool:
    """Whether the tenant does, as far as that could be read."""
    if data.missing(REPORT_SETTINGS):
        return False
    return any(row.display_concealed_names for row in data.rows(REPORT_SETTINGS))


class MailboxUsage(CsvRow, frozen=True, kw_only=True):
    id: PersonId
    report_refresh_date: date | None = None
    display_name: Name | None = None
    user_principal_name: Address | None = None
    is_deleted: bool | None = None
    last_activity_date: date | None = None
    storage_used_byte: int | None = None
    prohibit_send_receive_quota_byte: int | None = None


MAILBOX_USAGE = Dataset(
    name="mailbox-usage",
    title=Text(de="Speicher der Postfächer", en="Storage of mailboxes"),
    path="/reports/getMailboxUsageDetail(period='D180')",
    row=MailboxUsage,
    permissions=_PERMISSIONS,
    workload=usage_report("getMailboxUsageDetail"),
    key="User Principal Name",
)


class OneDriveUsage(CsvRow, frozen=True, kw_only=True):
    id: PersonId
    report_refresh_date: date | None = None
    owner_display_name: Name | None = None
    owner_principal_name: Address | None = None
    is_deleted: bool | None = None
    last_activity_date: date | None = None
    storage_used_byte: int | None = None
    storage_allocated_byte: int | None = None


ONEDRIVE_USAGE = Dataset(
    name="onedrive-usage",
    title=Text(de="Speicher der OneDrives", en="Storage of OneDrives"),
    path="/reports/getOneDriveUsageAccountDetail(period='D180')",
    row=OneDriveUsage,
    permissions=_PERMISSIONS,
    workload=usage_report("getOneDriveUsageAccountDetail"),
    key="Owner Principal Name",
)


class SiteUsage(CsvRow, frozen=True, kw_only=True):
    report_refresh_date: date | None = None
    site_url: str | None = None
    owner_display_name: Name | None = None
    owner_principal_name: Address | None = None
    is_deleted: bool | None = None
    last_activity_date: date | None = None
    storage_used_byte: int | None = None
    storage_allocated_byte: int | None = None


# Site URL is often blank: sites are told apart by their id.
SITE_USAGE = Dataset(
    name="site-usage",
    title=Text(de="Speicher der SharePoint-Websites", en="Storage of SharePoint sites"),
    path="/reports/getSharePointSiteUsageDetail(period='D180')",
    row=SiteUsage,
    permissions=_PERMISSIONS,
    workload=usage_report("getSharePointSiteUsageDetail"),
    key="Site Id",
)


class StorageOfDay(CsvRow, frozen=True, kw_only=True):
    report_refresh_date: date | None = None
    report_date: date | None = None
    site_type: str | None = None
    storage_used_byte: int | None = None


SITE_STORAGE = Dataset(
    name="site-storage",
    title=Text(de="Speicherverlauf von SharePoint", en="SharePoint storage over time"),
    path="/reports/getSharePointSiteUsageStorage(period='D180')",
    row=StorageOfDay,
    permissions=_PERMISSIONS,
    workload=usage_report("getSharePointSiteUsageStorage"),
    key="Report Date",
)


class ActiveUser(CsvRow, frozen=True, kw_only=True):
    """Licences and last activity per service; Skype for Business is gone since 2021."""

    id: PersonId
    report_refresh_date: date | None = None
    display_name: Name | None = None
    user_principal_name: Address | None = None
    is_deleted: bool | None = None
    has_exchange_license: bool | None = None
    has_onedrive_license: bool | None = None
    has_sharepoint_license: bool | None = None
    has_teams_license: bool | None = None
    has_yammer_license: bool | None = None
    exchange_last_activity_date: date | None = None
    onedrive_last_activity_date: date | None = None
    sharepoint_last_activity_date: date | None = None
    teams_last_activity_date: date | None = None
    yammer_last_activity_date: date | None = None


ACTIVE_USERS = Dataset(
    name="active-users",
    title=Text(de="Aktivität je Dienst", en="Activity per service"),
    path="/reports/getOffice365ActiveUserDetail(period='D180')",
    row=ActiveUser,
    permissions=_PERMISSIONS,
    workload=usage_report("getOffice365ActiveUserDetail"),
    key="User Principal Name",
)


class AppUser(CsvRow, frozen=True, kw_only=True):
    """Apps and platforms used in the period."""

    id: PersonId
    report_refresh_date: date | None = None
    last_activity_date: date | None = None
    windows: bool | None = None
    mobile: bool | None = None
    web: bool | None = None
    outlook: bool | None = None
    word: bool | None = None
    excel: bool | None = None
    powerpoint: bool | None = None
    onenote: bool | None = None
    teams: bool | None = None


APP_USERS = Dataset(
    name="app-users",
    title=Text(de="Nutzung der Microsoft-365-Apps", en="Usage of Microsoft 365 Apps"),
    path="/reports/getM365AppUserDetail(period='D30')",
    row=AppUser,
    permissions=_PERMISSIONS,
    workload=usage_report("getM365AppUserDetail"),
    key="User Principal Name",
)


class Activations(CsvRow, frozen=True, kw_only=True):
    """Of one product; `id` is its name."""

    assigned: int | None = None
    activated: int | None = None


ACTIVATIONS = Dataset(
    name="activations",
    title=Text(de="Aktivierungen der Microsoft-365-Apps", en="Activations of Microsoft 365 Apps"),
    path="/reports/getOffice365ActivationsUserCounts",
    row=Activations,
    permissions=_PERMISSIONS,
    workload=usage_report("getOffice365ActivationsUserCounts"),
    key="Product Type",
)
