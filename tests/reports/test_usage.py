"""Usage: who counts as active where, what moved, and that nobody is named without approval."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared_code.core.chart import LineChart, ShareChart
from shared_code.core.errors import DatasetError, PermissionMissing
from shared_code.core.privacy import Privacy, Pseudonyms
from shared_code.core.report import Status
from shared_code.core.table import NEVER
from shared_code.core.tenant import PrivacyChoice
from shared_code.datasets.usage import ACTIVATIONS, ACTIVE_USERS, APP_USERS, REPORT_SETTINGS
from shared_code.reports.usage import REPORT
from tests.reports.runs import (
    CONTOSO,
    GERMAN,
    Listings,
    Runs,
    by_key,
    decoded,
    kpis,
    lead,
    recorded,
    tiles,
)

NOW = date(2026, 11, 21)

NAME, LAST, USED, EXCHANGE, ONEDRIVE, SHAREPOINT, TEAMS, YAMMER, APPS, CHANGE = range(10)
SAME, ADDED, IDLE_NOW, BACK, GONE = range(5)


def user(name: str, *, teams: int | None = None, **fields: str) -> dict[str, Any]:
    """Licensed for everything; used Teams so many days ago, or never."""
    last = (NOW - timedelta(days=teams)).isoformat() if teams is not None else ""
    licences = ("Exchange", "OneDrive", "SharePoint", "Teams", "Yammer")
    return {
        "Report Refresh Date": NOW.isoformat(),
        "User Principal Name": f"{name}@contoso.example",
        "Display Name": name.title(),
        "Is Deleted": "False",
        "Teams Last Activity Date": last,
        **{f"Has {service} License": "True" for service in licences},
        **fields,
    }


def only(*users: dict[str, Any]) -> Listings:
    return {d.name: [] for d in REPORT.needs} | {ACTIVE_USERS.name: list(users)}


def test_the_recorded_tenant(runs: Runs) -> None:
    report = runs.produce(REPORT, recorded(REPORT))
    # Gerda has no licence, Hans is deleted.
    assert report.lines.counts == {"all": 6, "active": 3, "idle": 2}
    assert kpis(report) == {"active": 3, "share-teams": 0.5, "share-onedrive": 0.5, "idle": 2}
    lines = by_key(report)
    ada = lines["ada.lechner@contoso.example"].cells
    assert ada[USED] == ("Exchange", "OneDrive", "SharePoint", "Teams", "Viva Engage")
    assert ada[APPS] == ("Outlook", "Word", "Teams")
    fritz = lines["fritz.gruber@contoso.example"].cells
    assert (fritz[YAMMER], fritz[APPS]) == (None, None), "no licence, not in the other file"
    assert lines["eva.maier@contoso.example"].cells[LAST] is NEVER


@pytest.mark.parametrize(
    ("days", "is_active", "is_idle"),
    [
        (0, True, False),
        (29, True, False),
        (30, False, False),
        (90, False, False),
        (91, False, True),
    ],
)
def test_thirty_days_are_active_and_more_than_ninety_idle(
    runs: Runs, *, days: int, is_active: bool, is_idle: bool
) -> None:
    counted = runs.produce(REPORT, only(user("ada", teams=days))).lines.counts
    assert (counted.get("active", 0) == 1, counted.get("idle", 0) == 1) == (is_active, is_idle)


def test_days_are_counted_from_microsofts_own_date(runs: Runs) -> None:
    old = {"Report Refresh Date": "2026-11-01", "Teams Last Activity Date": "2026-10-10"}
    report = runs.produce(REPORT, only(user("ada") | old))
    assert report.lines.counts["active"] == 1
    assert any("01.11.2026" in GERMAN.say(text) for _, text in report.content.notes)


def test_bands_say_how_long_ago_each_service_was_used(runs: Runs) -> None:
    users = [user(f"u{n}", teams=days) for n, days in enumerate((0, 6, 7, 30, 90, 180))]
    report = runs.produce(REPORT, only(*users, user("never")))
    chart = next(c for c in report.content.charts if isinstance(c, ShareChart))
    teams = next(row for row in chart.rows if GERMAN.say(row.label) == "Teams")
    assert teams.values == (2, 1, 1, 1, 2)


def test_changes_between_two_runs(runs: Runs) -> None:
    runs.produce(
        REPORT, only(user("a", teams=1), user("b", teams=40), user("c"), user("d", teams=1))
    )
    report = runs.produce(
        REPORT, only(user("a", teams=40), user("b", teams=1), user("d", teams=2), user("e"))
    )
    assert tiles(report) == {"added": 1, "gone": 1, "back": 1, "idle-now": 1}
    changes = {k[0]: each.cells[CHANGE] for k, each in by_key(report).items()}
    assert changes == {"a": IDLE_NOW, "b": BACK, "c": GONE, "d": SAME, "e": ADDED}


def test_who_lost_all_licences_is_told_as_gone(runs: Runs) -> None:
    services = ("Exchange", "OneDrive", "SharePoint", "Teams", "Yammer")
    without = {f"Has {service} License": "False" for service in services}
    runs.produce(REPORT, only(user("ada", teams=1), user("ben", teams=1)))
    report = runs.produce(REPORT, only(user("ada", teams=1), user("ben", teams=1, **without)))
    assert tiles(report)["gone"] == 1
    assert by_key(report)["ben@contoso.example"].cells[CHANGE] == GONE


def test_a_service_that_loses_a_tenth_is_named(runs: Runs) -> None:
    runs.produce(REPORT, only(*(user(f"u{n}", teams=1) for n in range(10))))
    fewer = [user(f"u{n}", teams=1 if n < 8 else 60) for n in range(10)]
    report = runs.produce(REPORT, only(*fewer))
    assert lead(report, GERMAN) == (
        "8 von 10 lizenzierten Benutzern waren in 30 Tagen aktiv. Die Nutzung sinkt bei Teams."
    )
    assert report.content.lead.status is Status.WARN
    assert any("Teams" in GERMAN.say(action.title) for action in report.content.actions)


def test_a_steady_week_is_said_so(runs: Runs) -> None:
    listings = only(*(user(f"u{n}", teams=1) for n in range(10)))
    assert runs.produce(REPORT, listings).content.lead.rest is None
    report = runs.produce(REPORT, listings)
    assert "Kein Dienst hat sich um mehr als ein Zehntel verändert." in lead(report, GERMAN)
    assert report.content.lead.status is Status.OK


def test_months_are_drawn_once_there_are_two(runs: Runs) -> None:
    listings = only(user("ada", teams=1))
    made = [runs.produce(REPORT, listings) for _ in range(3)]  # the third one is in December
    drawn = [[c for c in r.content.charts if isinstance(c, LineChart)] for r in made]
    assert [len(charts) for charts in drawn] == [0, 0, 1]
    assert drawn[2][0].labels == (date(2026, 11, 1), date(2026, 12, 1))


def test_without_apps_and_activations_the_rest_is_there(runs: Runs) -> None:
    gaps = [PermissionMissing(d.name, "Reports.Read.All") for d in (APP_USERS, ACTIVATIONS)]
    report = runs.produce(REPORT, recorded(REPORT), *gaps)
    assert kpis(report)["active"] == 3
    assert all(line.cells[APPS] is None for line in report.lines)


def test_without_activity_there_is_no_report(runs: Runs) -> None:
    with pytest.raises(DatasetError):
        runs.produce(REPORT, recorded(REPORT), PermissionMissing(ACTIVE_USERS.name, "x"))


def test_nobody_is_licensed(runs: Runs) -> None:
    report = runs.produce(REPORT, only())
    assert lead(report, GERMAN) == "Kein Benutzer hat eine Lizenz für diese Dienste."
    assert not report.content.charts


def test_concealment_is_said(runs: Runs) -> None:
    listings = only(user("ada")) | {REPORT_SETTINGS.name: [{"displayConcealedNames": True}]}
    report = runs.produce(REPORT, listings)
    assert any("verborgen" in GERMAN.say(text) for _, text in report.content.notes)


def test_names_need_an_approval_in_writing() -> None:
    def mode(choice: PrivacyChoice) -> Privacy:
        tenant = CONTOSO.__class__(
            id=CONTOSO.id, customer="x", domain="x", privacy={REPORT.name: choice}
        )
        return tenant.privacy_of(REPORT.name, default=REPORT.privacy)

    assert CONTOSO.privacy_of(REPORT.name, default=REPORT.privacy) is Privacy.PSEUDONYMOUS
    assert mode(PrivacyChoice(mode=Privacy.NAMED)) is Privacy.PSEUDONYMOUS
    approved = PrivacyChoice(mode=Privacy.NAMED, approved_by="Betriebsrat")
    assert mode(approved) is Privacy.NAMED
    assert mode(PrivacyChoice(mode=Privacy.AGGREGATE)) is Privacy.AGGREGATE


def test_pseudonyms_leave_no_name_and_keep_files_joined() -> None:
    masks = Pseudonyms(b"k" * 32, "contoso")
    listings = recorded(REPORT)
    users, apps = (
        [masks.masked(row) for page in decoded(d, listings[d.name]) for row in page]
        for d in (ACTIVE_USERS, APP_USERS)
    )
    assert {row.id for row in apps} < {row.id for row in users}
    for name in ("ada", "lechner", "novak"):
        assert name not in str([*users, *apps]).casefold()
