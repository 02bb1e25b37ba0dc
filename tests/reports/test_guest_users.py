"""Guest users: who counts as what, what changed between two runs, and what is not known."""

from copy import deepcopy
from typing import Any

import pytest

from shared_code.core.chart import BarChart, Tone
from shared_code.core.errors import DatasetError, LicenceMissing, PermissionMissing
from shared_code.core.report import Change, Report, Status
from shared_code.core.table import NEVER
from shared_code.core.text import Language, Text
from shared_code.datasets.guests import GUEST_SIGN_INS, GUEST_SPONSORS, GUESTS
from shared_code.datasets.roles import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from shared_code.rendering.csv import CSV
from shared_code.reports.guest_users import REPORT
from tests.reports.runs import (
    ENGLISH,
    GERMAN,
    Listings,
    Runs,
    by_key,
    kpi,
    lead,
    only,
    recorded,
    rendered,
    sign_in,
    tiles,
    words,
)

NO_P1 = LicenceMissing(GUEST_SIGN_INS.name, "Microsoft Entra ID P1")
NO_SPONSORS = PermissionMissing(GUEST_SPONSORS.name, "User.Read.All")
NO_ROLES = PermissionMissing(ROLE_ASSIGNMENTS.name, "RoleManagement.Read.Directory")

# Columns of the table.
DOMAIN, STATUS, CREATED, AGE, LAST, SPONSORS, ROLES, CHANGE = range(1, 9)


@pytest.fixture
def listings() -> Listings:
    return recorded(REPORT)


def guest(name: str, **fields: Any) -> dict[str, Any]:
    """Invited and accepted a year ago; the id is the name."""
    return {
        "id": name,
        "displayName": name,
        "mail": f"{name.lower()}@fabrikam.example",
        "userPrincipalName": f"{name.lower()}_fabrikam.example#EXT#@contoso.onmicrosoft.com",
        "accountEnabled": True,
        "externalUserState": "Accepted",
        "externalUserStateChangeDateTime": "2025-11-02T05:00:00Z",
        "createdDateTime": "2025-11-01T05:00:00Z",
        **fields,
    }


def tenant(*guests: dict[str, Any], last: dict[str, str | None] | None = None) -> Listings:
    """Guests with a sponsor and no role; `last` sign-ins by id, None or left out: never."""
    seen = last or {}
    mara = {"id": "mara", "displayName": "Mara Moser"}
    return {
        GUESTS.name: list(guests),
        GUEST_SIGN_INS.name: [sign_in(each["id"], seen.get(each["id"])) for each in guests],
        GUEST_SPONSORS.name: [{"id": each["id"], "sponsors": [mara]} for each in guests],
        ROLE_ASSIGNMENTS.name: [],
        ROLE_DEFINITIONS.name: [],
    }


def test_the_worst_guests_come_first_then_names_in_order(runs: Runs, listings: Listings) -> None:
    names = [line.cells[0] for line in runs.produce(REPORT, listings).lines]
    assert [name[0].split()[0] for name in names if isinstance(name, tuple)] == [
        "Chiara",  # an admin role
        *("Bruno", "Hugo", "Ines", "Mats"),  # inactive
        "Elif",  # invitation overdue
        *("Alba", "Deniz", "Greta", "Jonas", "Lena", "Nora"),
        "kim.koch_fabrikam.example#EXT#@contoso.onmicrosoft.com",  # no name: last of its rank
        "Finn",  # disabled
    ]


def test_the_first_run_compares_with_nothing(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings)
    assert report.content.changes == ()
    assert set(words(report, CHANGE).values()) == {None}
    assert not {"added", "gone", "idle-now", "back"} & report.lines.counts.keys()


def test_what_changed_is_counted_and_marked(runs: Runs) -> None:
    week_before, now = "2026-11-20T05:00:00Z", "2026-11-29T05:00:00Z"
    # 90 days are over between the two runs.
    lapsing, lapsed = "2026-08-28T05:00:00Z", "2026-06-01T05:00:00Z"
    ada, ben, cleo, dora = (guest(name) for name in ("Ada", "Ben", "Cleo", "Dora"))
    runs.produce(
        REPORT,
        tenant(
            ada,
            ben,
            cleo,
            dora,
            last={"Ada": week_before, "Ben": lapsing, "Cleo": lapsed, "Dora": now},
        ),
    )
    second = runs.produce(
        REPORT,
        tenant(
            ada,
            ben,
            cleo,
            guest("Emil"),
            last={"Ada": now, "Ben": lapsing, "Cleo": now, "Emil": now},
        ),
    )
    assert tiles(second) == {"added": 1, "gone": 1, "idle-now": 1, "back": 1}
    assert words(second, CHANGE) == {
        "Ada": "Unchanged",
        "Ben": "Newly inactive",
        "Cleo": "Active again",
        "Emil": "Added",
        "Dora": "Removed",
    }
    assert {name: second.lines.counts[name] for name in tiles(second)} == tiles(second)


def test_removed_guests_stand_last_and_belong_to_no_count(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings)
    less = deepcopy(listings)
    removed = less[GUESTS.name].pop(0)
    report = runs.produce(REPORT, less)
    *_, last = report.lines
    assert last.cells[0] == (removed["displayName"], removed["mail"])
    assert last.cells[DOMAIN] == "adatum.example"
    assert last.filters == ("gone",)
    assert last.cells[LAST] is None
    assert last.memory is None
    assert report.lines.counts["all"] == kpi(report, "total").value == 13
    assert tiles(runs.produce(REPORT, less))["gone"] == 0


def test_becoming_known_or_unknown_is_no_change(runs: Runs) -> None:
    idle = tenant(guest("Ada"), last={"Ada": "2026-01-01T05:00:00Z"})
    runs.produce(REPORT, idle, NO_P1)
    known = runs.produce(REPORT, idle)
    assert words(known, CHANGE) == {"Ada": "Unchanged"}
    unknown = runs.produce(REPORT, idle, NO_P1)
    assert words(unknown, CHANGE) == {"Ada": "Unchanged"}
    assert tiles(unknown) == {"added": 0, "gone": 0, "idle-now": None, "back": None}
    again = runs.produce(REPORT, tenant(guest("Ada"), last={"Ada": "2026-12-13T05:00:00Z"}))
    assert words(again, CHANGE) == {"Ada": "Unchanged"}


@pytest.mark.parametrize(
    "now",
    [
        guest("Ada", accountEnabled=False),
        guest("Ada", externalUserState="PendingAcceptance"),
    ],
    ids=["disabled", "must accept anew"],
)
def test_an_inactive_guest_who_is_locked_out_is_not_active_again(
    runs: Runs, now: dict[str, Any]
) -> None:
    last: dict[str, str | None] = {"Ada": "2026-01-01T05:00:00Z"}
    runs.produce(REPORT, tenant(guest("Ada"), last=last))
    report = runs.produce(REPORT, tenant(now, last=last))
    assert words(report, CHANGE) == {"Ada": "Unchanged"}
    assert kpi(report, "idle").value == 0
    back = runs.produce(REPORT, tenant(guest("Ada"), last=last))
    assert words(back, CHANGE) == {"Ada": "Unchanged"}


def test_without_the_licence_sign_ins_are_unknown_and_never_are_not(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings, NO_P1)
    assert kpi(report, "idle").value is None
    assert {chart.title.en for chart in report.content.charts} == {"Where guests come from"}
    assert {line.cells[LAST] for line in report.lines} == {None}
    assert "idle" not in report.lines.counts
    assert "14 guests, last sign-in unknown." in lead(report)
    assert "14 Gäste, letzte Anmeldung unbekannt." in lead(report, GERMAN)
    assert all(action.filter != "idle" for action in report.content.actions)
    table = rendered(CSV, report, Language.DE).decode("utf-8-sig")
    assert table.count(";unbekannt;") >= 14
    assert ";nie;" not in table


def test_a_gap_makes_the_report_incomplete_and_never_hides_what_is_bad(
    runs: Runs, listings: Listings
) -> None:
    denied = PermissionMissing(GUEST_SIGN_INS.name, "AuditLog.Read.All")
    assert runs.produce(REPORT, listings, denied).status is Status.BAD
    listings[ROLE_ASSIGNMENTS.name] = []
    assert runs.produce(REPORT, listings).status is Status.WARN
    assert runs.produce(REPORT, listings, denied).status is Status.INCOMPLETE


def test_roles_that_may_not_be_read_are_unknown(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings, NO_ROLES)
    assert {line.cells[ROLES] for line in report.lines} == {None}
    assert "roles" not in report.lines.counts
    assert report.status is Status.INCOMPLETE
    assert "admin role" not in lead(report)


def test_roles_without_names_show_their_ids(runs: Runs, listings: Listings) -> None:
    gap = PermissionMissing(ROLE_DEFINITIONS.name, "RoleManagement.Read.Directory")
    report = runs.produce(REPORT, listings, gap)
    first = next(iter(report.lines))
    assert first.cells[ROLES] == (
        "95e79109-95c0-4d8e-aee3-d01accf2d47b",
        "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    )
    assert report.status is Status.BAD


def test_sponsors_that_could_not_be_read_are_unknown_and_not_missing(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings, NO_SPONSORS)
    assert kpi(report, "unsponsored").value is None
    assert {line.cells[SPONSORS] for line in report.lines} == {None}
    assert "unsponsored" not in report.lines.counts


def test_without_guests_there_is_no_report(runs: Runs, listings: Listings) -> None:
    gap = PermissionMissing(GUESTS.name, "User.Read.All")
    with pytest.raises(DatasetError, match="guests: permission"):
        runs.produce(REPORT, listings, gap)


def test_a_tenant_without_guests_is_fine(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant())
    assert lead(report) == "The tenant has no guest users."
    assert report.status is Status.OK
    assert [f.kpi.value for f in report.figures] == [0, 0, 0, 0]
    assert report.content.charts == report.content.actions == ()
    assert report.lines.total == 0


def test_the_last_guest_removed_is_a_change(runs: Runs) -> None:
    runs.produce(REPORT, tenant(guest("Ada")))
    report = runs.produce(REPORT, tenant())
    assert tiles(report) == {"added": 0, "gone": 1, "idle-now": 0, "back": 0}
    assert report.lines.total == 1


ONE = (
    "1 Gast, keiner davon seit über 90 Tagen ohne Anmeldung. "
    "Keine Einladung ist seit über 30 Tagen offen."
)
TWO = (
    "1 Gast hat eine Adminrolle. 2 Gäste, 1 davon seit über 90 Tagen ohne Anmeldung. "
    "1 Einladung ist seit über 30 Tagen offen."
)
FOUR = (
    "2 Gäste haben eine Adminrolle. 4 Gäste, 2 davon seit über 90 Tagen ohne Anmeldung. "
    "2 Einladungen sind seit über 30 Tagen offen."
)


@pytest.mark.parametrize(("guests", "each", "sentence"), [(1, 0, ONE), (2, 1, TWO), (4, 2, FOUR)])
def test_sentences_keep_to_singular_and_plural(
    runs: Runs, guests: int, each: int, sentence: str
) -> None:
    idle = overdue = admins = each
    pending = {
        "externalUserState": "PendingAcceptance",
        "externalUserStateChangeDateTime": "2026-01-01T05:00:00Z",
    }
    listings = tenant(
        *(guest(f"G{n}", **(pending if n < overdue else {})) for n in range(guests)),
        last={f"G{n}": "2026-11-20T05:00:00Z" for n in range(guests - idle)},
    )
    listings[ROLE_ASSIGNMENTS.name] = [
        {"id": f"{n}", "principalId": f"G{n}", "roleDefinitionId": "r"} for n in range(admins)
    ]
    report = runs.produce(REPORT, listings)
    assert lead(report, GERMAN) == sentence
    assert report.status is (Status.BAD if admins else Status.OK)


@pytest.mark.parametrize(
    ("last", "is_idle", "band"),
    [
        ("2026-11-23T05:00:00Z", False, "up to 30 days"),
        ("9999-12-31T23:59:59Z", False, "up to 30 days"),
        ("2026-10-24T05:00:00Z", False, "up to 30 days"),
        ("2026-10-24T04:59:59Z", False, "31–90 days"),
        ("2026-08-25T05:00:00Z", False, "31–90 days"),
        ("2026-08-25T04:59:59Z", True, "91–180 days"),
        ("2026-05-27T05:00:00Z", True, "91–180 days"),
        ("2026-05-27T04:59:59Z", True, "over 180 days"),
        ("1601-01-01T00:00:00Z", True, "never"),
        ("0001-01-01T00:00:00Z", True, "never"),
        (None, True, "never"),
    ],
)
def test_inactive_and_the_bands_of_the_chart_agree(
    runs: Runs, last: str | None, *, is_idle: bool, band: str
) -> None:
    report = runs.produce(REPORT, tenant(guest("Ada"), last={"Ada": last}))
    assert kpi(report, "idle").value == is_idle
    bars = bar_charts(report)[0].bars
    assert {_label(b.label): b.value for b in bars if b.value} == {band: 1}
    assert (only(report).cells[LAST] is NEVER) is (band == "never")


def bar_charts(report: Report) -> list[BarChart]:
    return [chart for chart in report.content.charts if isinstance(chart, BarChart)]


def _label(label: Text | str) -> str:
    return ENGLISH.say(label)


@pytest.mark.parametrize(
    ("created", "changed", "is_overdue"),
    [
        ("2026-11-01T05:00:00Z", None, False),
        ("2026-10-24T05:00:00Z", None, False),
        ("2026-10-24T04:59:59Z", None, True),
        ("2021-01-01T05:00:00Z", "2026-11-18T05:00:00Z", False),
        ("2021-01-01T05:00:00Z", "0001-01-01T00:00:00Z", True),
        (None, None, True),
    ],
)
def test_an_invitation_is_as_old_as_it_was_last_sent(
    runs: Runs, created: str | None, changed: str | None, *, is_overdue: bool
) -> None:
    ada = guest(
        "Ada",
        externalUserState="PendingAcceptance",
        createdDateTime=created,
        externalUserStateChangeDateTime=changed,
    )
    assert kpi(runs.produce(REPORT, tenant(ada)), "overdue").value == is_overdue


@pytest.mark.parametrize(
    ("mail", "principal", "domain"),
    [
        ("Ada@Fabrikam.Example", "x", "fabrikam.example"),
        ('"a@b"@fabrikam.example', "x", "fabrikam.example"),
        (None, "ada_l_fabrikam.example#EXT#@contoso.onmicrosoft.com", "fabrikam.example"),
        (None, "ada@contoso.example", "contoso.example"),
        ("", "ada@contoso.example", "contoso.example"),
        ("ada@", "ada", None),
        (None, "#EXT#@contoso.onmicrosoft.com", None),
        (None, None, None),
    ],
)
def test_the_domain_is_that_of_the_guest_and_not_ours(
    runs: Runs, mail: str | None, principal: str | None, domain: str | None
) -> None:
    report = runs.produce(REPORT, tenant(guest("Ada", mail=mail, userPrincipalName=principal)))
    assert only(report).cells[DOMAIN] == domain
    [bar] = bar_charts(report)[1].bars
    assert _label(bar.label) == (domain or "unknown")


def test_frequent_domains_come_first_and_equal_ones_by_name(runs: Runs) -> None:
    domains = ["z.example", "b.example", "z.example", *(f"{n}.example" for n in range(9))]
    guests = (guest(f"G{n}", mail=f"g@{name}") for n, name in enumerate(domains))
    chart = bar_charts(runs.produce(REPORT, tenant(*guests)))[1]
    assert [_label(b.label) for b in chart.bars] == [
        "z.example", *(f"{n}.example" for n in range(7)),
    ]  # fmt: skip
    assert GERMAN.say(chart.summary) == "Häufigste Domäne: z.example. Domänen insgesamt: 11."


def test_the_oldest_accounts_and_absurd_dates_have_no_age(runs: Runs) -> None:
    for absurd in (None, "0001-01-01T00:00:00Z", "1601-01-01T00:00:00Z"):
        line = only(runs.produce(REPORT, tenant(guest("Ada", createdDateTime=absurd))))
        assert (line.cells[CREATED], line.cells[AGE]) == (None, None)
        assert "idle" in line.filters
    future = guest("Ada", createdDateTime="9999-12-31T23:59:59Z")
    assert only(runs.produce(REPORT, tenant(future))).cells[AGE] == 0


def test_a_guest_without_any_name_is_shown_by_id(runs: Runs) -> None:
    nobody = guest("Ada", displayName=None, mail=None, userPrincipalName=None)
    assert only(runs.produce(REPORT, tenant(nobody))).cells[0] == ("Ada", "")


def test_tiles_are_bad_only_where_the_tenant_got_worse(runs: Runs) -> None:
    runs.produce(REPORT, tenant())
    worse = runs.produce(REPORT, tenant()).content.changes
    assert [c.filter for c in worse if c.tone is Tone.BAD] == ["idle-now"]
    assert all(isinstance(c, Change) for c in worse)


def test_a_run_remembers_by_id_and_not_by_name(runs: Runs) -> None:
    runs.produce(REPORT, tenant(guest("Ada")))
    renamed = {**guest("Ada"), "displayName": "Ada Lovell", "mail": "new@adatum.example"}
    report = runs.produce(REPORT, tenant(renamed))
    assert words(report, CHANGE) == {"Ada": "Unchanged"}
    assert by_key(report)["Ada"].cells[0] == ("Ada Lovell", "new@adatum.example")
