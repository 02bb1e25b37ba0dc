"""Identity risks: what is new, open and settled, what changed, and what a licence hides."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared_code.core.chart import BarChart, ColumnChart
from shared_code.core.errors import DatasetError, LicenceMissing, PermissionMissing, Reason
from shared_code.core.privacy import Pseudonyms
from shared_code.core.report import Report, Status
from shared_code.datasets.risks import (
    APP_RISK_DETECTIONS,
    RISK_DETECTIONS,
    RISKY_APPS,
    RISKY_USERS,
    Place,
    RiskyUser,
    UserDetection,
)
from shared_code.reports.identity_risks import REPORT
from tests.reports.runs import (
    ENGLISH,
    GERMAN,
    MONDAY,
    Listings,
    Runs,
    by_key,
    kpi,
    kpis,
    lead,
    recorded,
    tiles,
    word,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEXT_MONDAY = MONDAY + 7 * DAY

NO_USERS = LicenceMissing(RISKY_USERS.name, "Microsoft Entra ID P2")
NO_APPS = LicenceMissing(RISKY_APPS.name, "Microsoft Entra Workload ID")
NO_APP_DETECTIONS = LicenceMissing(APP_RISK_DETECTIONS.name, "Microsoft Entra Workload ID")

# Columns of the table.
AT, WHO, KIND, LEVEL, TYPE, PLACE, STATE, SPAN, CHANGE, SOURCE, MEANING = range(11)
AGENT, FACTS = 21, 22


@pytest.fixture
def listings() -> Listings:
    return recorded(REPORT)


def said(moment: datetime) -> str:
    return moment.isoformat()


def detection(key: str, **fields: Any) -> dict[str, Any]:
    """Of medium level and open, detected on Friday."""
    detected = fields.pop("detected", MONDAY - 3 * DAY)
    return {
        "id": key,
        "riskEventType": "unlikelyTravel",
        "riskState": "atRisk",
        "riskLevel": "medium",
        "activityDateTime": said(detected - HOUR),
        "detectedDateTime": said(detected),
        "lastUpdatedDateTime": said(fields.pop("updated", detected)),
        "userId": "ada",
        "userDisplayName": "Ada",
        "userPrincipalName": "ada@contoso.example",
        **fields,
    }


def user(key: str, state: str = "atRisk", level: str = "medium", **fields: Any) -> dict[str, Any]:
    return {
        "id": key,
        "riskState": state,
        "riskLevel": level,
        "riskLastUpdatedDateTime": said(fields.pop("updated", MONDAY - 3 * DAY)),
        "userDisplayName": key.title(),
        "userPrincipalName": f"{key}@contoso.example",
        **fields,
    }


def app(key: str, state: str = "atRisk", level: str = "medium") -> dict[str, Any]:
    updated = said(MONDAY - 3 * DAY)
    return {
        "id": key,
        "riskState": state,
        "riskLevel": level,
        "riskLastUpdatedDateTime": updated,
        "displayName": key.title(),
    }


def tenant(*rows: dict[str, Any], apps: tuple[dict[str, Any], ...] = ()) -> Listings:
    """Detections have a kind, users have none."""
    return {
        RISK_DETECTIONS.name: [row for row in rows if "riskEventType" in row],
        RISKY_USERS.name: [row for row in rows if "riskEventType" not in row],
        APP_RISK_DETECTIONS.name: [],
        RISKY_APPS.name: list(apps),
    }


def filters(report: Report, key: str) -> set[str]:
    return set(by_key(report)[key].filters)


def test_the_worst_come_first_then_the_newest(runs: Runs, listings: Listings) -> None:
    lines = list(runs.produce(REPORT, listings).lines)
    names = [line.cells[WHO] for line in lines[:5]]
    assert [name[0] for name in names if isinstance(name, tuple)] == [
        *("Hanno Huber", "Anna Auer"),  # at high risk
        "Contoso Rechnungsversand",  # an application at high risk
        "Emine Erdem",  # low, but open for weeks
        "Bernd Brandl",
    ]
    assert all("new-high" in line.filters for line in lines[5:9])


def test_the_lead_says_who_is_at_risk_what_is_new_and_how_long_it_takes(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings)
    assert report.status is Status.BAD
    assert lead(report) == (
        "4 users are considered at risk, 6 new detections (4 high). "
        "1 application is considered at risk. The median time to remediation is 1\u00a0d."
    )
    assert lead(report, GERMAN) == (
        "4 Benutzer gelten als gefährdet, 6 neue Erkennungen (4 hoch). "
        "1 Anwendung gilt als gefährdet. Im Median dauert es 1\u00a0Tg. bis zur Behebung."
    )
    assert [*kpis(report).values()] == [4, 6, 4, DAY.total_seconds()]


def test_a_calm_week_says_so(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant())
    assert report.status is Status.OK
    assert lead(report, GERMAN) == (
        "Kein Benutzer gilt als gefährdet; keine neue Erkennung seit dem 16.11.2026."
    )
    assert [*kpis(report).values()] == [0, 0, 0, None]
    assert report.content.charts == ()


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (user("ada", level="high"), Status.BAD),
        (user("ada", "confirmedCompromised", level="low"), Status.BAD),
        (user("ada", level="low", updated=MONDAY - 7 * DAY - HOUR), Status.BAD),
        (user("ada", level="low", updated=MONDAY - 7 * DAY), Status.OK),
        (user("ada", level="medium"), Status.WARN),
        (user("ada", "ATRISK", level="unknownFutureValue"), Status.WARN),
        (user("ada", "remediated", level="none"), Status.OK),
        (user("ada", "dismissed", level="high"), Status.OK),
    ],
)
def test_the_status_follows_level_and_age_of_what_is_open(
    runs: Runs, row: dict[str, Any], status: Status
) -> None:
    assert runs.produce(REPORT, tenant(row)).status is status


def test_an_application_at_risk_counts_as_a_user_does(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(apps=(app("mailer", level="high"),)))
    assert report.status is Status.BAD
    assert lead(report) == (
        "No user is considered at risk; no new detection since 16\u00a0Nov\u00a02026. "
        "1 application is considered at risk."
    )
    assert word(report, "mailer", KIND) == "Application"
    assert [action.filter for action in report.content.actions] == ["apps"]


def test_the_first_report_calls_new_what_was_detected_in_its_period(runs: Runs) -> None:
    first = tenant(
        detection("late", detected=MONDAY - 7 * DAY, activityDateTime=said(MONDAY - 9 * DAY)),
        detection("old", detected=MONDAY - 7 * DAY - HOUR),
    )
    report = runs.produce(REPORT, first)
    assert report.content.changes == ()
    assert "new" in filters(report, "late")
    assert "new" not in filters(report, "old")
    assert word(report, "late", CHANGE) is None


def test_whatever_the_last_report_did_not_have_is_new_however_late_it_comes(runs: Runs) -> None:
    known = detection("known")
    runs.produce(REPORT, tenant(known))
    late = detection("late", detected=MONDAY - 20 * DAY)
    report = runs.produce(REPORT, tenant(known, late))
    assert kpi(report, "new-detections").value == 1
    assert filters(report, "late") >= {"all", "new"}
    assert "new" not in filters(report, "known")
    assert (word(report, "late", CHANGE), word(report, "known", CHANGE)) == ("Added", "Unchanged")


def test_users_who_were_settled_or_came_back_are_counted(runs: Runs) -> None:
    runs.produce(
        REPORT,
        tenant(user("ada"), user("ben"), user("cleo"), user("dora", "remediated"), user("emil")),
    )
    report = runs.produce(
        REPORT,
        tenant(
            user("ada", "remediated", "none", updated=MONDAY + DAY),
            user("ben", "dismissed", "none", updated=MONDAY + DAY),
            user("cleo", "confirmedSafe", "none", updated=MONDAY + DAY),
            user("dora", updated=MONDAY + DAY),
            user("emil"),
            user("fay", "remediated", "none", updated=MONDAY + DAY),
            user("gus", "remediated", "none", updated=MONDAY - DAY),
        ),
    )
    assert tiles(report) == {"new": 0, "fixed": 3, "again": 1, "dismissed": 1}
    assert {key: word(report, key, CHANGE) for key in by_key(report)} == {
        "ada": "Remediated",
        "ben": "Dismissed",
        "cleo": "Remediated",
        "dora": "Again",
        "emil": "Unchanged",
        "fay": "Remediated",  # came and went between the two reports
        "gus": "Unchanged",
    }
    assert by_key(report)["ada"].cells[SPAN] == (4 * DAY).total_seconds()


def test_a_further_detection_does_not_make_an_open_risk_younger(runs: Runs) -> None:
    runs.produce(REPORT, tenant(user("ada", level="low", updated=MONDAY - 6 * DAY)))
    runs.produce(REPORT, tenant(user("ada", level="low", updated=MONDAY + 6 * DAY)))
    report = runs.produce(REPORT, tenant(user("ada", level="low", updated=MONDAY + 13 * DAY)))
    assert by_key(report)["ada"].cells[SPAN] == (20 * DAY).total_seconds()
    assert "overdue" in filters(report, "ada")


def test_what_became_known_is_no_change(runs: Runs) -> None:
    runs.produce(REPORT, tenant(detection("a")), NO_USERS)
    report = runs.produce(
        REPORT, tenant(detection("a"), user("ada"), user("ben", "remediated", updated=NEXT_MONDAY))
    )
    assert tiles(report) == {"new": 0, "fixed": 0, "again": 0, "dismissed": 0}
    assert word(report, "ada", CHANGE) == word(report, "ben", CHANGE) == "Unchanged"
    assert kpi(report, "open-users").value == 1


def test_with_p1_the_report_says_what_is_missing(runs: Runs) -> None:
    withheld = {"riskLevel": "hidden", "riskEventType": "generic", "riskDetail": "hidden"}
    report = runs.produce(
        REPORT, tenant(detection("a", **withheld)), NO_USERS, NO_APPS, NO_APP_DETECTIONS
    )
    assert (report.status, report.gaps) == (Status.WARN, ())
    assert [*kpis(report).values()] == [None, 1, None, None]
    assert lead(report) == "As far as can be seen without Entra ID P2: 1 new detection."
    assert GERMAN.say(report.content.digest) == "ohne Entra ID P2 erkennbar: 1 neue Erkennung"
    (_, note), (_, users), (_, apps) = report.content.notes
    assert "only with Microsoft Entra ID P2" in ENGLISH.say(users)
    assert "only with Microsoft Entra Workload ID" in ENGLISH.say(apps)
    assert GERMAN.say(note) == (
        "Von 1 Erkennung hält Microsoft Stufe und Art zurück. Details erfordern Entra ID P2."
    )
    assert word(report, "a", TYPE) == "Additional risk"
    assert word(report, "a", LEVEL) == "Only with P2"
    assert [action.filter for action in report.content.actions] == ["open", None]


def test_without_users_detections_tell_what_changed(runs: Runs) -> None:
    runs.produce(REPORT, tenant(detection("a"), detection("b")), NO_USERS)
    settled = detection("a", riskState="remediated", updated=MONDAY + DAY)
    report = runs.produce(REPORT, tenant(settled, detection("b")), NO_USERS)
    assert tiles(report) == {"new": 0, "fixed": 1, "again": 0, "dismissed": 0}
    assert "fixed" in filters(report, "a")


def test_without_any_licence_there_is_no_report_but_a_reason(
    runs: Runs, listings: Listings
) -> None:
    nothing = LicenceMissing(RISK_DETECTIONS.name, "Microsoft Entra ID P2 (min. P1)")
    with pytest.raises(DatasetError) as caught:
        runs.produce(REPORT, listings, nothing, NO_USERS, NO_APPS, NO_APP_DETECTIONS)
    assert (caught.value.reason, caught.value.detail) == (
        Reason.LICENCE,
        "Microsoft Entra ID P2 (min. P1)",
    )


def test_the_report_is_complete_without_the_licence_for_applications(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(), NO_APPS, NO_APP_DETECTIONS)
    assert (report.status, report.gaps, len(report.content.notes)) == (Status.OK, (), 1)
    not_permitted = PermissionMissing(RISKY_APPS.name, "IdentityRiskyServicePrincipal.Read.All")
    assert runs.produce(REPORT, tenant(), not_permitted).status is Status.INCOMPLETE


def test_a_missing_permission_is_no_matter_of_licence(runs: Runs) -> None:
    gap = PermissionMissing(RISKY_USERS.name, "IdentityRiskyUser.Read.All")
    report = runs.produce(REPORT, tenant(), gap)
    assert report.content.notes == ()
    assert report.status is Status.INCOMPLETE


def test_the_median_is_over_what_was_settled_in_ninety_days(runs: Runs) -> None:
    def settled(key: str, hours: int, *, days_ago: float, state: str) -> dict[str, Any]:
        updated = MONDAY - days_ago * DAY
        return detection(key, riskState=state, detected=updated - hours * HOUR, updated=updated)

    report = runs.produce(
        REPORT,
        tenant(
            settled("a", 2, days_ago=1, state="remediated"),
            settled("b", 4, days_ago=89, state="dismissed"),
            settled("c", 60, days_ago=40, state="confirmedSafe"),
            settled("too-old", 900, days_ago=90, state="remediated"),
            detection("open"),
        ),
    )
    assert kpi(report, "settling").value == (4 * HOUR).total_seconds()
    assert ENGLISH.say(kpi(report, "settling").base) == "3 detections, last 90 days"


@pytest.mark.parametrize(
    ("document", "agent", "facts"),
    [
        (None, "", ()),
        ("", "", ()),
        ("{", "", ("{",)),
        ("null", "", ()),
        ("[]", "", ()),
        ('"text"', "", ("text",)),
        ('[{"Key":"userAgent","Value":"Edge"}]', "Edge", ()),
        ('[{"key":"reasons","value":["a",null,"b"]}]', "", ("reasons: a, b",)),
        ('{"userAgent":"Edge","n":{"x":1}}', "Edge", ('n: {"x":1}',)),
        ('[1,{"Value":"lonely"},[["deep"]]]', "", ("1", '{"Value":"lonely"}', "deep")),
        ('[{"Key":"empty","Value":null}]', "", ()),
        ("[" * 5000, "", ("[" * 500,)),
    ],
)
def test_additional_information_is_read_as_far_as_it_can_be(
    runs: Runs, document: str | None, agent: str, facts: tuple[str, ...]
) -> None:
    report = runs.produce(REPORT, tenant(detection("a", additionalInfo=document)))
    cells = by_key(report)["a"].cells
    assert (cells[AGENT], cells[FACTS]) == (agent, facts)


def test_every_kind_has_a_name_and_a_meaning_or_microsofts_own(runs: Runs) -> None:
    report = runs.produce(
        REPORT,
        tenant(
            detection("known", riskEventType="MCASImpossibleTravel"),
            detection("strange", riskEventType="{quantum}"),
            detection("none", riskEventType=""),
        ),
    )
    assert word(report, "known", TYPE) == "Impossible travel"
    assert word(report, "strange", TYPE) == "{quantum}"
    assert word(report, "strange", MEANING) == "There is no explanation of this kind yet."
    assert word(report, "none", TYPE) == "unknown"


def test_weeks_are_counted_by_detection_and_level(runs: Runs) -> None:
    report = runs.produce(
        REPORT,
        tenant(
            detection("now", detected=MONDAY - HOUR, riskLevel="high"),
            detection("edge", detected=MONDAY - 7 * DAY, riskLevel="high"),
            detection("first", detected=MONDAY - 84 * DAY, riskLevel="low"),
            detection("before", detected=MONDAY - 84 * DAY - HOUR, riskLevel="low"),
            detection("after", detected=MONDAY + HOUR),
        ),
    )
    weekly, kinds = report.content.charts
    assert isinstance(weekly, ColumnChart)
    series = {ENGLISH.say(each.label): each.values for each in weekly.series}
    assert series == {"High": (*[0] * 11, 2), "Low": (1, *[0] * 11)}
    assert weekly.labels[-1] is not None
    assert isinstance(kinds, BarChart)
    assert [bar.value for bar in kinds.bars] == [3]


def test_the_digest_counts_and_names_nobody(runs: Runs, listings: Listings) -> None:
    first = runs.produce(REPORT, tenant(user("ada"), detection("a")))
    assert GERMAN.say(first.content.digest) == "1 offener Risikobenutzer, 1 neue Erkennung"
    second = runs.produce(REPORT, tenant(user("ada"), detection("a")))
    assert GERMAN.say(second.content.digest) == (
        "1 offener Risikobenutzer (±0), keine neue Erkennung"
    )
    third = runs.produce(REPORT, tenant(user("ada"), user("ben"), detection("a")))
    assert ENGLISH.say(third.content.digest) == "2 users at risk (+1), no new detection"
    fourth = runs.produce(REPORT, tenant(detection("a")))
    assert ENGLISH.say(fourth.content.digest) == "No user at risk (−2), no new detection"


def test_a_person_has_one_pseudonym_in_detections_and_among_users() -> None:
    masks = Pseudonyms(b"k" * 32, "contoso")
    found = masks.masked(
        UserDetection(
            id="d1",
            user_id="u1",
            user_display_name="Ada Adler",
            user_principal_name="ada@contoso.example",
            ip_address="203.0.113.7",
            location=Place(city="Wien", country_or_region="AT"),
            correlation_id="c1",
            additional_info="[]",
        )
    )
    risky = masks.masked(RiskyUser(id="u1", user_display_name="Ada Adler"))
    assert found.user_display_name == risky.user_display_name == masks.of("u1")
    assert (found.ip_address, found.correlation_id, found.additional_info) == ("", "", "")
    assert found.location == Place(city="", country_or_region="")
