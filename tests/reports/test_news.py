"""News: what is new, what moved and how, whom it concerns, and what is not known."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared_code.core.chart import ColumnChart, Timeline, Tone
from shared_code.core.errors import DatasetError, PermissionMissing
from shared_code.core.report import Report, Status
from shared_code.core.table import NEVER
from shared_code.datasets.announcements import ANNOUNCEMENTS
from shared_code.datasets.assessments import ASSESSMENTS
from shared_code.datasets.services import LICENCES
from shared_code.rendering.html import HTML
from shared_code.rendering.language import Voice
from shared_code.reports.news import REPORT
from tests.reports.runs import (
    CONTOSO,
    ENGLISH,
    GERMAN,
    MONDAY,
    Listings,
    Runs,
    article,
    by_key,
    kpi,
    lead,
    only,
    recorded,
    rendered,
    subscription,
    tiles,
    word,
)

NO_LICENCES = PermissionMissing(LICENCES.name, "Directory.Read.All")

# Columns of the table.
DUE, MESSAGE, SERVICES, CATEGORY, IMPACT, CONCERNS, CHANGE, ADVICE = range(8)
DUE_BEFORE, OPINION, TITLE_BEFORE, SERVICES_BEFORE = range(8, 12)


@pytest.fixture
def listings() -> Listings:
    return recorded(REPORT)


def days(number: float) -> str:
    """So many days after the first report."""
    return (MONDAY + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def announcement(key: str = "MC1", **fields: Any) -> dict[str, Any]:
    """Published a month before the first report, without a deadline."""
    return {
        "id": key,
        "title": f"Title of {key}",
        "category": "planForChange",
        "services": ["Exchange Online"],
        "tags": [],
        "startDateTime": days(-30),
        "endDateTime": days(200),
        "lastModifiedDateTime": days(-30),
        "body": {"contentType": "html", "content": f"<p>Text of {key}</p>"},
        **fields,
    }


def tenant(*announcements: dict[str, Any], plans: tuple[str, ...] = ("TEAMS1",)) -> Listings:
    """Licensed for Exchange and what `plans` add; nothing is assessed."""
    return {
        ANNOUNCEMENTS.name: list(announcements),
        LICENCES.name: [subscription("EXCHANGE_S_STANDARD", *plans)],
        ASSESSMENTS.name: [],
    }


def assessed(listings: Listings, key: str, recommendation: str = "check") -> Listings:
    written = {
        "id": key,
        "de": "Testen Sie {es}.",
        "en": "Test {it}.",
        "recommendation": recommendation,
        "written": days(-1),
    }
    return listings | {ASSESSMENTS.name: [written]}


def moves(report: Report, key: str, voice: Voice = GERMAN) -> list[str]:
    facts = article(report, key).facts
    return [voice.say(said) for label, said in facts if label.de == "Änderung"]


def test_the_first_report_counts_what_was_published_in_its_period(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings)
    assert kpi(report, "new").value == 4
    assert report.content.changes == ()
    assert kpi(report, "moved").value is None
    assert {line.cells[CHANGE] for line in report.lines} == {None, 5}
    assert word(report, "MC900109", CHANGE) == "Expired"


def test_deadlines_come_first_then_news_then_the_latest(runs: Runs, listings: Listings) -> None:
    keys = [line.key for line in runs.produce(REPORT, listings).lines]
    assert keys == [
        *("MC900101", "MC900104", "MC900102", "MC900105", "MC900110", "MC900107"),  # by day
        "MC900103",  # new
        "MC900108",  # a retirement, its day is over
        *("MC900111", "MC900106", "MC900112"),
        "MC900109",  # expired
    ]


def test_of_one_day_retirements_come_first(runs: Runs) -> None:
    due = days(20)
    report = runs.produce(
        REPORT,
        tenant(
            announcement("MC1", actionRequiredByDateTime=due),
            announcement("MC2", actionRequiredByDateTime=due, tags=["RETIREMENT", None]),
            announcement("MC3", actionRequiredByDateTime=days(19)),
        ),
    )
    assert [line.key for line in report.lines] == ["MC3", "MC2", "MC1"]


def test_what_appears_is_new_however_old_it_says_it_is(runs: Runs) -> None:
    old = announcement("MC1")
    runs.produce(REPORT, tenant(old))
    late = announcement("MC2", startDateTime=days(-300), lastModifiedDateTime=days(-300))
    report = runs.produce(REPORT, tenant(old, late))
    assert word(report, "MC2", CHANGE) == "Added"
    assert word(report, "MC1", CHANGE) == "Unchanged"
    assert tiles(report) == {"new": 1, "updated": 0, "withdrawn": 0, "expired": 0}
    assert article(report, "MC2").html == "<p>Text of MC2</p>"


def test_a_moved_deadline_says_from_when_to_when(runs: Runs) -> None:
    first = announcement(actionRequiredByDateTime="2026-12-01T00:00:00Z")
    runs.produce(REPORT, tenant(first))
    moved = first | {"actionRequiredByDateTime": "2027-01-15T00:00:00Z"}
    report = runs.produce(REPORT, tenant(moved))
    assert moves(report, "MC1") == ["Termin von 01.12.2026 auf 15.01.2027 verschoben"]
    assert moves(report, "MC1", ENGLISH) == [
        "Deadline moved from 1\u00a0Dec\u00a02026 to 15\u00a0Jan\u00a02027"
    ]
    assert word(report, "MC1", CHANGE) == "Moved"
    assert only(report).cells[DUE_BEFORE] == datetime(2026, 12, 1, tzinfo=UTC)
    assert (kpi(report, "moved").value, tiles(report)["updated"]) == (1, 1)
    assert "1 deadline was moved." in lead(report)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (None, "2027-01-15T00:00:00Z", "Neuer Termin: 15.01.2027"),
        ("2027-01-15T00:00:00Z", None, "Termin 15.01.2027 entfällt"),
    ],
)
def test_a_deadline_that_comes_or_goes_is_a_move(
    runs: Runs, before: str | None, now: str | None, said: str
) -> None:
    runs.produce(REPORT, tenant(announcement(actionRequiredByDateTime=before)))
    report = runs.produce(REPORT, tenant(announcement(actionRequiredByDateTime=now)))
    assert moves(report, "MC1") == [said]
    assert kpi(report, "moved").value == 1


def test_another_title_other_services_another_category_are_named(runs: Runs) -> None:
    runs.produce(REPORT, tenant(announcement()))
    now = announcement(
        title="Another",
        services=["Microsoft Teams", "Exchange Online"],
        category="stayInformed",
        lastModifiedDateTime=days(2),
    )
    report = runs.produce(REPORT, tenant(now))
    assert moves(report, "MC1") == [
        "Titel geändert, bisher: Title of MC1",
        "Dienste geändert, bisher: Exchange Online",
        "Art geändert, bisher: Planen",
    ]
    cells = only(report).cells
    assert cells[TITLE_BEFORE] == "Title of MC1"
    assert cells[SERVICES_BEFORE] == ("Exchange Online",)
    assert word(report, "MC1", CHANGE) == "Updated"


def test_a_revised_text_is_an_update(runs: Runs) -> None:
    runs.produce(REPORT, tenant(announcement()))
    report = runs.produce(REPORT, tenant(announcement(lastModifiedDateTime=days(1))))
    assert moves(report, "MC1") == ["Text der Meldung überarbeitet"]
    again = runs.produce(REPORT, tenant(announcement(lastModifiedDateTime=days(1))))
    assert word(again, "MC1", CHANGE) == "Unchanged"
    assert again.content.articles == ()


def test_the_mark_of_a_revised_title_is_no_other_title(runs: Runs) -> None:
    runs.produce(REPORT, tenant(announcement(title="Exchange Online: rules")))
    now = announcement(title="(Updated) Exchange Online: rules", lastModifiedDateTime=days(1))
    report = runs.produce(REPORT, tenant(now))
    assert moves(report, "MC1") == ["Text der Meldung überarbeitet"]
    assert only(report).cells[MESSAGE] == ("Exchange Online: rules", "MC1")


def test_withdrawn_and_expired_are_told_apart(runs: Runs) -> None:
    lasting, ending = announcement("MC1"), announcement("MC2", endDateTime=days(3))
    endless = announcement("MC3", endDateTime=None)
    runs.produce(REPORT, tenant(lasting, ending, endless))
    report = runs.produce(REPORT, tenant())
    assert tiles(report) == {"new": 0, "updated": 0, "withdrawn": 2, "expired": 1}
    assert {key: line.filters for key, line in by_key(report).items()} == {
        "MC1": ("withdrawn",),
        "MC2": ("expired",),
        "MC3": ("withdrawn",),
    }
    assert all(line.memory is None for line in report.lines)
    assert {key: word(report, key, CHANGE) for key in by_key(report)} == {
        "MC1": "Withdrawn",
        "MC2": "Expired",
        "MC3": "Withdrawn",
    }
    assert set(tiles(runs.produce(REPORT, tenant())).values()) == {0}


def test_what_expires_is_said_once_listed_or_not(runs: Runs) -> None:
    ending = announcement(endDateTime=days(3))
    runs.produce(REPORT, tenant(ending))
    report = runs.produce(REPORT, tenant(ending))
    assert (word(report, "MC1", CHANGE), tiles(report)["expired"]) == ("Expired", 1)
    again = runs.produce(REPORT, tenant(ending))
    assert (word(again, "MC1", CHANGE), tiles(again)["expired"]) == ("Expired", 0)
    gone = runs.produce(REPORT, tenant())
    assert (list(gone.lines), set(tiles(gone).values())) == ([], {0})


def test_runs_that_failed_in_between_lose_nothing(runs: Runs) -> None:
    first = announcement("MC1", actionRequiredByDateTime=days(60))
    runs.produce(REPORT, tenant(first))
    runs.skip(3)
    moved = first | {"actionRequiredByDateTime": days(90), "lastModifiedDateTime": days(1)}
    appeared = announcement("MC2", startDateTime=days(2), lastModifiedDateTime=days(2))
    report = runs.produce(REPORT, tenant(moved, appeared))
    assert tiles(report) == {"new": 1, "updated": 1, "withdrawn": 0, "expired": 0}


@pytest.mark.parametrize(
    ("services", "said"),
    [
        (["Exchange Online"], "Yes"),
        (["SharePoint Online"], "No"),
        (["SharePoint Online", "exchange online "], "Yes"),
        (["SharePoint Online", "Windows"], "Check"),
        (["Microsoft 365 suite"], "Check"),
        (["Microsoft Entra"], "Yes"),
        (["A service nobody knows"], "Check"),
        ([], "Check"),
        ([None], "Check"),
        (None, "Check"),
    ],
)
def test_licences_say_whom_it_concerns(
    runs: Runs, services: list[str | None] | None, said: str
) -> None:
    report = runs.produce(REPORT, tenant(announcement(services=services)))
    assert word(report, "MC1", CONCERNS) == said


@pytest.mark.parametrize(
    ("status", "said"), [("Enabled", "Yes"), ("WARNING", "Yes"), ("Suspended", "No"), (None, "No")]
)
def test_only_subscriptions_that_serve_count(runs: Runs, status: str | None, said: str) -> None:
    listings = tenant(announcement(services=["Power BI"]))
    sku = {
        "id": "x",
        "capabilityStatus": status,
        "servicePlans": [{"servicePlanName": "BI_AZURE_P2"}],
    }
    listings[LICENCES.name].append(sku)
    assert word(runs.produce(REPORT, listings), "MC1", CONCERNS) == said


def test_the_plan_that_every_subscription_holds_is_no_mailbox(runs: Runs) -> None:
    listings = tenant(announcement())
    listings[LICENCES.name][0]["servicePlans"] = [{"servicePlanName": "EXCHANGE_S_FOUNDATION"}]
    assert word(runs.produce(REPORT, listings), "MC1", CONCERNS) == "No"


def test_without_licences_nobody_is_told_it_is_none_of_their_business(runs: Runs) -> None:
    listings = tenant(announcement(services=["Power BI"], actionRequiredByDateTime=days(5)))
    report = runs.produce(REPORT, listings, NO_LICENCES)
    assert only(report).cells[CONCERNS] is None
    assert kpi(report, "due").value == 1
    assert report.status is Status.BAD
    quiet = runs.produce(REPORT, tenant(announcement()), NO_LICENCES)
    assert quiet.status is Status.INCOMPLETE


def test_deadlines_of_services_without_a_licence_are_not_counted(runs: Runs) -> None:
    report = runs.produce(
        REPORT, tenant(announcement(services=["Power BI"], actionRequiredByDateTime=days(5)))
    )
    assert (kpi(report, "due").value, report.status) == (0, Status.OK)
    assert (report.content.actions, report.content.deadlines) == ((), ())
    assert only(report).article == "MC1"


@pytest.mark.parametrize(
    ("due", "status"),
    [
        (days(-0.2), Status.BAD),  # earlier on the day of the report
        (days(-1), Status.OK),
        (days(7), Status.BAD),
        (days(8), Status.WARN),
        (days(30), Status.WARN),
        (days(31), Status.OK),
        ("9999-12-31T23:59:59Z", Status.OK),
        ("0001-01-01T00:00:00Z", Status.OK),
    ],
)
def test_the_nearest_deadline_decides_the_status(runs: Runs, due: str, status: Status) -> None:
    report = runs.produce(REPORT, tenant(announcement(actionRequiredByDateTime=due)))
    assert report.status is status
    assert kpi(report, "due").value == (status is not Status.OK)


def test_a_deadline_we_have_assessed_is_no_alarm(runs: Runs) -> None:
    listings = tenant(announcement(actionRequiredByDateTime=days(5)))
    report = runs.produce(REPORT, assessed(listings, "MC1"))
    assert report.status is Status.WARN
    [action] = report.content.actions
    assert GERMAN.say(action.why) == "Testen Sie {es}."
    assert word(report, "MC1", ADVICE) == "Check"
    assert word(report, "MC1", OPINION) == "Test {it}."
    assert "Test {it}." in [ENGLISH.say(said) for _, said in article(report, "MC1").facts]
    assert "Testen Sie {es}." in rendered(HTML, report).decode()


def test_where_nothing_is_to_be_done_nothing_is_asked(runs: Runs) -> None:
    listings = tenant(announcement(actionRequiredByDateTime=days(5)))
    report = runs.produce(REPORT, assessed(listings, "MC1", "nothing"))
    assert report.content.actions == ()


def test_an_assessment_of_what_is_not_listed_harms_nobody(runs: Runs) -> None:
    report = runs.produce(REPORT, assessed(tenant(announcement()), "MC404"))
    assert word(report, "MC1", OPINION) == word(report, "MC1", ADVICE) == "none yet"


def test_only_five_actions_the_nearest_first(runs: Runs) -> None:
    many = [announcement(f"MC{n}", actionRequiredByDateTime=days(30 - n)) for n in range(8)]
    report = runs.produce(REPORT, tenant(*many))
    assert [GERMAN.say(a.title).rpartition(" ")[2] for a in report.content.actions] == [
        "MC7",
        "MC6",
        "MC5",
        "MC4",
        "MC3",
    ]
    assert {action.filter for action in report.content.actions} == {"due"}
    assert report.lines.counts["due"] == kpi(report, "due").value == 8


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "No new message, no deadline by 23\u00a0Dec\u00a02026."),
        (1, "1 new message, 1 deadline by 23\u00a0Dec\u00a02026."),
        (2, "2 new messages, 2 deadlines by 23\u00a0Dec\u00a02026."),
    ],
)
def test_the_lead_counts(runs: Runs, count: int, said: str) -> None:
    fields = {"startDateTime": days(-1), "actionRequiredByDateTime": days(20)}
    old = announcement("MC0")
    new = [announcement(f"MC{n + 1}", **fields) for n in range(count)]
    assert lead(runs.produce(REPORT, tenant(old, *new))).startswith(said)


def test_a_deadline_is_ahead_until_its_day_is_over_where_the_customer_is(runs: Runs) -> None:
    # Sunday in Vienna, Monday in Auckland; the report is of Monday in both.
    due = announcement("MC1", actionRequiredByDateTime="2026-11-22T20:00:00Z")
    assert kpi(runs.produce(REPORT, tenant(due)), "due").value == 0
    runs.tenant = replace(CONTOSO, time_zone="Pacific/Auckland")
    assert (
        kpi(
            runs.produce(
                REPORT, tenant(due | {"actionRequiredByDateTime": "2026-11-29T20:00:00Z"})
            ),
            "due",
        ).value
        == 1
    )


def test_months_of_which_nothing_is_listed_any_more_are_unknown(runs: Runs) -> None:
    old = announcement("MC1", category="stayInformed", startDateTime="2026-10-02T00:00:00Z")
    report = runs.produce(REPORT, tenant(old))
    chart = next(c for c in report.content.charts if isinstance(c, ColumnChart))
    assert [each.values[-3:] for each in chart.series] == [(None, 0, 0), (None, 0, 0), (None, 1, 0)]


def test_days_ahead_are_dates_that_stay_true_however_late_it_is_read(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(announcement("MC1", actionRequiredByDateTime=days(3))))
    said = [lead(report), *map(ENGLISH.say, (report.content.digest, kpi(report, "due").base))]
    assert said[0].startswith("No new message, 1 deadline by 23\u00a0Dec\u00a02026.")
    assert said[1] == "1 deadline by 23\u00a0Dec\u00a02026, no new message"
    assert said[2] == "by 23\u00a0Dec\u00a02026, 1 of them by 30\u00a0Nov\u00a02026"


def test_an_empty_message_centre_is_said(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant())
    assert lead(report) == "The message centre holds no messages."
    assert (report.status, report.content.charts) == (Status.OK, ())


def test_the_digest_says_nothing_new_within_its_line(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings)
    digest = runs.produce(REPORT, listings).content.digest
    assert GERMAN.say(digest).endswith(", keine neue Meldung")


def test_the_digest_counts_and_names_nothing(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings)
    assert GERMAN.say(report.content.digest) == "3 Fristen bis 23.12.2026, 4 neue Meldungen"
    assert [d.title[:10] for d in report.content.deadlines][:1] == ["Microsoft "]


def test_the_timeline_has_a_row_per_service_and_ten_at_most(runs: Runs) -> None:
    many = [
        announcement(f"MC{n}", services=[f"Service {n}"], actionRequiredByDateTime=days(n + 1))
        for n in range(14)
    ]
    both = announcement(
        "MC99",
        title="service 0: both",
        services=["Service 0", "Service 13"],
        actionRequiredByDateTime=days(50),
    )
    chart = runs.produce(REPORT, tenant(*many, both)).content.charts[0]
    assert isinstance(chart, Timeline)
    assert [row.label for row in chart.rows][:9] == [f"Service {n}" for n in range(9)]
    assert len(chart.rows) == 10
    assert [mark.label for mark in chart.rows[0].marks] == ["Title of MC0", "both"]
    assert len(chart.rows[-1].marks) == 6
    assert {mark.tone for row in chart.rows for mark in row.marks} == {
        Tone.BAD,
        Tone.WARN,
        Tone.INFO,
    }
    assert all(chart.start <= mark.start <= chart.end for row in chart.rows for mark in row.marks)


def test_months_are_counted_by_category(runs: Runs, listings: Listings) -> None:
    chart = runs.produce(REPORT, listings).content.charts[1]
    assert isinstance(chart, ColumnChart)
    assert len(chart.labels) == 12
    assert [series.values[-1] for series in chart.series] == [1, 1, 4]
    assert [sum(v or 0 for v in series.values) for series in chart.series] == [2, 4, 5]


def test_texts_are_shown_of_what_is_new_changed_or_due_and_of_two_hundred(runs: Runs) -> None:
    due = [announcement(f"MC{n}", actionRequiredByDateTime=days(5)) for n in range(230)]
    report = runs.produce(REPORT, tenant(*due, announcement("MC900")))
    shown = [each.key for each in report.content.articles]
    assert len(shown) == 200
    assert [line.article for line in report.lines if line.article] == shown
    assert by_key(report)["MC900"].article == ""


def test_a_message_without_a_text_or_with_a_strange_id_has_no_article(runs: Runs) -> None:
    report = runs.produce(
        REPORT,
        tenant(
            announcement("MC1", startDateTime=days(-1), body=None),
            announcement(
                "MC2", startDateTime=days(-1), body={"contentType": "text", "content": ""}
            ),
            announcement('"><script>', startDateTime=days(-1)),
        ),
    )
    assert report.content.articles == ()
    assert {line.article for line in report.lines} == {""}


def test_plain_text_keeps_its_lines_and_is_no_markup(runs: Runs) -> None:
    body = {"contentType": "Text", "content": "One <b>\r\nTwo & three"}
    report = runs.produce(REPORT, tenant(announcement(startDateTime=days(-1), body=body)))
    assert article(report, "MC1").html == "One &lt;b&gt;<br>\nTwo &amp; three"


def test_links_that_are_no_addresses_are_left_out(runs: Runs) -> None:
    values = [
        "javascript:alert(1)",
        "https://learn.example.com/x",
        "http://plain",
        None,
        "https://a b",
    ]
    details = [{"name": "ExternalLink", "value": value} for value in values]
    report = runs.produce(REPORT, tenant(announcement(startDateTime=days(-1), details=details)))
    facts = [
        ENGLISH.say(said) for label, said in article(report, "MC1").facts if label.en == "Links"
    ]
    assert facts == ["https://learn.example.com/x"]


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (["Admin impact", "User impact"], "Admins, users"),
        (["ADMIN IMPACT"], "Admins"),
        (["User impact"], "Users"),
        ([], None),
        (None, None),
    ],
)
def test_tags_say_whom_it_touches(runs: Runs, tags: list[str] | None, said: str | None) -> None:
    report = runs.produce(REPORT, tenant(announcement(tags=tags)))
    assert word(report, "MC1", IMPACT) == said


def test_a_message_of_which_only_the_id_is_known_is_listed(runs: Runs) -> None:
    bare = {"id": "MC1"}
    report = runs.produce(REPORT, tenant(bare))
    assert only(report).cells[MESSAGE] == ("MC1", "MC1")
    assert only(report).cells[DUE] is NEVER
    assert word(runs.produce(REPORT, tenant(bare)), "MC1", CHANGE) == "Unchanged"


def test_a_time_that_becomes_known_is_no_change(runs: Runs) -> None:
    runs.produce(REPORT, tenant(announcement(lastModifiedDateTime=None)))
    report = runs.produce(REPORT, tenant(announcement()))
    assert word(report, "MC1", CHANGE) == "Unchanged"


def test_without_the_message_centre_there_is_no_report(runs: Runs, listings: Listings) -> None:
    gap = PermissionMissing(ANNOUNCEMENTS.name, "ServiceMessage.Read.All")
    with pytest.raises(DatasetError):
        runs.produce(REPORT, listings, gap)
    assert kpi(runs.produce(REPORT, deepcopy(listings)), "new").value == 4
