"""Admin roles: who counts in which way, what changed between two runs, and what is not known."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from shared_code.core.chart import ColumnChart, ShareChart
from shared_code.core.errors import (
    ConfigurationError,
    DatasetError,
    LicenceMissing,
    PermissionMissing,
)
from shared_code.core.privacy import Pseudonyms
from shared_code.core.report import Report, Status
from shared_code.core.table import NEVER
from shared_code.datasets.roles import (
    ADMIN_REGISTRATIONS,
    ADMIN_SIGN_INS,
    ROLE_DEFINITIONS,
    ROLE_ELIGIBILITIES,
    ROLE_GROUP_MEMBERS,
    ROLE_HOLDERS,
    ROLE_SCHEDULES,
    RoleEligibility,
    RoleGroupMember,
    RoleHolder,
)
from shared_code.reports.admin_roles import REPORT
from tests.reports.runs import (
    CONTOSO,
    ENGLISH,
    GERMAN,
    Listings,
    Runs,
    by_key,
    decoded,
    kpi,
    kpis,
    lead,
    only,
    recorded,
    tiles,
    word,
    words,
)

GLOBAL = "62e90394-69f5-4237-9190-012177145e10"
EXCHANGE = "29232cdf-9323-42fd-ade2-1d097af3e4de"
READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"

NO_PIM = (
    LicenceMissing(ROLE_SCHEDULES.name, "Microsoft Entra ID P2"),
    LicenceMissing(ROLE_ELIGIBILITIES.name, "Microsoft Entra ID P2"),
)
NO_MEMBERS = PermissionMissing(ROLE_GROUP_MEMBERS.name, "Directory.Read.All")
NO_MFA = LicenceMissing(ADMIN_REGISTRATIONS.name, "Microsoft Entra ID P1")
NO_TERMS = PermissionMissing(ROLE_SCHEDULES.name, "RoleManagement.Read.Directory")

# Columns of the table.
KIND, ROLES, FORM, MFA, LAST, SINCE, CHANGE, ENDS, GROUPS, ACCOUNT, BEFORE = range(1, 12)


@pytest.fixture
def listings() -> Listings:
    return recorded(REPORT)


def user(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": name,
        "displayName": name,
        "userPrincipalName": f"{name.lower()}@contoso.example",
        "userType": "Member",
        "accountEnabled": True,
        **fields,
    }


def guest(name: str) -> dict[str, Any]:
    return user(name, userType="Guest")


def group(name: str) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.group", "id": name, "displayName": name}


def app(name: str) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.servicePrincipal", "id": name, "displayName": name}


def held(who: dict[str, Any] | str, role: str = GLOBAL, **fields: Any) -> dict[str, Any]:
    """An assignment; `who` as an id only: deleted."""
    key = who if isinstance(who, str) else who["id"]
    return {
        "id": f"{key}-{role[:8]}",
        "principalId": key,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "principal": None if isinstance(who, str) else who,
        **fields,
    }


def term(assignment: dict[str, Any], **fields: Any) -> dict[str, Any]:
    whole = {"assignmentType": "Assigned", **assignment, **fields}
    return {name: value for name, value in whole.items() if name != "principal"}


def tenant(
    *active: dict[str, Any],
    eligible: tuple[dict[str, Any], ...] = (),
    members: tuple[dict[str, Any], ...] = (),
    terms: tuple[dict[str, Any], ...] | None = None,
    mfa: dict[str, list[str] | None] | None = None,
    last: dict[str, str] | None = None,
) -> Listings:
    """Everybody has a passkey unless `mfa` says otherwise, [] for none, None for no row."""
    whos = [r["principal"] for r in (*active, *eligible) if r["principal"]]
    people = [w for w in (*whos, *members) if w["@odata.type"].endswith("user")]
    methods = {p["id"]: ["passKeyDeviceBound"] for p in people} | (mfa or {})
    return {
        ROLE_HOLDERS.name: list(active),
        ROLE_DEFINITIONS.name: [],
        ROLE_SCHEDULES.name: [term(r) for r in active] if terms is None else list(terms),
        ROLE_ELIGIBILITIES.name: list(eligible),
        ROLE_GROUP_MEMBERS.name: list(members),
        ADMIN_REGISTRATIONS.name: [
            {"id": key, "isMfaCapable": bool(found), "methodsRegistered": found}
            for key, found in methods.items()
            if found is not None
        ],
        ADMIN_SIGN_INS.name: [
            {"id": key, "signInActivity": {"lastSignInDateTime": at}}
            for key, at in (last or {}).items()
        ],
    }


ADA, BEN, CLEO = (user(name) for name in ("Ada", "Ben", "Cleo"))


def names(report: Report) -> list[str]:
    return [line.cells[0][0] for line in report.lines if isinstance(line.cells[0], tuple)]


def actions(report: Report) -> list[str | None]:
    return [action.filter for action in report.content.actions]


def choosing(runs: Runs, **options: object) -> Runs:
    runs.tenant = msgspec.structs.replace(CONTOSO, options={REPORT.name: options})
    return runs


def test_the_worst_come_first_then_names_in_order(runs: Runs, listings: Listings) -> None:
    found = names(runs.produce(REPORT, listings))
    assert [name.split()[0] for name in found] == [
        *("Bernd", "Dario", "Farid"),  # no MFA, or a guest
        *("Anna", "Clara", "Lena", "Notfallkonto"),  # Global Administrators
        "283bb9de-ef02-4684-aabf-b538efa1eca7",  # deleted
        *("Contoso", "Eva", "Gerd"),  # permanent
        *("Hanna", "Ivo", "Karim"),
    ]


def test_everything_is_said_of_the_recorded_tenant(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings)
    assert report.status is Status.BAD
    assert lead(report, GERMAN) == (
        "12 Personen und 1 Anwendung haben kritische Rollen; 5 globale Administratoren "
        "(Ziel 2–4), 2 Personen ohne MFA. 1 Gast hat eine kritische Rolle."
    )
    assert kpis(report) == {"people": 12, "global": 5, "permanent": 8, "weak": 5}
    assert report.content.changes == ()


def test_a_role_that_is_not_critical_makes_nobody_an_admin(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA, READERS)))
    assert report.lines.total == 0
    assert lead(report) == "No person and no application holds a critical role."
    assert report.status is Status.WARN


def test_one_line_per_admin_with_all_ways_together(runs: Runs) -> None:
    helpers = group("Helpers")
    report = runs.produce(
        REPORT,
        tenant(
            held(ADA, EXCHANGE),
            held(helpers),
            eligible=(held(ADA, GLOBAL, startDateTime="2026-01-05T00:00:00Z"),),
            members=({**ADA, "parent": "Helpers"}, {**BEN, "parent": "Helpers"}),
        ),
    )
    lines = by_key(report)
    assert lines.keys() == {"Ada", "Ben"}
    assert lines["Ada"].cells[ROLES] == ("Exchange Administrator", "Global Administrator")
    assert lines["Ada"].cells[GROUPS] == lines["Ben"].cells[GROUPS] == ("Helpers",)
    assert words(report, FORM) == {"Ada": "Permanent", "Ben": "Permanent"}


@pytest.mark.parametrize(
    ("fields", "form"),
    [
        ({}, "Permanent"),
        ({"endDateTime": "2026-12-31T00:00:00Z"}, "Limited in time"),
        ({"assignmentType": "activated"}, "Limited in time"),
        ({"endDateTime": "0001-01-01T00:00:00Z"}, "Permanent"),
    ],
)
def test_terms_tell_what_is_permanent(runs: Runs, fields: dict[str, Any], form: str) -> None:
    assignment = held(ADA)
    report = runs.produce(REPORT, tenant(assignment, terms=(term(assignment, **fields),)))
    assert words(report, FORM) == {"Ada": form}


def test_what_is_permanent_never_ends_and_other_ends_may_be_unknown(runs: Runs) -> None:
    permanent, limited = held(ADA), held(BEN)
    roles = (term(permanent), term(limited, endDateTime="2026-12-31T00:00:00Z"))
    known = runs.produce(REPORT, tenant(permanent, limited, eligible=(held(CLEO),), terms=roles))
    ends = {name: line.cells[ENDS] for name, line in by_key(known).items()}
    assert ends == {"Ada": NEVER, "Ben": datetime(2026, 12, 31, tzinfo=UTC), "Cleo": NEVER}
    unknown = runs.produce(REPORT, tenant(permanent), NO_TERMS)
    assert by_key(unknown)["Ada"].cells[ENDS] is None


def test_who_activated_a_role_counts_as_eligible(runs: Runs) -> None:
    active = held(ADA)
    pim = (held(ADA),)
    runs.produce(REPORT, tenant(eligible=pim))
    report = runs.produce(
        REPORT, tenant(active, eligible=pim, terms=(term(active, assignmentType="Activated"),))
    )
    assert words(report, FORM) == {"Ada": "Eligible (PIM)"}
    assert words(report, CHANGE) == {"Ada": "Unchanged"}
    assert kpi(report, "global").value == 1


def test_an_assignment_limited_in_time_stands_beside_an_eligibility(runs: Runs) -> None:
    active = held(ADA)
    limited = term(active, endDateTime="2026-12-31T00:00:00Z")
    report = runs.produce(REPORT, tenant(active, eligible=(held(ADA),), terms=(limited,)))
    assert words(report, FORM) == {"Ada": "Limited in time"}


def test_without_p2_everything_active_is_permanent_and_nothing_is_missing(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA), held(BEN)), *NO_PIM)
    assert words(report, FORM) == {"Ada": "Permanent", "Ben": "Permanent"}
    assert kpi(report, "permanent").value == 2
    assert (report.status, report.gaps) == (Status.OK, ())
    [(_, note)] = report.content.notes
    assert ENGLISH.say(note) == (
        "Roles that somebody is only eligible for (PIM), or holds for a limited time, exist only with Microsoft Entra "
        "ID P2; without that licence they do not apply, and each assignment is permanent."
    )


def test_with_p2_eligible_roles_that_may_not_be_read_are_missing(runs: Runs) -> None:
    denied = PermissionMissing(ROLE_ELIGIBILITIES.name, "RoleManagement.Read.Directory")
    report = runs.produce(REPORT, tenant(held(ADA), held(BEN)), denied)
    assert [gap.dataset for gap in report.gaps] == [ROLE_ELIGIBILITIES.name]
    assert (report.status, report.content.notes) == (Status.INCOMPLETE, ())


def test_terms_that_could_not_be_read_are_unknown(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA)), NO_TERMS)
    assert words(report, FORM) == {"Ada": "Active, term unknown"}
    assert kpi(report, "permanent").value is None


def test_guests_applications_and_the_deleted_are_told_from_people(runs: Runs) -> None:
    report = runs.produce(
        REPORT,
        tenant(
            held(guest("Gil"), EXCHANGE),
            held(app("Backup")),
            held("5e1f"),
            held(user("Off", accountEnabled=False), EXCHANGE),
            held(ADA),
            held(BEN),
        ),
    )
    assert words(report, KIND) == {
        "Gil": "Guest with role",
        "Backup": "Application",
        "5e1f": "Deleted/unknown",
        "Off": "Disabled account",
        "Ada": "Person",
        "Ben": "Person",
    }
    assert by_key(report)["5e1f"].cells[0] == ("5e1f", "")
    assert kpi(report, "people").value == 4
    assert ENGLISH.say(kpi(report, "people").base) == "and 1 application"
    assert kpi(report, "global").value == 2
    assert report.status is Status.BAD
    assert lead(report).endswith("1 guest holds a critical role.")


@pytest.mark.parametrize(
    ("methods", "state", "status"),
    [
        ([], "No MFA", Status.BAD),
        (["microsoftAuthenticatorPush"], "Simple MFA", Status.OK),
        (["mobilePhone", "FIDO2SecurityKey"], "Phishing-resistant", Status.OK),
        (["somethingOfTomorrow"], "Simple MFA", Status.OK),
        (None, None, Status.WARN),
    ],
)
def test_mfa_is_judged_by_what_is_registered_and_allowed(
    runs: Runs, methods: list[str] | None, state: str | None, status: Status
) -> None:
    report = runs.produce(REPORT, tenant(held(ADA), held(BEN), mfa={"Ada": methods}))
    assert word(report, "Ada", MFA) == state
    assert report.status is status


def test_guests_may_have_their_methods_at_home(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(guest("Gil")), held(ADA), mfa={"Gil": []}))
    assert word(report, "Gil", MFA) is None
    assert "without-mfa" not in report.lines.counts


def test_without_registrations_nobody_is_said_to_have_mfa(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA), held(BEN), mfa={"Ada": []}), NO_MFA)
    assert kpi(report, "weak").value is None
    assert "MFA state unknown" in lead(report)
    assert report.status is Status.WARN


def test_the_target_of_global_administrators_is_the_tenants_own(runs: Runs) -> None:
    both = tenant(held(ADA), held(BEN))
    assert runs.produce(REPORT, both).status is Status.OK
    report = choosing(runs, most_global=1, fewest_global=1).produce(REPORT, both)
    assert report.status is Status.WARN
    assert "2 Global Administrators (target 1–1)" in lead(report)
    assert "global" in actions(report)


def test_too_few_global_administrators_are_no_reason_to_remove_one(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA)))
    assert report.status is Status.WARN
    assert "global" not in actions(report)


def test_the_list_of_critical_roles_is_the_tenants_own(runs: Runs) -> None:
    listings = tenant(held(ADA), held(BEN, READERS))
    listings[ROLE_DEFINITIONS.name] = [{"id": READERS, "displayName": "Directory Readers"}]
    report = choosing(runs, roles=[READERS.upper()]).produce(REPORT, listings)
    assert only(report).cells[ROLES] == ("Directory Readers",)


def test_roles_that_became_critical_are_no_change(runs: Runs) -> None:
    listings = tenant(held(ADA), held(ADA, EXCHANGE), held(BEN, EXCHANGE))
    choosing(runs, roles=[GLOBAL]).produce(REPORT, listings)
    report = choosing(runs, roles=[GLOBAL, EXCHANGE]).produce(REPORT, listings)
    assert words(report, CHANGE) == {"Ada": "Unchanged", "Ben": "Unchanged"}
    back = choosing(runs, roles=[GLOBAL]).produce(REPORT, listings)
    assert (back.lines.total, tiles(back)["gone"]) == (1, 0)


def test_options_that_do_not_exist_name_the_report(runs: Runs) -> None:
    with pytest.raises(ConfigurationError, match="admin-roles"):
        choosing(runs, most_globals=3).produce(REPORT, tenant(held(ADA)))


def test_an_emergency_account_stands_ready(runs: Runs) -> None:
    listings = tenant(held(ADA), held(BEN), last={"Ada": "2025-01-01T00:00:00Z"})
    report = choosing(runs, emergency_accounts=["ADA"]).produce(REPORT, listings)
    assert words(report, KIND) == {"Ada": "Emergency account", "Ben": "Person"}
    assert kpi(report, "permanent").value == 1
    assert "idle" not in report.lines.counts
    assert report.status is Status.OK
    assert None not in actions(report)


@pytest.mark.parametrize(
    "lost", [tenant(held(BEN), held(CLEO)), tenant(held(BEN), eligible=(held(ADA),))]
)
def test_no_emergency_account_that_stands_ready_is_bad(runs: Runs, lost: Listings) -> None:
    report = choosing(runs, emergency_accounts=["Ada"]).produce(REPORT, lost)
    assert report.status is Status.BAD
    assert "No named emergency account" in lead(report)
    assert report.content.actions[0].priority == "critical"


def test_without_named_emergency_accounts_somebody_is_asked_to_name_them(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA), held(BEN)))
    assert report.status is Status.OK
    assert ENGLISH.say(report.content.actions[-1].title) == "Name the emergency accounts"


def test_what_changed_is_counted_and_marked(runs: Runs) -> None:
    runs.produce(
        REPORT,
        tenant(held(ADA), held(BEN, EXCHANGE), held(CLEO), eligible=(held(user("Dan")),)),
    )
    report = runs.produce(
        REPORT,
        tenant(held(ADA), held(BEN), held(user("Dan")), held(user("Emil"), EXCHANGE)),
    )
    assert words(report, CHANGE) == {
        "Ada": "Unchanged",
        "Ben": "Roles changed",
        "Dan": "Permanent now",
        "Emil": "Added",
        "Cleo": "Removed",
    }
    assert tiles(report) == {"added": 1, "gone": 1, "changed": 1, "made-permanent": 1}
    assert {name: report.lines.counts[name] for name in tiles(report)} == tiles(report)
    assert by_key(report)["Ben"].cells[BEFORE] == ("Exchange Administrator",)
    assert report.status is Status.WARN


def test_removed_admins_stand_last_with_the_roles_they_had(runs: Runs) -> None:
    runs.produce(REPORT, tenant(held(ADA), held(BEN)))
    report = runs.produce(REPORT, tenant(held(ADA)))
    *_, last = report.lines
    assert last.cells[0] == ("Ben", "ben@contoso.example")
    assert (last.filters, last.memory, last.cells[ROLES]) == (("gone",), None, ())
    assert last.cells[BEFORE] == ("Global Administrator",)
    assert report.lines.counts["all"] == 1
    assert tiles(runs.produce(REPORT, tenant(held(ADA))))["gone"] == 0


def test_becoming_visible_is_no_change(runs: Runs) -> None:
    helpers = group("Helpers")
    whole = tenant(
        held(ADA),
        held(helpers, EXCHANGE),
        eligible=(held(BEN),),
        members=({**CLEO, "parent": "Helpers"}, {**ADA, "parent": "Helpers"}),
    )
    runs.produce(REPORT, whole)
    unknown = runs.produce(REPORT, whole, NO_MEMBERS, *NO_PIM)
    assert words(unknown, CHANGE) == {"Ada": "Unchanged", "Helpers": "Unchanged"}
    assert tiles(unknown) == {"added": 0, "gone": 0, "changed": 0, "made-permanent": None}
    known = runs.produce(REPORT, whole)
    assert set(words(known, CHANGE).values()) == {"Unchanged"}
    assert tiles(known) == {"added": 0, "gone": 0, "changed": 0, "made-permanent": None}


def test_a_group_whose_members_are_unknown_stands_for_them(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(group("Helpers"))), NO_MEMBERS)
    assert words(report, KIND) == {"Helpers": "Group, members unknown"}
    assert kpi(report, "people").value == 0
    assert lead(report) == "Critical roles are held by groups; who belongs to them is not known."


def test_beside_known_holders_unknown_members_are_not_forgotten(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA), held(group("Helpers"))), NO_MEMBERS)
    assert lead(report).endswith("Who holds a critical role through groups is not known.")


def test_devices_and_nested_groups_are_nobody(runs: Runs) -> None:
    inner = {**group("Inner"), "parent": "Helpers"}
    device = {"@odata.type": "#microsoft.graph.device", "id": "PC", "parent": "Helpers"}
    report = runs.produce(
        REPORT,
        tenant(held(group("Helpers")), members=(inner, device, {**ADA, "parent": "Helpers"})),
    )
    assert names(report) == ["Ada"]


@pytest.mark.parametrize(
    ("last", "is_idle"),
    [
        ("2026-08-25T05:00:00Z", False),  # 90 days before the end of the period
        ("2026-08-25T04:59:59Z", True),
        ("0001-01-01T00:00:00Z", True),
    ],
)
def test_idle_begins_after_ninety_days(runs: Runs, last: str, is_idle: bool) -> None:  # noqa: FBT001
    report = runs.produce(REPORT, tenant(held(ADA), last={"Ada": last}))
    assert ("idle" in only(report).filters) is is_idle


def test_an_admin_whose_sign_ins_were_not_answered_is_not_idle(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(held(ADA)))
    assert only(report).cells[LAST] is None
    assert "idle" not in only(report).filters


def test_never_is_known(runs: Runs) -> None:
    listings = tenant(held(ADA))
    listings[ADMIN_SIGN_INS.name] = [{"id": "Ada"}]
    assert only(runs.produce(REPORT, listings)).cells[LAST] is NEVER


def test_synced_accounts_are_told_from_cloud_accounts(runs: Runs) -> None:
    report = runs.produce(
        REPORT, tenant(held(ADA), held(user("Ben", onPremisesSyncEnabled=True)), held(app("Sync")))
    )
    assert words(report, ACCOUNT) == {
        "Ada": "Cloud only",
        "Ben": "Synchronised",
        "Sync": "Not applicable",
    }


def test_the_trend_has_a_column_per_month_and_roles_their_shares(runs: Runs) -> None:
    for _ in range(3):
        runs.produce(REPORT, tenant(held(ADA), held(BEN)))
    report = runs.produce(REPORT, tenant(held(ADA), held(BEN, EXCHANGE), eligible=(held(CLEO),)))
    shares, trend = report.content.charts
    assert isinstance(shares, ShareChart)
    assert isinstance(trend, ColumnChart)
    assert [(row.label, row.values, row.people) for row in shares.rows] == [
        ("Global Admin", (0.5, 0.5), 2),
        ("Exchange Admin", (1.0, 0.0), 1),
    ]
    assert trend.series[0].values == (2, 2)


def test_the_digest_says_what_changed_in_numbers(runs: Runs) -> None:
    first = runs.produce(REPORT, tenant(held(ADA), held(BEN), mfa={"Ada": []}))
    assert ENGLISH.say(first.content.digest) == (
        "2 people with critical roles, 1 person without MFA"
    )
    second = runs.produce(REPORT, tenant(held(ADA)))
    assert GERMAN.say(second.content.digest) == (
        "1 Person mit kritischen Rollen (−1), niemand ohne MFA"
    )


def test_without_assignments_there_is_no_report(runs: Runs, listings: Listings) -> None:
    refused = PermissionMissing(ROLE_HOLDERS.name, "RoleManagement.Read.Directory")
    with pytest.raises(DatasetError, match="role-holders"):
        runs.produce(REPORT, listings, refused)


def test_the_order_of_answers_changes_nothing(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings)
    turned = deepcopy(listings)
    for rows in turned.values():
        rows.reverse()
    report = runs.produce(REPORT, turned)
    assert tiles(report) == {"added": 0, "gone": 0, "changed": 0, "made-permanent": 0}


def test_groups_and_people_are_asked_for_once_each_and_people_fifteen_at_a_time() -> None:
    helpers = group("Helpers")
    many = [user(f"p{number:02}") for number in range(16)]
    rows = [
        *(msgspec.convert(held(who), RoleHolder) for who in (*many, helpers, app("Backup"))),
        msgspec.convert(held("deleted"), RoleHolder),
        msgspec.convert(held(helpers), RoleEligibility),
        msgspec.convert({**many[0], "parent": "Helpers"}, RoleGroupMember),
    ]
    groups, registrations, sign_ins = (
        each.parents for each in (ROLE_GROUP_MEMBERS, ADMIN_REGISTRATIONS, ADMIN_SIGN_INS)
    )
    assert groups
    assert registrations
    assert sign_ins
    assert list(groups.keys(r for r in rows if not isinstance(r, RoleGroupMember))) == ["Helpers"]
    assert list(registrations.keys(rows)) == [who["id"] for who in many]
    first, second = sign_ins.keys(rows)
    assert (first.count("'"), second) == (30, "'p15'")
    assert ADMIN_SIGN_INS.query(second)["$filter"] == "id in ('p15')"


def test_nobody_is_recognised_by_a_pseudonym_and_everything_still_belongs_together(
    runs: Runs, listings: Listings
) -> None:
    pseudonyms = Pseudonyms(b"0" * 32, "contoso")
    masked = {
        need.name: msgspec.to_builtins(
            [pseudonyms.masked(row) for page in decoded(need, listings[need.name]) for row in page]
        )
        for need in REPORT.needs
    }
    report, named = runs.produce(REPORT, masked), runs.produce(REPORT, listings)
    assert kpis(report) == kpis(named)
    shown = str([line.cells for line in report.lines])
    people = [line.cells[0] for line in named.lines if "gone" not in line.filters]
    assert not [pair for pair in people if isinstance(pair, tuple) and pair[0] in shown]
