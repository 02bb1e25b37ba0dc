"""Storage: what is nearly full, what grew, when the pool is used up, and what is not known."""

from datetime import date, timedelta
from typing import Any

import pytest

from shared_code.core.chart import BarChart, LineChart
from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import DatasetError, LicenceMissing, PermissionMissing, Reason
from shared_code.core.report import Report, Status
from shared_code.core.table import NEVER, Line
from shared_code.datasets.services import LICENCES
from shared_code.datasets.usage import (
    MAILBOX_USAGE,
    ONEDRIVE_USAGE,
    REPORT_SETTINGS,
    SITE_STORAGE,
    SITE_USAGE,
)
from shared_code.reports.storage import REPORT
from tests.reports.runs import (
    GERMAN,
    Listings,
    Runs,
    by_key,
    kpis,
    lead,
    recorded,
    tiles,
)

GB = 2**30

KIND, NAME, USED, QUOTA, SHARE, GROWTH, LAST, OWNER, CHANGE = range(9)
SAME, ADDED, FULLER, RELIEVED, GROWN, GONE = range(6)


@pytest.fixture
def listings() -> Listings:
    return recorded(REPORT)


def mailbox(name: str, used: float, quota: float = 100) -> dict[str, Any]:
    return {
        "Report Refresh Date": "2026-11-21",
        "User Principal Name": f"{name}@contoso.example",
        "Display Name": name.title(),
        "Is Deleted": "False",
        "Last Activity Date": "2026-11-20",
        "Storage Used (Byte)": str(round(used * GB)),
        "Prohibit Send/Receive Quota (Byte)": str(round(quota * GB)),
    }


def only(*mailboxes: dict[str, Any]) -> Listings:
    """A tenant of mailboxes; nothing is known of anything else."""
    return {d.name: [] for d in REPORT.needs} | {MAILBOX_USAGE.name: list(mailboxes)}


def pool(*gigabytes: float, seats: int = 50) -> Listings:
    """Storage of all sites day by day, the last on 21 November; 1 TB and 10 GB per seat to fill."""
    days = [
        {
            "Report Refresh Date": "2026-11-21",
            "Site Type": "All",
            "Report Date": (date(2026, 11, 21) - timedelta(days=n)).isoformat(),
            "Storage Used (Byte)": str(round(used * GB)),
        }
        for n, used in enumerate(reversed(gigabytes))
    ]
    licence = {
        "id": "e5",
        "capabilityStatus": "Enabled",
        "prepaidUnits": {"enabled": seats},
        "servicePlans": [{"servicePlanName": "SHAREPOINTSTANDARD"}],
    }
    return only() | {SITE_STORAGE.name: days, LICENCES.name: [licence]}


def line(report: Report, name: str) -> Line:
    return by_key(report)[f"exchange:{name}@contoso.example"]


def test_the_recorded_tenant(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings)
    assert report.status is Status.BAD, "a mailbox is at 99.5 %"
    assert report.lines.counts["near"] == 4  # two mailboxes, a OneDrive, a site
    assert line(report, "ada.lechner").cells[SHARE] == pytest.approx(0.995)
    assert line(report, "empfang.zentrale").cells[LAST] is NEVER
    assert line(report, "quota.none").cells[SHARE] is None
    assert "exchange:old.hand@contoso.example" not in by_key(report)


def test_the_fullest_come_first_and_unknown_last(runs: Runs) -> None:
    boxes = (mailbox("low", 1), mailbox("none", 5, 0), mailbox("full", 100), mailbox("mid", 50))
    report = runs.produce(REPORT, only(*boxes))
    assert [each.cells[NAME] for each in report.lines] == [
        (name.title(), f"{name}@contoso.example") for name in ("full", "mid", "low", "none")
    ]


@pytest.mark.parametrize(
    ("used", "status"),
    [(90, Status.OK), (90.1, Status.WARN), (98.9, Status.WARN), (99, Status.BAD)],
)
def test_a_mailbox_decides_at_ninety_and_ninety_nine_percent(
    runs: Runs, used: float, status: Status
) -> None:
    assert runs.produce(REPORT, only(mailbox("ada", used))).content.lead.status is status


def test_growth_fills_the_pool_on_a_day(runs: Runs) -> None:
    # 1,524 GB in all; 1,000 used and 2 more each day: full in 262 days.
    report = runs.produce(REPORT, pool(*(990 + 2 * n for n in range(6))))
    assert lead(report, GERMAN).startswith(
        "SharePoint ist zu 65,6\u00a0% belegt; bei gleichem Wachstum"
    )
    assert "voll ca. im August 2027." in lead(report, GERMAN)
    assert kpis(report)["months-left"] == 9
    assert GERMAN.say(report.content.digest) == "SharePoint 65,6\u00a0%, voll ca. August 2027"
    assert report.content.lead.status is Status.OK
    chart = report.content.charts[0]
    assert isinstance(chart, LineChart)
    assert [series.dashed for series in chart.series] == [False, True, False]


def test_three_months_ahead_is_time_to_act(runs: Runs) -> None:
    report = runs.produce(REPORT, pool(*(1400 + 2 * n for n in range(6))))
    assert report.content.lead.status is Status.BAD
    first = report.content.actions[0]
    assert first.priority == "critical"
    assert GERMAN.say(first.title).startswith("SharePoint-Speicher freigeben")


def test_without_a_history_nobody_knows_how_long_storage_lasts(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings, DatasetError(SITE_STORAGE.name, Reason.UNREACHABLE))
    assert lead(report, GERMAN).startswith("SharePoint ist zu 68,4\u00a0% belegt. ")
    [left] = [each.kpi for each in report.figures if each.kpi.metric == "months-left"]
    assert left.value is None
    assert GERMAN.say(left.note) == "noch nicht zu schätzen"


def test_what_does_not_grow_is_not_forecast(runs: Runs) -> None:
    report = runs.produce(REPORT, pool(*[1000] * 6))
    assert "reicht der Speicher noch Jahre" in lead(report, GERMAN)
    assert kpis(report)["months-left"] == 60
    assert GERMAN.say(report.content.digest) == "SharePoint 65,6\u00a0%"


def test_three_days_are_too_few_for_a_forecast(runs: Runs) -> None:
    report = runs.produce(REPORT, pool(1000, 1010, 1020))
    assert kpis(report)["months-left"] is None


def test_a_pool_beyond_its_quota_is_said_so(runs: Runs) -> None:
    report = runs.produce(REPORT, pool(*(1600 + n for n in range(6))))
    assert "Das Kontingent ist erschöpft" in lead(report, GERMAN)


def test_free_and_lapsed_licences_do_not_count(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings)
    base = next(k.base for k in report.content.kpis if k.metric == "sharepoint-share")
    assert "1,5\u00a0TB" in GERMAN.say(base)  # 1 TB and fifty times 10 GB


def test_changes_are_counted_by_id(runs: Runs) -> None:
    before = only(
        mailbox("up", 89), mailbox("down", 91), mailbox("grew", 40), mailbox("same", 40),
        mailbox("left", 5),
    )  # fmt: skip
    after = only(
        mailbox("up", 95), mailbox("down", 80), mailbox("grew", 49), mailbox("same", 41),
        mailbox("new", 3), mailbox("left", 5) | {"Is Deleted": "True"},
    )  # fmt: skip
    runs.produce(REPORT, before)
    report = runs.produce(REPORT, after)
    assert tiles(report) == {"fuller": 1, "relieved": 1, "grown": 1, "added": 1, "gone": 1}
    changes = {name: line(report, name).cells[CHANGE] for name in ("up", "down", "grew", "same")}
    assert changes == {"up": FULLER, "down": RELIEVED, "grew": GROWN, "same": SAME}
    assert line(report, "grew").cells[GROWTH] == 9 * GB
    assert line(report, "new").cells[CHANGE] == ADDED
    assert line(report, "left").cells[CHANGE] == GONE
    chart = next(c for c in report.content.charts if isinstance(c, BarChart))
    assert [bar.value for bar in chart.bars] == [9 * GB, 6 * GB, GB]


@pytest.mark.parametrize(("grown", "is_notable"), [(1.0, False), (1.1, True)])
def test_small_mailboxes_must_grow_by_more_than_a_gigabyte(
    runs: Runs, *, grown: float, is_notable: bool
) -> None:
    runs.produce(REPORT, only(mailbox("ada", 1)))
    report = runs.produce(REPORT, only(mailbox("ada", 1 + grown)))
    assert (tiles(report)["grown"] == 1) is is_notable


def test_exactly_a_fifth_is_not_grown_strongly(runs: Runs) -> None:
    runs.produce(REPORT, only(mailbox("ada", 10)))
    assert tiles(runs.produce(REPORT, only(mailbox("ada", 12))))["grown"] == 0
    assert tiles(runs.produce(REPORT, only(mailbox("ada", 14.5))))["grown"] == 1


def test_the_first_of_a_kind_is_new_where_there_were_none(runs: Runs) -> None:
    runs.produce(REPORT, only())
    report = runs.produce(REPORT, only(mailbox("ada", 10)))
    assert tiles(report) == {"fuller": 0, "relieved": 0, "grown": 0, "added": 1, "gone": 0}
    assert line(report, "ada").cells[CHANGE] == ADDED


def test_what_becomes_known_is_no_change(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings, PermissionMissing(ONEDRIVE_USAGE.name, "Reports.Read.All"))
    report = runs.produce(REPORT, listings)
    assert tiles(report)["added"] == 0
    onedrive = by_key(report)["onedrive:ben.novak@contoso.example"]
    assert onedrive.cells[CHANGE] is None


def test_what_becomes_unknown_is_no_change_either(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings)
    gap = PermissionMissing(ONEDRIVE_USAGE.name, "Reports.Read.All")
    report = runs.produce(REPORT, listings, gap)
    assert tiles(report)["gone"] == 0
    assert kpis(report)["near-onedrives"] is None


def test_rows_without_an_id_are_never_said_to_be_gone(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings)
    listings[ONEDRIVE_USAGE.name] = listings[ONEDRIVE_USAGE.name][:2]
    report = runs.produce(REPORT, listings)
    assert [each.key for each in report.lines if "gone" in each.filters] == [
        "onedrive:eva.maier@contoso.example"
    ]


def test_nothing_at_all_is_no_report(runs: Runs, listings: Listings) -> None:
    gaps = [
        PermissionMissing(d.name, "Reports.Read.All")
        for d in (MAILBOX_USAGE, ONEDRIVE_USAGE, SITE_USAGE)
    ]
    with pytest.raises(DatasetError):
        runs.produce(REPORT, listings, *gaps)


def test_mailboxes_alone_are_missing_and_the_rest_is_there(runs: Runs, listings: Listings) -> None:
    gap = PermissionMissing(MAILBOX_USAGE.name, "Reports.Read.All")
    report = runs.produce(REPORT, listings, gap)
    assert kpis(report)["near-mailboxes"] is None
    assert report.lines.counts["sharepoint"] == 4


def test_without_licences_the_share_is_unknown_but_not_the_use(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings, LicenceMissing(LICENCES.name, "x"))
    assert kpis(report)["sharepoint-share"] is None
    assert "SharePoint belegt 1,0\u00a0TB." in lead(report, GERMAN)


def test_the_line_in_short_does_not_count_what_could_not_be_read(runs: Runs) -> None:
    whole = runs.produce(REPORT, only(mailbox("ada", 10)))
    assert GERMAN.say(whole.content.digest) == "0 Speicher über 90\u00a0%"
    missing = PermissionMissing(ONEDRIVE_USAGE.name, "Reports.Read.All")
    report = runs.produce(REPORT, only(mailbox("ada", 10)), missing)
    assert GERMAN.say(report.content.digest) == "Nicht alle Speicher lesbar"
    report = runs.produce(REPORT, only(mailbox("ada", 95)), missing)
    assert GERMAN.say(report.content.digest) == "1 Speicher über 90\u00a0%"


def test_nothing_is_compared_with_what_could_not_be_read_before(runs: Runs) -> None:
    runs.produce(REPORT, only(mailbox("ada", 10)))
    missing = PermissionMissing(MAILBOX_USAGE.name, "Reports.Read.All")
    assert set(tiles(runs.produce(REPORT, only(), missing)).values()) == {None}


def test_concealed_names_are_never_shown_as_hashes(runs: Runs) -> None:
    hashed = "0F" * 16
    box = mailbox("x", 95) | {"User Principal Name": hashed, "Display Name": hashed}
    listings = only(box) | {REPORT_SETTINGS.name: [{"displayConcealedNames": True}]}
    report = runs.produce(REPORT, listings)
    [shown] = [each.cells[NAME] for each in report.lines]
    assert shown == ("0F0F0F0F", "0F0F0F0F")
    notes = [GERMAN.say(text) for _, text in report.content.notes]
    assert any("verborgen" in note for note in notes)
    assert any("21.11.2026" in note for note in notes)


@pytest.mark.parametrize(
    ("boxes", "sentence"),
    [
        ((), "Kein Postfach und kein OneDrive ist über 90\u00a0%."),
        ((95,), "1 Postfach ist über 90\u00a0%."),
        ((95, 96), "2 Postfächer sind über 90\u00a0%."),
    ],
)
def test_none_one_and_many(runs: Runs, boxes: tuple[float, ...], sentence: str) -> None:
    made = runs.produce(REPORT, only(*(mailbox(f"m{n}", n) for n in boxes)))
    assert lead(made, GERMAN) == sentence


@pytest.mark.parametrize(
    ("unknown", "sentence"),
    [
        ((ONEDRIVE_USAGE,), "1 Postfach ist über 90\u00a0%."),
        ((MAILBOX_USAGE,), "Kein OneDrive ist über 90\u00a0%."),
        ((MAILBOX_USAGE, ONEDRIVE_USAGE), "Wie voll Postfächer und OneDrives sind"),
    ],
)
def test_what_could_not_be_read_is_not_said_to_be_fine(
    runs: Runs, unknown: tuple[Dataset[Row], ...], sentence: str
) -> None:
    gaps = [DatasetError(dataset.name, Reason.UNREACHABLE) for dataset in unknown]
    made = runs.produce(REPORT, only(mailbox("ann", 95)), *gaps)
    assert lead(made, GERMAN).startswith(sentence)
