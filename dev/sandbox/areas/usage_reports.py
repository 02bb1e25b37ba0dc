"""Usage reports: storage of mailboxes, OneDrives and sites, activity per service, apps, activations."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import md5

from dev.sandbox.clock import DAY, WEEK
from dev.sandbox.people import Member, draw, uuid_text
from dev.sandbox.population import EPOCH, Population
from dev.sandbox.resources import Resource, Row, plain

_GB = 2**30
_LAG = 2  # days that Microsoft's figures are behind
_PERMISSION = frozenset({"Reports.Read.All"})
_DAYS = 180
_LONGEST_PAUSE = 160

# Of each tenant's sites: as many as members have teams.
_MEMBERS_PER_SITE = 6
_SITE_WORDS = ("Projekt", "Team", "Vertrieb", "Technik", "Personal", "Qualität", "Einkauf", "Messe")

_SERVICES = ("Exchange", "OneDrive", "SharePoint", "Skype For Business", "Yammer", "Teams")
# Percent of users that work with a service at all, and days between two uses.
_HABITS = {"Exchange": (98, 2), "OneDrive": (82, 5), "SharePoint": (76, 6), "Teams": (91, 2)}
_APPS = ("Outlook", "Word", "Excel", "PowerPoint", "OneNote", "Teams")
_APP_SHARES = (97, 78, 81, 55, 24, 90)
_APP_PERIOD = timedelta(days=30)


def _today(population: Population) -> date:
    return datetime.fromtimestamp(population.at, UTC).date() - timedelta(days=_LAG)


def _concealed(population: Population, name: str | None) -> str | None:
    """Small tenants left Microsoft's default: names are hashes there."""
    if population.customer.plan == "E5" or not name:
        return name
    return md5(name.encode(), usedforsecurity=False).hexdigest().upper()


def _weeks(population: Population) -> float:
    return (population.at - EPOCH) / WEEK


def _grown(lot: int, population: Population, *, start: float, rate: float) -> int:
    """GB that grow steadily, each at a pace of its own, with a step in some weeks."""
    pace = rate * (1 + lot % 7) / 4
    step = (lot >> 8) % 5 * rate * 6 if (_weeks(population) + lot % 11) % 11 < 1 else 0
    return round((start + pace * max(_weeks(population) - 260, 0) + step) * _GB)


def _mailbox(population: Population, member: Member) -> Row:
    quota = (100 if population.customer.plan == "E5" else 50) * _GB
    full = member.lot[2] % 100 < 2  # noqa: PLR2004 - two in a hundred are nearly full
    share = 0.78 + member.lot[6] % 110 / 1000 if full else member.lot[6] % 600 / 1000
    start = quota / _GB * share
    used = min(_grown(member.lot[3], population, start=start, rate=0.06), quota)
    name = _concealed(population, member.user_principal_name)
    return {
        "Report Refresh Date": _today(population),
        "User Principal Name": name,
        "Display Name": _concealed(population, member.display_name),
        "Is Deleted": not member.account_enabled and member.lot[1] % 4 == 0,
        "Deleted Date": None,
        "Created Date": _day(member.created),
        "Last Activity Date": _last(population, member, "Exchange"),
        "Item Count": used // 90_000,
        "Storage Used (Byte)": used,
        "Issue Warning Quota (Byte)": quota * 98 // 100,
        "Prohibit Send Quota (Byte)": quota * 99 // 100,
        "Prohibit Send/Receive Quota (Byte)": quota,
        "Deleted Item Count": 12,
        "Deleted Item Size (Byte)": 1_200_000,
        "Deleted Item Quota (Byte)": 30 * _GB,
        "Has Archive": full and member.lot[7] % 3 == 0,
        "Report Period": _DAYS,
    }


def _onedrive(population: Population, member: Member) -> Row:
    quota = 1024 * _GB
    start = 940.0 if member.lot[4] % 400 == 0 else float(member.lot[7] % 120)
    used = min(_grown(member.lot[5], population, start=start, rate=0.15), quota)
    name = member.user_principal_name
    site = f"https://{population.customer.initial_domain.split('.')[0]}-my.sharepoint.com/personal/"
    return {
        "Report Refresh Date": _today(population),
        "Site Id": member.id,
        "Site URL": _concealed(population, site + re.sub(r"\W", "_", name)),
        "Owner Display Name": _concealed(population, member.display_name),
        "Is Deleted": False,
        "Last Activity Date": _last(population, member, "OneDrive"),
        "File Count": used // 900_000,
        "Active File Count": used // 90_000_000,
        "Storage Used (Byte)": used,
        "Storage Allocated (Byte)": quota,
        "Owner Principal Name": _concealed(population, name),
        "Report Period": _DAYS,
    }


def _site(population: Population, number: int) -> Row:
    raw = draw(population.customer.seed, "site", number)
    lot = int.from_bytes(raw[16:20])
    owner = population.member(lot % population.customer.members)
    quota = 25 * 1024 * _GB if lot % 9 else 500 * _GB
    used = min(_grown(lot, population, start=float(lot % 320), rate=0.4), quota)
    word = _SITE_WORDS[lot % len(_SITE_WORDS)]
    host = population.customer.initial_domain.split(".")[0]
    is_blank = lot % 5 == 0  # as Microsoft often leaves it
    address = f"https://{host}.sharepoint.com/sites/{word}-{number}"
    return {
        "Report Refresh Date": _today(population),
        "Site Id": uuid_text(raw),
        "Site URL": None if is_blank else _concealed(population, address),
        "Owner Display Name": _concealed(population, owner.display_name),
        "Is Deleted": False,
        "Last Activity Date": _today(population) - timedelta(days=lot % 5 if lot % 8 else 260),
        "File Count": used // 800_000,
        "Active File Count": 40,
        "Page View Count": lot % 900,
        "Visited Page Count": lot % 60,
        "Storage Used (Byte)": used,
        "Storage Allocated (Byte)": quota,
        "Root Web Template": "Group",
        "Owner Principal Name": _concealed(population, owner.user_principal_name),
        "Report Period": _DAYS,
    }


def _storage_of_days(population: Population) -> list[Row]:
    """A line that ends where the tenant's storage stands, a little uneven."""
    seats = population.customer.members + 25
    quota = (1024 + 10 * seats) * _GB
    rows: list[Row] = []
    for back in range(_DAYS):
        day = _today(population) - timedelta(days=back)
        weeks = _weeks(population) - back / 7
        share = 0.55 + 0.0022 * (weeks - 300) + (back * 7919 % 11) / 20_000
        rows.append(
            {
                "Report Refresh Date": _today(population),
                "Site Type": "All",
                "Storage Used (Byte)": round(quota * min(max(share, 0.05), 0.99)),
                "Report Date": day,
                "Report Period": _DAYS,
            }
        )
    return rows


def _day(instant: int) -> date:
    return datetime.fromtimestamp(instant, UTC).date()


def _last(population: Population, member: Member, service: str) -> date | None:
    """Never for who does not use it; months ago for who has left."""
    percent, rhythm = _HABITS.get(service, (18, 9))
    lot = member.lot[(len(service) * 3) % 12]
    if lot % 100 >= percent:
        return None
    today = _today(population)
    if not member.account_enabled:
        return max(_day(member.disabled_from), today - timedelta(days=170))
    back = (lot + today.toordinal()) % (rhythm * 3)
    return today - timedelta(days=max(back, _pause(population, member)))


def _pause(population: Population, member: Member) -> int:
    """Days for which somebody has been away: one in four stays away for months now and then."""
    if member.lot[9] % 4:
        return 0
    rhythm = (52 + member.lot[9] % 31) * 7
    day = (population.at // DAY + member.lot[10]) % rhythm
    return day if day < _LONGEST_PAUSE else 0


def _active(population: Population, member: Member) -> Row:
    has = member.is_licensed
    row: Row = {
        "Report Refresh Date": _today(population),
        "User Principal Name": _concealed(population, member.user_principal_name),
        "Display Name": _concealed(population, member.display_name),
        "Is Deleted": False,
        "Deleted Date": None,
    }
    row |= {f"Has {name} License": has and name != "Skype For Business" for name in _SERVICES}
    row |= {
        f"{name} Last Activity Date": _last(population, member, name)
        if has and name != "Skype For Business"
        else None
        for name in _SERVICES
    }
    return row | {"Assigned Products": population.customer.plan if has else None}


def _app(population: Population, member: Member) -> Row:
    last = _last(population, member, "Exchange")
    is_active = last is not None and _today(population) - last < _APP_PERIOD
    used = {
        name: "Yes" if is_active and member.lot[n] % 100 < share else "No"
        for n, (name, share) in enumerate(zip(_APPS, _APP_SHARES, strict=True))
    }
    return {
        "Report Refresh Date": _today(population),
        "User Principal Name": _concealed(population, member.user_principal_name),
        "Last Activation Date": None,
        "Last Activity Date": last,
        "Report Period": _APP_PERIOD.days,
        "Windows": "Yes",
        "Mac": "Yes" if member.lot[8] % 9 == 0 else "No",
        "Mobile": "Yes" if member.lot[8] % 3 else "No",
        "Web": "Yes" if member.lot[8] % 2 else "No",
        **used,
    }


def _activations(population: Population) -> list[Row]:
    seats = population.customer.members
    products = (("MICROSOFT 365 APPS FOR ENTERPRISE", 96, 81), ("PROJECT CLIENT", 6, 4))
    return [
        {
            "Report Refresh Date": _today(population),
            "Product Type": name,
            "Assigned": seats * assigned // 100,
            "Activated": seats * activated // 100,
            "Shared Computer Activation": 0,
        }
        for name, assigned, activated in products
    ]


def _settings(population: Population) -> list[Row]:
    return [{"displayConcealedNames": population.customer.plan != "E5"}]


def _of_members(
    row: Callable[[Population, Member], Row], population: Population, start: int
) -> Iterator[tuple[int, Row]]:
    return ((n, row(population, member)) for n, member in population.members(start))


def _sites(population: Population, start: int) -> Iterator[tuple[int, Row]]:
    count = population.customer.members // _MEMBERS_PER_SITE + 3
    return ((n, _site(population, n)) for n in range(start, count))


def _report(call: str) -> Resource:
    return Resource(
        path=re.compile(re.escape(f"/reports/{call}")),
        context="reports",
        entity="microsoft.graph.report",
        permissions=_PERMISSION,
        csv=True,
    )


def _of_all(call: str, row: Callable[[Population, Member], Row]) -> Resource:
    return replace(_report(call), walk=partial(_of_members, row))


RESOURCES = (
    _of_all("getMailboxUsageDetail(period='D180')", _mailbox),
    _of_all("getOneDriveUsageAccountDetail(period='D180')", _onedrive),
    replace(_report("getSharePointSiteUsageDetail(period='D180')"), walk=_sites),
    replace(_report("getSharePointSiteUsageStorage(period='D180')"), rows=plain(_storage_of_days)),
    _of_all("getOffice365ActiveUserDetail(period='D180')", _active),
    _of_all("getM365AppUserDetail(period='D30')", _app),
    replace(_report("getOffice365ActivationsUserCounts"), rows=plain(_activations)),
    Resource(
        path=re.compile("/admin/reportSettings"),
        context="admin/reportSettings",
        entity="microsoft.graph.adminReportSettings",
        permissions=frozenset({"ReportSettings.Read.All"}),
        rows=plain(_settings),
        single=True,
    ),
)
