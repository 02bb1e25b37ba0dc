"""Service health: nothing falls between two reports, whatever was late, back-dated or failed."""

from datetime import timedelta
from typing import Any

import pytest

from shared_code.core.chart import ColumnChart, Timeline, Tone
from shared_code.core.errors import DatasetError, PermissionMissing
from shared_code.core.report import Report, Status
from shared_code.datasets.service_health import ISSUES
from shared_code.datasets.services import LICENCES
from shared_code.reports.service_health import REPORT
from tests.reports.runs import (
    ENGLISH,
    GERMAN,
    MONDAY,
    WEEK,
    Listings,
    Runs,
    article,
    by_key,
    kpis,
    lead,
    only,
    recorded,
    subscription,
    tiles,
    word,
    words,
)

HOUR = 3600

# Columns of the table.
START, DURATION, SERVICE, ISSUE, KIND, STATUS, CHANGE, REVIEW, IMPACT, CAUSE = range(10)


@pytest.fixture
def listings() -> Listings:
    return recorded(REPORT)


def at(number: float) -> str:
    """So many days after the first report."""
    return (MONDAY + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def post(when: str | None, text: str, kind: str = "html") -> dict[str, Any]:
    return {"createdDateTime": when, "description": {"contentType": kind, "content": text}}


def issue(key: str = "EX1", *, start: float = -1, end: float | None = None, **fields: Any) -> Any:
    """An incident of Exchange, told of at once; `start` and `end` in days after the first report."""
    last = at(start if end is None else end)
    return {
        "id": key,
        "title": f"Title of {key}",
        "service": "Exchange Online",
        "classification": "incident",
        "status": "serviceDegradation" if end is None else "serviceRestored",
        "isResolved": end is not None,
        "startDateTime": at(start),
        "endDateTime": None if end is None else at(end),
        "lastModifiedDateTime": last,
        "posts": [post(at(start), "<p>First word.</p>")],
        **fields,
    }


def tenant(*issues: dict[str, Any], plans: tuple[str, ...] = ("EXCHANGE_S_STANDARD",)) -> Listings:
    return {ISSUES.name: list(issues), LICENCES.name: [subscription(*plans)]}


def happened(report: Report) -> dict[str, int | None]:
    return {name: count for name, count in tiles(report).items() if count}


def timeline(report: Report) -> Timeline:
    return next(chart for chart in report.content.charts if isinstance(chart, Timeline))


def months(report: Report) -> dict[str, tuple[float | None, ...]]:
    [chart] = [chart for chart in report.content.charts if isinstance(chart, ColumnChart)]
    return {str(ENGLISH.say(series.label)): series.values for series in chart.series}


# Between two deliveries.


def test_what_began_and_ended_between_two_reports_appears(runs: Runs) -> None:
    runs.produce(REPORT, tenant())
    report = runs.produce(REPORT, tenant(issue(start=2, end=2.25)))
    assert (word(report, "EX1", CHANGE), happened(report)) == ("Added", {"new": 1})
    assert only(report).cells[DURATION] == 6 * HOUR
    assert kpis(report)["incidents"] == 1
    assert lead(report) == (
        "Since 23\u00a0Nov\u00a02026 Microsoft has reported 1 incident and no advisory. "
        "The incident is resolved, it lasted 6\u00a0h (Exchange Online)."
    )


def test_how_long_it_lasted_is_not_zero_where_microsoft_does_not_say(runs: Runs) -> None:
    runs.produce(REPORT, tenant())
    report = runs.produce(REPORT, tenant(issue(start=2, end=2.25, endDateTime=None)))
    assert kpis(report) == {"incidents": 1, "open": 0, "duration": None, "longest": None}


def test_what_is_reported_late_and_back_dated_appears(runs: Runs) -> None:
    runs.produce(REPORT, tenant())
    runs.produce(REPORT, tenant())
    late = issue(start=-20, end=-19.5, lastModifiedDateTime=at(-19))
    report = runs.produce(REPORT, tenant(late))
    assert (word(report, "EX1", CHANGE), kpis(report)["incidents"]) == ("Added", 1)
    assert kpis(report)["duration"] == kpis(report)["longest"] == 12 * HOUR
    assert timeline(report).start <= MONDAY - timedelta(days=20)
    assert article(report, "EX1").key == only(report).article


def test_an_outage_of_ours_over_weeks_loses_nothing(runs: Runs) -> None:
    runs.produce(REPORT, tenant(issue("EX0", start=-1)))
    runs.skip(5)
    report = runs.produce(
        REPORT,
        tenant(issue("EX0", start=-1, end=3), issue("EX1", start=4, end=5), issue("EX2", start=30)),
    )
    assert words(report, CHANGE) == {
        "EX0": "Resolved",
        "EX1": "Added",
        "EX2": "Added",
    }
    assert kpis(report)["incidents"] == 2
    assert "Since 23\u00a0Nov\u00a02026" in lead(report)


def test_a_delivery_that_failed_is_made_up_for(runs: Runs) -> None:
    runs.produce(REPORT, tenant(issue(start=-1)))
    with pytest.raises(DatasetError):
        runs.produce(REPORT, tenant(), PermissionMissing(ISSUES.name, "ServiceHealth.Read.All"))
    runs.skip()
    report = runs.produce(REPORT, tenant(issue(start=-1, end=1)))
    assert word(report, "EX1", CHANGE) == "Resolved"
    assert lead(report).endswith("1 incident reported earlier is resolved.")


def test_nothing_is_told_twice(runs: Runs) -> None:
    over = issue(start=-1, end=-0.5)
    runs.produce(REPORT, tenant(over))
    report = runs.produce(REPORT, tenant(over))
    assert (word(report, "EX1", CHANGE), happened(report)) == ("Unchanged", {})
    assert set(kpis(report).values()) == {0}
    assert report.content.articles == ()
    assert "told" not in only(report).filters
    assert only(report).filters[0] == "all"


def test_what_was_resolved_and_changed_again_later_is_updated(runs: Runs) -> None:
    runs.produce(REPORT, tenant(issue(start=-1, end=-0.5)))
    longer = issue(start=-1, end=-0.25, lastModifiedDateTime=at(5))
    report = runs.produce(REPORT, tenant(longer))
    assert word(report, "EX1", CHANGE) == "Updated"
    assert only(report).filters == ("all", "told", "incident", "used", "updated")
    assert (kpis(report)["incidents"], kpis(report)["duration"]) == (0, 6 * HOUR)
    assert article(report, "EX1").title == "Title of EX1 (EX1)"


def test_what_vanishes_while_it_is_open_is_said(runs: Runs) -> None:
    runs.produce(REPORT, tenant(issue("EX1"), issue("EX2", start=-1, end=-0.5)))
    report = runs.produce(REPORT, tenant())
    line = only(report)
    assert (line.key, line.filters, line.memory) == ("EX1", ("vanished",), None)
    assert word(report, "EX1", CHANGE) == "No longer listed"
    assert line.cells[DURATION] is None
    assert happened(report) == {"vanished": 1}
    assert list(runs.produce(REPORT, tenant()).lines) == []


def test_what_comes_back_after_vanishing_is_told_of_again(runs: Runs) -> None:
    runs.produce(REPORT, tenant(issue()))
    runs.produce(REPORT, tenant())
    report = runs.produce(REPORT, tenant(issue(start=-1, end=10)))
    assert word(report, "EX1", CHANGE) == "Added"


def test_what_stays_open_is_told_until_it_ends_and_its_hours_count_once(runs: Runs) -> None:
    first = runs.produce(REPORT, tenant(issue(start=-1)))
    second = runs.produce(REPORT, tenant(issue(start=-1)))
    third = runs.produce(REPORT, tenant(issue(start=-1, end=8)))
    assert [word(r, "EX1", CHANGE) for r in (first, second, third)] == [
        None,
        "Still open",
        "Resolved",
    ]
    assert happened(second) == {"still-open": 1}
    assert happened(third) == {"resolved": 1}
    total = [kpis(r)["duration"] for r in (first, second, third)]
    assert total == [24 * HOUR, 7 * 24 * HOUR, 24 * HOUR]
    assert kpis(third)["longest"] == 9 * 24 * HOUR


def test_what_was_resolved_and_is_open_again_is_open(runs: Runs) -> None:
    runs.produce(REPORT, tenant(issue(start=-1, end=-0.5)))
    report = runs.produce(REPORT, tenant(issue(start=-1)))
    assert (word(report, "EX1", CHANGE), kpis(report)["open"]) == ("Open again", 1)
    assert report.status is Status.BAD


def test_a_post_incident_report_is_news_once_and_stays_known(runs: Runs) -> None:
    over = issue(start=-3, end=-2)
    published = over | {"status": "PostIncidentReviewPublished", "lastModifiedDateTime": at(4)}
    revised = published | {"status": "serviceRestored", "lastModifiedDateTime": at(12)}
    runs.produce(REPORT, tenant(over))
    second = runs.produce(REPORT, tenant(published))
    assert word(second, "EX1", CHANGE) == "Report published"
    assert happened(second) == {"review-new": 1}
    [action] = second.content.actions
    assert ENGLISH.say(action.title) == "Read the post-incident report: Title of EX1"
    third = runs.produce(REPORT, tenant(revised))
    assert (word(third, "EX1", CHANGE), word(third, "EX1", REVIEW)) == ("Updated", "published")
    assert (happened(third), third.content.actions) == ({}, ())


def test_a_report_published_in_the_same_week_counts_as_both(runs: Runs) -> None:
    runs.produce(REPORT, tenant(issue(start=-1)))
    over = issue(start=-1, end=1, status="postIncidentReviewPublished")
    report = runs.produce(REPORT, tenant(over))
    assert (word(report, "EX1", CHANGE), happened(report)) == (
        "Resolved",
        {"resolved": 1, "review-new": 1},
    )


# The first report.


def test_the_first_report_tells_of_its_period_and_of_what_is_open(runs: Runs) -> None:
    report = runs.produce(
        REPORT,
        tenant(
            issue("EX1", start=-6, end=-5),
            issue("EX2", start=-40),
            issue("EX3", start=-40, end=-39),
            issue("EX4", start=-9, end=-8, posts=[post(at(-2), "Late.")]),
            issue("EX5", start=-9, end=-8, lastModifiedDateTime=at(-2)),
        ),
    )
    assert report.content.changes == ()
    told = {line.key: "told" in line.filters for line in report.lines}
    assert told == {"EX1": True, "EX2": True, "EX3": False, "EX4": True, "EX5": True}
    assert (kpis(report)["incidents"], kpis(report)["open"]) == (2, 1)
    assert kpis(report)["duration"] == (24 + 40 * 24 + 24) * HOUR


# What is known of an issue.


@pytest.mark.parametrize(
    ("fields", "said", "is_open"),
    [
        ({"isResolved": False, "status": "investigating"}, "Investigating", True),
        ({"isResolved": True, "status": "FALSEPOSITIVE"}, "False alarm", False),
        ({"isResolved": None, "status": "mitigated"}, "Mitigated", False),
        ({"isResolved": None, "status": "confirmed"}, "Confirmed", True),
        ({"isResolved": None, "status": "unknownFutureValue"}, None, True),
        ({"isResolved": None, "status": None, "endDateTime": at(-0.5)}, None, False),
    ],
)
def test_a_status_is_said_in_plain_words(
    runs: Runs, fields: dict[str, Any], said: str | None, *, is_open: bool
) -> None:
    report = runs.produce(REPORT, tenant(issue(**fields)))
    assert word(report, "EX1", STATUS) == said
    assert kpis(report)["open"] == is_open


def test_every_status_of_graph_has_a_word(runs: Runs) -> None:
    known = [
        "serviceOperational",
        "investigating",
        "restoringService",
        "verifyingService",
        "serviceRestored",
        "postIncidentReviewPublished",
        "serviceDegradation",
        "serviceInterruption",
        "extendedRecovery",
        "falsePositive",
        "investigationSuspended",
        "resolved",
        "mitigatedExternal",
        "mitigated",
        "resolvedExternal",
        "confirmed",
        "reported",
    ]
    rows = [issue(f"EX{n}", status=status) for n, status in enumerate(known)]
    report = runs.produce(REPORT, tenant(*rows))
    said = list(words(report, STATUS, GERMAN).values())
    assert None not in said
    assert len(set(said)) == len(known)


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        (at(-2), at(-1), 24 * HOUR),
        (at(-1), at(-2), 0),
        (at(-1), "9999-12-31T23:59:59Z", None),
        (at(-1), "9999-12-31T23:59:59.9999999Z", None),
        (at(1), at(2), 24 * HOUR),  # the run came late, and its listing is of later
        ("0001-01-01T00:00:00Z", at(-1), None),
        (at(-1), "0001-01-01T00:00:00Z", None),
        (None, at(-1), None),
        (at(-1), None, None),
    ],
)
def test_a_duration_needs_both_ends(
    runs: Runs, start: str | None, end: str | None, seconds: float | None
) -> None:
    over = issue(end=-1) | {"startDateTime": start, "endDateTime": end}
    report = runs.produce(REPORT, tenant(over))
    assert only(report).cells[DURATION] == seconds
    assert kpis(report)["duration"] == seconds


def test_an_open_incident_lasts_until_now(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(issue(start=-1)))
    assert only(report).cells[DURATION] == 24 * HOUR
    facts = {label.de: GERMAN.say(said) for label, said in article(report, "EX1").facts}
    assert facts["Dauer"] == "bisher 1\u00a0Tg."
    assert facts["Beginn"] == "22.11.2026, 06:00\u00a0Uhr"


@pytest.mark.parametrize(
    ("posts", "cause"),
    [
        ([post(at(-2), "<p>Root cause: a cable.</p><p>More</p>")], "a cable."),
        (
            [
                post(at(-1), "<b>Final ROOT CAUSE:</b> a fan<br>and so on"),
                post(at(-2), "Preliminary root cause: a cable", "text"),
            ],
            "a fan",
        ),
        ([post(at(-1), "We look for the root cause.")], None),
        ([post(at(-2), "Root cause: a cable"), post(at(-1), "<p>All is well.</p>")], "a cable"),
        ([post(at(-1), "<script>Root cause: evil</script>")], None),
        ([{"createdDateTime": at(-1), "description": None}], None),
        ([], None),
        (None, None),
    ],
)
def test_the_newest_word_on_the_cause_is_shown(
    runs: Runs, posts: list[dict[str, Any]] | None, cause: str | None
) -> None:
    report = runs.produce(REPORT, tenant(issue(posts=posts)))
    assert only(report).cells[CAUSE] == cause


def test_posts_are_told_from_the_oldest_to_the_newest_with_their_times(
    runs: Runs, listings: Listings
) -> None:
    html = article(runs.produce(REPORT, listings), "EX1200001").html
    words = ["17 Nov 2026, 08:40 UTC", "looking into", "11:00 UTC", "Preliminary", "16:00", "again"]
    places = [html.index(each) for each in words]
    assert places == sorted(places)


def test_a_comment_left_open_hides_no_later_post(runs: Runs) -> None:
    posts = [post(at(-1), "<p>One <!-- open"), post(at(-0.5), "<p>Two</p>"), post(None, "Three")]
    html = article(runs.produce(REPORT, tenant(issue(posts=posts))), "EX1").html
    assert "<!--" not in html
    assert html.index("One") < html.index("Two") < html.index("Three")


def test_an_issue_of_which_only_the_id_is_known_is_listed(runs: Runs) -> None:
    runs.produce(REPORT, tenant({"id": "EX1"}))
    report = runs.produce(REPORT, tenant({"id": "EX1"}))
    assert only(report).cells[ISSUE] == ("EX1", "EX1")
    assert word(report, "EX1", CHANGE) == "Still open"
    assert "since unknown" in lead(report)


# Status, figures, charts.


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"start": -0.9}, Status.WARN),
        ({"start": -1}, Status.WARN),
        ({"start": -1.1}, Status.BAD),
        ({"start": -3, "service": "Power BI"}, Status.WARN),
        ({"start": -3, "service": "Microsoft 365 suite"}, Status.BAD),
        ({"start": -3, "end": -0.1}, Status.OK),
        ({"start": -3, "classification": "advisory"}, Status.OK),
        ({"start": -3, "classification": "somethingNew"}, Status.BAD),
    ],
)
def test_a_long_open_incident_of_a_service_in_use_decides_the_status(
    runs: Runs, fields: dict[str, Any], status: Status
) -> None:
    report = runs.produce(REPORT, tenant(issue(**fields)))
    assert report.status is status
    assert bool(report.content.actions) == (status is Status.BAD)


def test_without_licences_every_service_may_be_in_use(runs: Runs) -> None:
    gap = PermissionMissing(LICENCES.name, "Directory.Read.All")
    report = runs.produce(REPORT, tenant(issue(start=-3, service="Power BI")), gap)
    assert report.status is Status.BAD
    calm = runs.produce(REPORT, tenant(issue(start=-3, end=-2)), gap)
    assert calm.status is Status.INCOMPLETE


def test_without_the_listing_there_is_no_report(runs: Runs, listings: Listings) -> None:
    with pytest.raises(DatasetError):
        runs.produce(REPORT, listings, PermissionMissing(ISSUES.name, "ServiceHealth.Read.All"))


@pytest.mark.parametrize(
    ("incidents", "advisories", "said"),
    [
        (0, 0, "Seit dem 16.11.2026 meldete Microsoft keine Störung und keinen Hinweis."),
        (1, 1, "Seit dem 16.11.2026 meldete Microsoft 1 Störung und 1 Hinweis."),
        (2, 2, "Seit dem 16.11.2026 meldete Microsoft 2 Störungen und 2 Hinweise."),
    ],
)
def test_the_lead_counts(runs: Runs, incidents: int, advisories: int, said: str) -> None:
    rows = [issue(f"EX{n}", start=-2, end=-1) for n in range(incidents)]
    hints = [issue(f"IT{n}", end=0, classification="Advisory") for n in range(advisories)]
    assert lead(runs.produce(REPORT, tenant(*rows, *hints)), GERMAN).startswith(said)


def test_open_incidents_are_named_the_longest_first(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(issue("EX1", start=-0.5), issue("EX2", start=-2)))
    assert lead(report).endswith(
        "2 incidents are still open, the longest “Title of EX2” since 21\u00a0Nov\u00a02026, 06:00."
    )


def test_the_digest_compares_with_the_last_report(runs: Runs) -> None:
    two = tenant(issue("EX1", start=-2, end=-1), issue("EX2", start=-2, end=-1))
    said = [GERMAN.say(runs.produce(REPORT, two).content.digest)]
    said.append(GERMAN.say(runs.produce(REPORT, two).content.digest))
    more = two | {ISSUES.name: [*two[ISSUES.name], issue("EX3", start=13)]}
    said.append(GERMAN.say(runs.produce(REPORT, more).content.digest))
    assert said == [
        "2 Störungen, keine offen",
        "Keine Störung (−2), keine offen",
        "1 Störung (+1), 1 offen",
    ]


def test_the_timeline_spans_the_period_with_a_row_per_service(runs: Runs) -> None:
    rows = [
        issue(f"EX{n}", start=-n - 1, end=-n - 0.5, service=f"Service {n % 14}") for n in range(20)
    ]
    runs.produce(REPORT, tenant())
    chart = timeline(runs.produce(REPORT, tenant(*rows, issue("EX99", start=-90))))
    assert len(chart.rows) == 10
    marks = [mark for row in chart.rows for mark in row.marks]
    assert len(marks) == 21
    assert all(m.end and chart.start <= m.start <= m.end <= chart.end for m in marks)
    assert chart.end == MONDAY + WEEK
    assert chart.start == chart.end - timedelta(days=35)
    assert sum(mark.tone is Tone.BAD for mark in marks) == 1


def test_advisories_are_no_part_of_the_timeline(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(issue(classification="advisory")))
    assert not [chart for chart in report.content.charts if isinstance(chart, Timeline)]


def test_months_of_which_nothing_is_listed_any_more_are_unknown(runs: Runs) -> None:
    old = issue("EX1", startDateTime="2026-09-10T00:00:00Z", endDateTime="2026-09-10T01:00:00Z")
    report = runs.produce(REPORT, tenant(old))
    assert months(report)["Exchange"] == (*[None] * 9, 1, 0, 0)
    assert months(report)["Teams"] == (*[None] * 9, 0, 0, 0)


def test_months_add_up_what_each_report_told_of_first(runs: Runs) -> None:
    old = issue("EX1", start=-70, end=-69)  # September
    earlier = issue("EX2", start=-15, end=-14)  # November, before the first period
    first = issue("TM3", start=-2, end=-1, service="Microsoft Teams")
    report = runs.produce(REPORT, tenant(old, earlier, first))
    assert months(report)["Exchange"][-3:] == (1, 0, 1)
    assert months(report)["Teams"][-3:] == (0, 0, 1)
    for week in (1, 2, 3):
        told = issue(f"SP{week}", start=week * 7 - 2, end=week * 7 - 1, service="SharePoint Online")
        report = runs.produce(REPORT, tenant(first, told))
    # The reports of 30 November, 7 and 14 December; what is no longer listed is still counted.
    assert months(report)["SharePoint, OneDrive"][-2:] == (1, 2)
    assert months(report)["Exchange"][-2:] == (1, 0)
    assert months(report)["Teams"][-2:] == (1, 0)


@pytest.mark.parametrize(
    ("service", "series"),
    [
        ("OneDrive for Business", "SharePoint, OneDrive"),
        ("Microsoft Intune", "Entra, Intune"),
        ("Exchange Online", "Exchange"),
        ("Power BI", "Others"),
        ("", "Others"),
        (None, "Others"),
    ],
)
def test_services_are_grouped_in_the_chart(runs: Runs, service: str | None, series: str) -> None:
    found = months(runs.produce(REPORT, tenant(issue(service=service))))
    assert {name for name, values in found.items() if values[-1]} == {series}


def test_open_ones_come_first_then_the_news_incidents_before_advisories(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings)
    assert [line.key for line in report.lines] == [
        *("DY1200008", "TM1200002", "XX1200009", "SP1200003"),  # open
        *("EX1200001", "EX1200007", "MO1200004", "IT1200005"),  # in this period
        *("OD1200010", "EX1200006"),
    ]
    assert word(report, "MO1200004", REVIEW) == "published"
    assert by_key(report)["EX1200007"].cells[CAUSE] == "a load balancer."
