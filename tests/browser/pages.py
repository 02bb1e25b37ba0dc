"""The report pages that the browser opens: of guests, and one that has everything."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shared_code.core.errors import PermissionMissing
from shared_code.core.overview import Archived, Overview
from shared_code.core.privacy import Privacy
from shared_code.core.report import Report
from shared_code.core.run import RunState
from shared_code.core.text import German, Language
from shared_code.rendering.csv import CSV
from shared_code.rendering.html import HTML
from shared_code.rendering.portal import archive_page, audit_page, overview_page
from shared_code.reports import registry
from tests.rendering.full import full
from tests.rendering.portals import NOW, READER, REPORT, TENANT, audited, run, said, standing
from tests.reports.runs import MONDAY, Listings, Runs, recorded

_GUESTS = registry()["guest-users"]

# More than are written as plain JSON.
_LARGE = 5_100

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<!--block-->",
    "<!--<script>",
    '=HYPERLINK("https://evil.example","click")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1;2)",
    "Smith;=1+1",
    'Smith,"=1+1',
    "Smith\t-cmd",
    "-2+3",
    "{{ 7*7 }} {% raw %}{n}",
    "\u202egnitsil\u202c \u2066x",
    "\u2028line\u2029break",
    "tab\there\r\nand line",
    "😀 李明 محمد",
    "W" * 10_000,
    "word " * 2_000,
    "a." * 5_000,
    "javascript:alert(1)",
    "$& $1 {all}",
)


def write_pages(root: Path, spools: Path) -> None:
    _write_portal(root)
    with ExitStack() as resources:
        for name, report in _reports(spools, resources):
            folder = root / name
            folder.mkdir()
            for language in Language:
                for rendering in (HTML, CSV):
                    with (folder / f"report.{language}.{rendering.ending}").open("wb") as out:
                        rendering.write(report, language, out)


def _write_portal(root: Path) -> None:
    """Every state a report can stand in, and a month of the archive."""
    blocked = run(state=RunState.BLOCKED, status="", headline=said("Nicht lieferbar: Zustimmung."))
    runs = [(run(status=status), run(status=status)) for status in ("bad", "warn", "ok")]
    states = [*runs, (blocked, run()), (blocked, None), (None, None)]
    overview = Overview(
        tenant=TENANT,
        at=NOW,
        standings=tuple(standing(newest, delivered) for newest, delivered in states),
        months=tuple(date(2026, month, 1) for month in range(11, 0, -1)),
    )
    archived = Archived(tenant=TENANT, month=date(2026, 11, 1), runs=((REPORT, run()),))
    for language in Language:
        for name, text in (
            ("portal", overview_page(overview, language, brand="Pro-Active Services")),
            ("archive", archive_page(archived, language, brand="Pro-Active Services")),
            ("audit", audit_page(audited(), language, brand="Pro-Active Services", reader=READER)),
        ):
            folder = root / name
            folder.mkdir(exist_ok=True)
            (folder / f"report.{language}.html").write_text(text, "utf-8")


def _reports(spools: Path, resources: ExitStack) -> Iterator[tuple[str, Report]]:
    def runs() -> Runs:
        return Runs(spools, resources)

    compared = runs()
    compared.produce(_GUESTS, _with_one_more(recorded(_GUESTS)))
    yield "small", compared.produce(_GUESTS, recorded(_GUESTS))
    yield "first", runs().produce(_GUESTS, recorded(_GUESTS))
    yield (
        "gaps",
        runs().produce(
            _GUESTS,
            recorded(_GUESTS),
            PermissionMissing("guest-sign-ins", "AuditLog.Read.All"),
            PermissionMissing("role-assignments", "RoleManagement.Read.Directory"),
        ),
    )
    yield "large", runs().produce(_GUESTS, _large())
    yield "hostile", runs().produce(_GUESTS, _hostile())
    yield "full", full()
    yield "swiss", full(German.SWITZERLAND)
    yield "nobody", replace(full(), privacy=Privacy.AGGREGATE)


def _with_one_more(listings: Listings) -> Listings:
    return {**listings, "guests": [*listings["guests"], _guest(0, "Gast, der ging")]}


def _guest(number: int, name: str, domain: str = "fabrikam.example") -> dict[str, Any]:
    age = timedelta(days=number % 1500)
    return {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "displayName": name,
        "mail": f"gast{number}@{domain}",
        "userPrincipalName": f"gast{number}_{domain}#EXT#@contoso.example",
        "accountEnabled": True,
        "externalUserState": "Accepted" if number % 20 else "PendingAcceptance",
        "createdDateTime": (MONDAY - age).isoformat(),
    }


def _large() -> Listings:
    domains = ("fabrikam.example", "adatum.example", "northwind.example")
    guests = [_guest(n, f"Gast {n}", domains[n % 3]) for n in range(1, _LARGE + 1)]
    return _alone(guests)


def _hostile() -> Listings:
    guests = [
        {**_guest(n, text), "mail": f"{text}@{text}", "userPrincipalName": text}
        for n, text in enumerate(HOSTILE, start=1)
    ]
    guests[0]["createdDateTime"] = "0001-01-01T00:00:00Z"
    guests[1]["createdDateTime"] = "9999-12-31T23:59:59Z"
    listings = _alone(guests)
    owners = [{"id": each["id"], "displayName": each["displayName"]} for each in guests]
    sponsors = [{"id": each["id"], "sponsors": owners[:3]} for each in guests]
    roles = [
        {"id": f"a{n}", "principalId": each["id"], "roleDefinitionId": f"r{n}"}
        for n, each in enumerate(guests[:9])
    ]
    names = [{"id": f"r{n}", "displayName": text} for n, text in enumerate(HOSTILE)]
    return {
        **listings,
        "guest-sponsors": sponsors,
        "role-assignments": roles,
        "role-definitions": names,
    }


def _alone(guests: list[dict[str, Any]]) -> Listings:
    """Nobody signed in, nobody is sponsored, nobody holds a role."""
    return {
        "guests": guests,
        "guest-sign-ins": [{"id": each["id"]} for each in guests],
        "guest-sponsors": [{"id": each["id"], "sponsors": []} for each in guests],
        "role-assignments": [],
        "role-definitions": [],
    }
