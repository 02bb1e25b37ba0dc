"""MFA and SSPR: how strong methods are, who counts, what changed, and what is not known."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from shared_code.core.chart import BarChart, ColumnChart
from shared_code.core.errors import (
    ConfigurationError,
    DatasetError,
    LicenceMissing,
    PermissionMissing,
)
from shared_code.core.report import Report, Status
from shared_code.core.table import NEVER
from shared_code.datasets.members import MEMBER_SIGN_INS, MEMBERS
from shared_code.datasets.registrations import PHISHING_RESISTANT, REGISTRATIONS
from shared_code.datasets.roles import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from shared_code.reports.mfa_sspr import REPORT
from tests.reports.runs import (
    CONTOSO,
    ENGLISH,
    GERMAN,
    WEEK,
    Listings,
    Runs,
    by_key,
    kpi,
    kpis,
    lead,
    only,
    recorded,
    sign_in,
    tiles,
    words,
)

NO_MEMBERS = PermissionMissing(MEMBERS.name, "User.Read.All")
NO_SIGN_INS = LicenceMissing(MEMBER_SIGN_INS.name, "Microsoft Entra ID P1")
NO_ROLES = PermissionMissing(ROLE_ASSIGNMENTS.name, "RoleManagement.Read.Directory")
NO_P1 = LicenceMissing(REGISTRATIONS.name, "Microsoft Entra ID P1")

# Columns of the table.
DEPARTMENT, ROLES, STATE, METHODS, SSPR, LAST, CHANGE = range(1, 8)
PUSH = ("microsoftAuthenticatorPush",)
PHONE = ("mobilePhone",)


@pytest.fixture
def listings() -> Listings:
    return recorded(REPORT)


def user(name: str, *methods: str | None, **fields: Any) -> dict[str, Any]:
    """In Microsoft's report; capable if there is any method. The id is the name."""
    return {
        "id": name,
        "userDisplayName": name,
        "userPrincipalName": f"{name.lower()}@contoso.example",
        "userType": "member",
        "isAdmin": False,
        "isMfaRegistered": bool(methods),
        "isMfaCapable": bool(methods),
        "isSsprEnabled": True,
        "isSsprRegistered": bool(methods),
        "methodsRegistered": list(methods),
        **fields,
    }


def member(name: str, **fields: Any) -> dict[str, Any]:
    """Enabled, licensed, a year old."""
    return {
        "id": name,
        "displayName": name,
        "userPrincipalName": f"{name.lower()}@contoso.example",
        "accountEnabled": True,
        "department": "IT",
        "assignedLicenses": [{"skuId": "sku"}],
        "createdDateTime": "2025-11-01T05:00:00Z",
        **fields,
    }


def tenant(
    *users: dict[str, Any],
    members: list[dict[str, Any]] | None = None,
    last: Mapping[str, str | None] | None = None,
) -> Listings:
    """Every user is a member who signed in on 20 November, but for those in `last`."""
    people = [member(each["id"]) for each in users] if members is None else members
    seen = {**{each["id"]: "2026-11-20T05:00:00Z" for each in people}, **(last or {})}
    return {
        REGISTRATIONS.name: list(users),
        MEMBERS.name: people,
        MEMBER_SIGN_INS.name: [sign_in(key, moment) for key, moment in seen.items()],
        ROLE_ASSIGNMENTS.name: [],
        ROLE_DEFINITIONS.name: [],
    }


def notes(report: Report) -> list[str]:
    return [ENGLISH.say(text) for _, text in report.content.notes]


def about(report: Report, label: str) -> str:
    return next(ENGLISH.say(t) for name, t in report.content.about if ENGLISH.say(name) == label)


def columns(report: Report) -> ColumnChart:
    return next(c for c in report.content.charts if isinstance(c, ColumnChart))


def bars(report: Report) -> dict[str, tuple[float, str]]:
    [chart] = [c for c in report.content.charts if isinstance(c, BarChart)]
    return {
        ENGLISH.say(bar.label): (bar.value, ENGLISH.say(bar.note) if bar.note else "")
        for bar in chart.bars
    }


def test_the_recorded_tenant_counts_as_by_hand(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings)
    assert [*kpis(report).values()] == [12 / 18, 4 / 18, 8 / 13, 1]
    assert lead(report, GERMAN) == (
        "66,7\u00a0% der Mitglieder können sich mit MFA anmelden. "
        "6 Konten sind noch ungeschützt, darunter 1 Administrator."
    )
    assert report.status is Status.BAD
    assert "members in the directory: 21, enabled: 19" in about(report, "Population").lower()
    assert "with a licence: 17, without: 2" in about(report, "Population")
    assert about(report, "Not counted").startswith(
        "Disabled members: 2, without a licence: 1 (mostly shared and room mailboxes). Guests: 2."
    )


def test_admins_come_first_then_the_least_protected(runs: Runs, listings: Listings) -> None:
    names = [line.cells[0] for line in runs.produce(REPORT, listings).lines]
    assert [name[0].split()[0] for name in names if isinstance(name, tuple)] == [
        *("Alba", "Chiara", "Bruno"),
        *("Deniz", "Elif", "Mats", "Nora"),
        "Kim",  # a method that policy does not allow
        *("Finn", "Greta"),  # by phone only
        *("Lena", "Rosa"),  # strength unknown
        *("Hugo", "Jonas", "ute.urban@contoso.example"),
        *("Ines", "Quentin", "Sven"),
        "Otto",  # not in Microsoft's report yet
    ]


@pytest.mark.parametrize(
    ("methods", "state"),
    [
        (("fido2SecurityKey",), "Phishing-resistant"),
        (("passKeyDeviceBound",), "Phishing-resistant"),
        (("passKeyDeviceBoundAuthenticator", "mobilePhone"), "Phishing-resistant"),
        (("passKeyDeviceBoundWindowsHello",), "Phishing-resistant"),
        (("passKeySynced",), "Phishing-resistant"),
        (("windowsHelloForBusiness",), "Phishing-resistant"),
        (("macOsSecureEnclaveKey",), "Phishing-resistant"),
        (("x509CertificateMultiFactor",), "Phishing-resistant"),
        (("FIDO2SECURITYKEY", "quantumKey"), "Phishing-resistant"),
        (("microsoftAuthenticatorPush", "mobilePhone"), "MFA"),
        (("microsoftAuthenticatorPasswordless",), "MFA"),
        (("softwareOneTimePasscode",), "MFA"),
        (("hardwareOneTimePasscode",), "MFA"),
        (("externalAuthMethod",), "MFA"),
        (("softwareOneTimePasscode", "quantumKey"), "MFA"),
        (("mobilePhone",), "SMS/phone only"),
        (("alternateMobilePhone", "officePhone", "email"), "SMS/phone only"),
        (("officePhone", "securityQuestion", "temporaryAccessPass"), "SMS/phone only"),
        (("mobilePhone", None, ""), "SMS/phone only"),
        (("quantumKey",), "MFA, strength unknown"),
        (("mobilePhone", "quantumKey"), "MFA, strength unknown"),
        (("temporaryAccessPass",), "MFA, strength unknown"),
        (("email",), "MFA, strength unknown"),
    ],
)
def test_the_strongest_method_counts(
    runs: Runs, methods: tuple[str | None, ...], state: str
) -> None:
    report = runs.produce(REPORT, tenant(user("Ada", *methods)))
    assert words(report, STATE) == {"Ada": state}
    assert kpi(report, "capable").value == 1


@pytest.mark.parametrize(
    ("fields", "state", "is_unprotected"),
    [
        ({"methodsRegistered": []}, "No MFA", True),
        ({"methodsRegistered": ["email", "securityQuestion"]}, "No MFA", True),
        ({"methodsRegistered": ["temporaryAccessPass"]}, "No MFA", True),
        ({"methodsRegistered": ["quantumKey"]}, "No MFA", True),
        ({"methodsRegistered": None}, "No MFA", True),
        ({"methodsRegistered": ["fido2SecurityKey"]}, "Not usable", True),
        ({"methodsRegistered": ["mobilePhone"]}, "Not usable", True),
        ({"methodsRegistered": None, "isMfaRegistered": True}, "Not usable", True),
        ({"isMfaCapable": None, "methodsRegistered": ["fido2SecurityKey"]}, "unknown", False),
    ],
)
def test_microsoft_decides_who_is_capable(
    runs: Runs, fields: dict[str, Any], state: str, *, is_unprotected: bool
) -> None:
    report = runs.produce(REPORT, tenant(user("Ada", **fields)))
    assert words(report, STATE) == {"Ada": state}
    assert ("unprotected" in only(report).filters) is is_unprotected


def test_methods_are_named_the_strongest_first_and_unknown_ones_as_they_are(runs: Runs) -> None:
    methods = ("email", "quantumKey", "mobilePhone", "fido2SecurityKey", *PUSH)
    report = runs.produce(REPORT, tenant(user("Ada", *methods)))
    assert only(report).cells[METHODS] == (
        "FIDO2", "Authenticator (Push)", "SMS/Mobile", "E-Mail", "quantumKey",
    )  # fmt: skip


def test_everything_phishing_resistant_has_a_name(runs: Runs) -> None:
    users = [user(word, word) for word in PHISHING_RESISTANT]
    for line in runs.produce(REPORT, tenant(*users)).lines:
        assert line.cells[METHODS] != (line.key,)


def test_only_enabled_members_count(runs: Runs) -> None:
    users = (user("Ada", *PUSH), user("Ben"), user("Gast", userType="Guest"))
    people = [member("Ada", accountEnabled=None), member("Ben", accountEnabled=False)]
    report = runs.produce(REPORT, tenant(*users, members=people))
    assert lead(report, GERMAN) == "Das einzige Mitglied kann sich mit MFA anmelden."
    assert [line.key for line in report.lines] == ["Ada"]


def test_who_is_not_in_microsofts_report_is_neither_protected_nor_not(runs: Runs) -> None:
    people = [member("Ada"), member("Ben"), member("Cleo")]
    report = runs.produce(REPORT, tenant(user("Ada", *PUSH), members=people))
    assert kpis(report)["capable"] == 1
    assert report.status is Status.OK
    assert words(report, STATE) == {"Ada": "MFA", "Ben": "unknown", "Cleo": "unknown"}
    assert notes(report) == [
        "2 enabled accounts are not in Microsoft's report yet; the shares leave them out."
    ]
    unknown = columns(report).series[-1]
    assert (ENGLISH.say(unknown.label), unknown.values) == ("Unknown", (2.0,))


def test_sspr_is_counted_of_those_it_is_switched_on_for(runs: Runs) -> None:
    report = runs.produce(
        REPORT,
        tenant(
            user("Ada", isSsprRegistered=True),
            user("Ben", isSsprRegistered=False),
            user("Cleo", isSsprEnabled=False, isSsprRegistered=True),
            user("Dora", *PUSH, isAdmin=True, isSsprRegistered=False),
            user("Emil", isSsprEnabled=None),
            user("Fred", isSsprRegistered=None),
        ),
    )
    assert kpi(report, "sspr").value == 1 / 2
    assert words(report, SSPR) == {
        "Ada": "Registered",
        "Ben": "Missing",
        "Cleo": "Not switched on",
        "Dora": "Admin rule",
        "Emil": None,
        "Fred": None,
    }


def test_sspr_for_nobody_is_no_share(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(user("Ada", *PUSH, isSsprEnabled=False)))
    assert kpi(report, "sspr").value is None
    assert ENGLISH.say(kpi(report, "sspr").note) == "SSPR is not switched on for anybody"


def test_admins_are_those_of_microsoft_with_the_roles_they_hold(runs: Runs) -> None:
    listings = tenant(
        user("Ada", *PUSH, isAdmin=True),
        user("Ben", *PUSH, isAdmin=True),
        user("Cleo", *PUSH, isAdmin=False),
        user("Dora", *PUSH, isAdmin=None),
    )
    listings[ROLE_ASSIGNMENTS.name] = [
        {"id": key, "principalId": key, "roleDefinitionId": "r"} for key in ("Ada", "Cleo", "Dora")
    ]
    listings[ROLE_DEFINITIONS.name] = [{"id": "r", "displayName": "Helpdesk Administrator"}]
    lines = by_key(runs.produce(REPORT, listings))
    assert {key: line.cells[ROLES] for key, line in lines.items()} == {
        "Ada": ("Helpdesk Administrator",),
        "Ben": ("Administrator",),
        "Cleo": (),
        "Dora": ("Helpdesk Administrator",),
    }


def test_without_roles_admins_are_still_admins(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings, NO_ROLES)
    assert kpi(report, "admins-unprotected").value == 1
    assert next(iter(report.lines)).cells[ROLES] == ("Administrator",)


@pytest.mark.parametrize(
    ("last", "created", "is_idle"),
    [
        ("2026-08-25T05:00:00Z", "2020-01-01T05:00:00Z", False),
        ("2026-08-25T04:59:59Z", "2020-01-01T05:00:00Z", True),
        (None, "2020-01-01T05:00:00Z", True),
        (None, "2026-11-01T05:00:00Z", False),
        (None, None, True),
        ("0001-01-01T00:00:00Z", "2020-01-01T05:00:00Z", True),
    ],
)
def test_inactive_is_over_90_days_without_asign_in(
    runs: Runs, last: str | None, created: str | None, *, is_idle: bool
) -> None:
    people = [member("Ada", createdDateTime=created)]
    report = runs.produce(REPORT, tenant(user("Ada"), members=people, last={"Ada": last}))
    assert ("idle" in only(report).filters) is is_idle


def test_the_first_run_compares_with_nothing(runs: Runs, listings: Listings) -> None:
    report = runs.produce(REPORT, listings)
    assert report.content.changes == ()
    assert set(words(report, CHANGE).values()) == {None}
    assert not {"changed", "gained", "lost", "added", "idle-now"} & report.lines.counts.keys()
    assert "seit" not in lead(report, GERMAN)


def test_what_changed_is_counted_and_marked(runs: Runs) -> None:
    lapsing = {"Idle": "2026-08-28T05:00:00Z"}
    runs.produce(
        REPORT,
        tenant(
            user("Same", *PUSH),
            user("Gain", "email", isMfaCapable=False, isMfaRegistered=False),
            user("Lose", *PUSH),
            user("Less", *PUSH, *PHONE),
            user("More", *PHONE),
            user("Pass", *PUSH, "temporaryAccessPass"),
            user("Idle", *PUSH),
            user("Gone", *PUSH),
            last=lapsing,
        ),
    )
    second = runs.produce(
        REPORT,
        tenant(
            user("Same", *PUSH),
            user("Gain", *PUSH),
            user("Lose", *PUSH, isMfaCapable=False),
            user("Less", *PUSH),
            user("More", *PHONE, *PUSH),
            user("Pass", *PUSH),
            user("Idle", *PUSH),
            user("NewA"),
            user("NewB", *PUSH),
            last=lapsing,
        ),
    )
    assert tiles(second) == {"gained": 1, "lost": 2, "added": 1, "idle-now": 1}
    assert {name: second.lines.counts[name] for name in tiles(second)} == tiles(second)
    assert words(second, CHANGE) == {
        "Same": "Unchanged",
        "Gain": "Newly registered",
        "Lose": "Lost MFA",
        "Less": "Method removed",
        "More": "Unchanged",
        "Pass": "Unchanged",
        "Idle": "Newly inactive",
        "NewA": "New account",
        "NewB": "New account",
    }
    assert second.lines.counts["changed"] == 6


def test_who_drops_out_of_microsofts_report_for_once_comes_back_unchanged(runs: Runs) -> None:
    whole, ada = tenant(user("Ada", *PUSH)), [member("Ada")]
    runs.produce(REPORT, whole)
    assert words(runs.produce(REPORT, tenant(members=ada)), CHANGE) == {"Ada": None}
    assert words(runs.produce(REPORT, whole), CHANGE) == {"Ada": "Unchanged"}


def test_who_enters_microsofts_report_late_is_new_when_first_known(runs: Runs) -> None:
    runs.produce(REPORT, tenant(members=[member("Ada")]))
    report = runs.produce(REPORT, tenant(user("Ada")))
    assert words(report, CHANGE) == {"Ada": "New account"}
    assert tiles(report)["added"] == 1


def test_methods_that_are_not_told_for_once_are_not_lost(runs: Runs) -> None:
    runs.produce(REPORT, tenant(user("Ada", *PUSH)))
    report = runs.produce(REPORT, tenant(user("Ada", *PUSH, methodsRegistered=None)))
    assert words(report, CHANGE) == {"Ada": "Unchanged"}


def test_the_lead_and_the_digest_tell_the_points_won(runs: Runs) -> None:
    users = [user(f"U{n}", *PUSH) for n in range(7)]
    runs.produce(REPORT, tenant(*users[:6], user("U6"), user("U7")))
    report = runs.produce(REPORT, tenant(*users, user("U7", isAdmin=True)))
    assert lead(report, GERMAN) == (
        "87,5\u00a0% der Mitglieder können sich mit MFA anmelden. +12,5\u00a0Prozentpunkte seit "
        "23.11.2026. 1 Konto ist noch ungeschützt, darunter 1 Administrator."
    )
    assert GERMAN.say(report.content.digest) == (
        "MFA-fähig 87,5\u00a0% (+12,5 PP), 1 Admin ohne MFA"
    )
    again = runs.produce(REPORT, tenant(*users, user("U7", isAdmin=True)))
    assert "Prozentpunkte" not in lead(again, GERMAN)


@pytest.mark.parametrize(
    ("protected", "bare", "admins", "sentence"),
    [
        (2, 0, 0, "Alle 2 Mitglieder können sich mit MFA anmelden."),
        (1, 0, 0, "Das einzige Mitglied kann sich mit MFA anmelden."),
        (0, 0, 0, "Der Mandant hat keine aktiven Mitglieder."),
        (
            1,
            1,
            0,
            "50,0\u00a0% der Mitglieder können sich mit MFA anmelden. 1 Konto ist noch ungeschützt.",
        ),
        (
            0,
            2,
            2,
            "0,0\u00a0% der Mitglieder können sich mit MFA anmelden. 2 Konten sind noch ungeschützt, darunter 2 Administratoren.",
        ),
    ],
)
def test_the_lead_knows_singular_and_plural(
    runs: Runs, protected: int, bare: int, admins: int, sentence: str
) -> None:
    users = [user(f"P{n}", *PUSH) for n in range(protected)]
    users += [user(f"B{n}", isAdmin=n < admins) for n in range(bare)]
    report = runs.produce(REPORT, tenant(*users))
    assert lead(report, GERMAN) == sentence
    expected = Status.BAD if admins else Status.WARN if bare else Status.OK
    assert report.status is expected


def test_less_than_all_is_never_said_as_all(runs: Runs) -> None:
    users = [user(f"P{n}", *PUSH) for n in range(3000)]
    report = runs.produce(REPORT, tenant(*users, user("Ada")))
    assert lead(report).startswith("99.9\u00a0% of members")


def test_a_tenant_without_members_is_said_to_have_none(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant())
    assert lead(report) == "The tenant has no enabled members."
    assert report.status is Status.OK


def test_where_nobodys_state_is_known_nothing_is_in_order(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(user("Ada", isMfaCapable=None, isAdmin=True)))
    assert report.status is Status.INCOMPLETE
    assert {metric for metric, value in kpis(report).items() if value == 0} == set()


def test_what_counts_others_is_not_compared(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings)
    unfiltered = runs.produce(REPORT, listings, PermissionMissing(MEMBERS.name, "User.Read.All"))
    assert "percentage points" not in lead(unfiltered)
    assert {figure.previous for figure in unfiltered.figures} == {None}
    again = runs.produce(REPORT, listings)
    assert "percentage points" not in lead(again)
    assert {f.previous.value == f.kpi.value for f in again.figures if f.previous} == {True}


def test_a_tenant_may_agree_on_another_target(runs: Runs) -> None:
    users = [user("Ada"), *(user(f"P{n}", *PUSH) for n in range(9))]
    runs.tenant = msgspec.structs.replace(CONTOSO, options={REPORT.name: {"target": 90}})
    report = runs.produce(REPORT, tenant(*users))
    assert report.status is Status.OK
    assert GERMAN.say(kpi(report, "capable").base) == "9 von 10 Mitgliedern, Ziel 90\u00a0%"
    runs.tenant = msgspec.structs.replace(CONTOSO, options={REPORT.name: {"target": 91}})
    assert runs.produce(REPORT, tenant(*users)).status is Status.WARN


def test_a_target_over_100_percent_is_refused() -> None:
    greedy = msgspec.structs.replace(CONTOSO, options={REPORT.name: {"target": 101}})
    with pytest.raises(ConfigurationError):
        REPORT.options_of(greedy)


def test_an_action_is_not_said_twice(runs: Runs) -> None:
    only_admins = runs.produce(REPORT, tenant(user("Ada", isAdmin=True)))
    assert [a.filter for a in only_admins.content.actions] == ["admins-unprotected"]
    both = runs.produce(REPORT, tenant(user("Ada", isAdmin=True), user("Ben")))
    assert [a.filter for a in both.content.actions] == ["admins-unprotected", "unprotected"]


def test_departments_are_ranked_by_share_and_small_ones_left_out(runs: Runs) -> None:
    sizes = {"Vertrieb": (5, 4), "Werk": (10, 1), "Labor": (6, 0), "Vorstand": (4, 4), None: (5, 2)}
    users, people = [], []
    for name, (size, bare) in sizes.items():
        for n in range(size):
            key = f"{name}{n}"
            users.append(user(key, *(() if n < bare else PUSH)))
            people.append(member(key, department=f" {name} " if name else " "))
    report = runs.produce(REPORT, tenant(*users, members=people))
    assert bars(report) == {
        "Vertrieb": (0.8, "4 of 5"),
        "no department": (0.4, "2 of 5"),
        "Werk": (0.1, "1 of 10"),
    }


def test_at_most_eight_departments_are_drawn(runs: Runs) -> None:
    users = [user(f"{d}-{n}") for d in range(10) for n in range(5)]
    people = [member(each["id"], department=each["id"].partition("-")[0]) for each in users]
    assert len(bars(runs.produce(REPORT, tenant(*users, members=people)))) == 8


def test_the_column_of_a_month_is_its_last_report(runs: Runs) -> None:
    # Mondays: 23 and 30 November, then 7 December.
    runs.produce(REPORT, tenant(user("Ada"), user("Ben")))
    runs.produce(REPORT, tenant(user("Ada", *PHONE), user("Ben")))
    report = runs.produce(REPORT, tenant(user("Ada", "fido2SecurityKey"), user("Ben", *PUSH)))
    chart = columns(report)
    assert chart.labels == (date(2026, 11, 1), date(2026, 12, 1))
    assert {ENGLISH.say(s.label): s.values for s in chart.series} == {
        "Phishing-resistant": (0, 1),
        "MFA (app, TOTP)": (0, 1),
        "SMS/phone only": (1, 0),
        "Without MFA": (1, 0),
    }


def test_a_month_without_a_report_is_a_hole_and_not_zero(runs: Runs) -> None:
    runs.produce(REPORT, tenant(user("Ada")))
    runs._end += 6 * WEEK
    chart = columns(runs.produce(REPORT, tenant(user("Ada"))))
    assert chart.labels == (date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1))
    assert chart.series[-1].values == (1, None, 1)


def test_without_the_directory_all_members_of_microsofts_report_count(
    runs: Runs, listings: Listings
) -> None:
    report = runs.produce(REPORT, listings, NO_MEMBERS)
    assert report.lines.total == 19  # Paula, who is disabled, among them; Otto is not
    assert report.content.lead.status is Status.BAD
    assert notes(report)[0].startswith("The directory could not be read.")
    assert not [c for c in report.content.charts if isinstance(c, BarChart)]
    second = runs.produce(REPORT, listings, NO_MEMBERS)
    assert tiles(second) == {"gained": 0, "lost": 0, "added": None, "idle-now": 0}


def test_disabled_accounts_are_not_new_when_the_directory_fails_for_once(
    runs: Runs, listings: Listings
) -> None:
    runs.produce(REPORT, listings)
    report = runs.produce(REPORT, listings, NO_MEMBERS)
    assert "New account" not in words(report, CHANGE).values()
    again = runs.produce(REPORT, listings)
    assert tiles(again)["added"] == 0


def test_without_sign_ins_nobody_is_known_to_be_inactive(runs: Runs, listings: Listings) -> None:
    runs.produce(REPORT, listings)
    report = runs.produce(REPORT, listings, NO_SIGN_INS)
    assert "idle" not in report.lines.counts
    assert {line.cells[LAST] for line in report.lines} == {None}
    assert tiles(report)["idle-now"] is None
    # What became known is no change.
    assert tiles(runs.produce(REPORT, listings))["idle-now"] == 0


def test_a_sign_in_that_never_was_is_said_so(runs: Runs) -> None:
    report = runs.produce(REPORT, tenant(user("Ada"), last={"Ada": None}))
    assert only(report).cells[LAST] is NEVER


def test_without_the_licence_there_is_no_report(runs: Runs, listings: Listings) -> None:
    with pytest.raises(DatasetError) as refused:
        runs.produce(REPORT, listings, NO_P1)
    assert refused.value.dataset == REGISTRATIONS.name


def test_nobody_is_named_in_what_mail_and_portal_show(runs: Runs, listings: Listings) -> None:
    content = runs.produce(REPORT, listings).content
    said = [GERMAN.say(content.digest), GERMAN.say(content.lead.strong)]
    said += [GERMAN.say(m) for action in content.actions for m in (action.title, action.why)]
    assert not [s for s in said if "Alba" in s or "alba" in s]


def test_what_a_method_or_department_is_called_stays_text(runs: Runs) -> None:
    evil = "<script>{0}</script>"
    users = [user(f"U{n}", evil, isMfaCapable=False) for n in range(5)]
    people = [member(each["id"], department=evil) for each in users]
    report = runs.produce(REPORT, tenant(*users, members=people))
    assert list(bars(report)) == [evil]
    assert {line.cells[METHODS] for line in report.lines} == {(evil,)}


def test_the_report_reads_what_it_declares() -> None:
    assert REPORT.main is REGISTRATIONS
    assert replace(REGISTRATIONS, name="x").query() == {}
