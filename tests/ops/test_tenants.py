"""Tenants on the command line: listed, shown, and hostile names that stay harmless."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.text import Text

from shared_code.core.audit import Act, Entry
from shared_code.core.readiness import Cause, Problem, Readiness
from shared_code.core.tenant import Contact, Subscription, TenantId, TenantState
from shared_code.datasets.guests import GUESTS
from shared_code.reports import registry
from tests.fakes import NOON
from tests.ops.stage import ACTOR, CONTOSO, House

# Turns text red, sets the window's title, turns the direction around, is rich's own markup.
HOSTILE = "\x1b[31mFabri\x9bkam\x1b]0;owned\x07 \u202egnp [bold]x[/] :smile: [link=http://x]"
OTHER = TenantId("fab21ca3-7d42-4c1a-9e55-2b8d4e9f6a02")


@pytest.fixture
def house() -> House:
    return House()


def test_tenants_are_listed_by_customer(house: House) -> None:
    house.serve()
    house.serve(id=OTHER, customer="Adatum", state=TenantState.SUSPENDED)

    listed = house.ops("tenants", "list", "--json")

    assert listed.code == 0
    assert [row["customer"] for row in listed.json] == ["Adatum", "Contoso"]
    assert listed.json[1]["reports"] == ["guest-users"]
    suspended = house.ops("tenants", "list", "--state", "suspended", "--json").json
    assert [row["id"] for row in suspended] == [OTHER]


def test_without_tenants_a_table_says_so_and_json_is_an_empty_array(house: House) -> None:
    assert house.ops("tenants", "list").output == "no tenants\n"
    assert house.ops("tenants", "list", "--json").json == []


@pytest.mark.parametrize("words", [("list",), ("show", CONTOSO), ("audit", CONTOSO)])
def test_what_a_terminal_would_obey_is_shown_and_not_sent(
    house: House, words: tuple[str, ...]
) -> None:
    house.serve(customer=HOSTILE)
    house.audit.kept.append(
        Entry(tenant_id=CONTOSO, at=NOON, act=Act.INVITED, actor=ACTOR, detail=HOSTILE)
    )
    for form in ((), ("--json",)):
        output = house.ops("tenants", *words, *form, width=400).output

        assert not {letter for letter in output if not letter.isprintable()} - {"\n"}
    table = house.ops("tenants", *words, width=400).output
    assert r"\x1b[31mFabri\x9bkam" in table
    assert "[bold]x[/] :smile: [link=http://x]" in table


def test_wide_letters_keep_the_columns_straight(house: House) -> None:
    from rich.cells import cell_len  # noqa: PLC0415

    house.serve(customer="株式会社コントソ")
    house.serve(id=OTHER, customer="Fabrikam")

    rows = house.ops("tenants", "list").output.splitlines()

    starts = {cell_len(row[: row.index("contoso.com")]) for row in rows[1:]}
    assert len(starts) == 1


def test_an_id_stays_in_one_piece_in_a_narrow_terminal(house: House) -> None:
    house.serve()

    for words in (("show", CONTOSO), ("list",)):
        assert CONTOSO in house.ops("tenants", *words, width=40, is_terminal=True).output


def test_a_row_that_does_not_fit_a_terminal_has_lines_of_its_own(house: House) -> None:
    house.serve(subscriptions=dict.fromkeys(registry(), Subscription(since=NOON)))
    house.serve(id=OTHER, customer="Fabrikam")

    narrow, wide = (
        Text.from_ansi(house.ops("tenants", "list", width=width, is_terminal=True).output).plain
        for width in (80, 200)
    )

    assert max(map(len, narrow.splitlines())) <= 80
    assert f"id           {OTHER}" in narrow
    assert all(report in narrow for report in registry())
    assert wide.splitlines()[1].startswith(f"{CONTOSO}  Contoso ")


def test_a_row_is_one_line_for_other_programs(house: House) -> None:
    house.serve(subscriptions=dict.fromkeys(registry(), Subscription(since=NOON)))

    _, row = house.ops("tenants", "list", width=80).output.splitlines()

    assert row.startswith(CONTOSO)
    assert ", ".join(sorted(registry())) in row


def test_a_tenant_is_shown_without_the_addresses_of_its_contacts(house: House) -> None:
    house.serve(contacts=(Contact(address="admin@contoso.com"),))

    for form in ((), ("--json",)):
        shown = house.ops("tenants", "show", CONTOSO.upper(), *form)
        assert shown.code == 0
        assert "admin@" not in shown.output
    assert house.ops("tenants", "show", CONTOSO, "--json").json["contacts"] == 1


def test_a_tenant_is_shown_with_what_its_reports_lack_and_how_people_appear(house: House) -> None:
    ordered = dict.fromkeys(("guest-users", "usage"), Subscription(since=NOON))
    house.serve(subscriptions=ordered, service_start=NOON.date())
    lacking = Problem(
        cause=Cause.LICENCE, detail="Microsoft Entra ID P1", dataset=GUESTS.name, since=NOON
    )
    house.readinesses.kept[CONTOSO] = Readiness(
        tenant_id=CONTOSO, checked=NOON, due=NOON, problems=(lacking,)
    )

    shown = house.ops("tenants", "show", CONTOSO, "--json").json

    assert [(row["report"], row["people"]) for row in shown["subscriptions"]] == [
        ("guest-users", "named"),
        ("usage", "pseudonymous"),
    ]
    assert shown["readiness"] == [
        {"report": "guest-users", "ready": False, "lacks": ["licence (Microsoft Entra ID P1)"]},
        {"report": "usage", "ready": None, "lacks": []},
    ]
    assert (shown["unreachable"], shown["service_start"]) == (None, "2026-11-22")
    assert "licence (Microsoft Entra ID P1)" in house.ops("tenants", "show", CONTOSO).output


def test_a_tenant_that_cannot_be_reached_is_shown_so(house: House) -> None:
    house.serve(state=TenantState.CONSENT_WITHDRAWN)
    gone = Problem(cause=Cause.CONSENT, since=NOON)
    house.readinesses.kept[CONTOSO] = Readiness(tenant_id=CONTOSO, due=NOON, unreachable=gone)

    shown = house.ops("tenants", "show", CONTOSO, "--json").json

    assert shown["unreachable"] == "consent"
    assert [row["ready"] for row in shown["readiness"]] == [False]
    told = house.ops("readiness", CONTOSO, width=120).output
    assert "all     2026-11-22T12:00:00Z  customer  Die Zustimmung" in told


@pytest.mark.parametrize("words", [("tenants", "audit"), ("links", "list")])
def test_a_mistyped_id_is_not_taken_for_a_tenant_without_any(
    house: House, words: tuple[str, ...]
) -> None:
    ended = house.ops(*words, "nobody")

    assert (ended.code, ended.error) == (1, "error: no such tenant: nobody\n")


def test_the_audit_of_who_is_no_customer_is_listed(house: House) -> None:
    house.audit.kept.append(
        Entry(tenant_id=OTHER, at=NOON, act=Act.CALLBACK_REFUSED, actor="anonymous")
    )

    assert len(house.ops("tenants", "audit", OTHER, "--json").json) == 1


def test_an_unknown_tenant_is_one_line_on_stderr(house: House) -> None:
    shown = house.ops("tenants", "show", "nobody\x1b[31m")

    assert (shown.code, shown.output) == (1, "")
    assert shown.error == "error: no such tenant: nobody\\x1b[31m\n"


def test_the_audit_is_listed_newest_first(house: House) -> None:
    house.serve()
    for days, act in ((2, Act.INVITED), (1, Act.ACTIVATED)):
        at = NOON - timedelta(days=days)
        house.audit.kept.append(Entry(tenant_id=CONTOSO, at=at, act=act, actor=ACTOR))

    entries = house.ops("tenants", "audit", CONTOSO, "--json").json

    assert [entry["act"] for entry in entries] == ["activated", "invited"]
    assert set(entries[0]) == {"at", "act", "actor", "subject", "detail"}


def test_offboarding_asks_for_the_id_twice(house: House) -> None:
    house.serve()

    refused = house.ops("tenants", "offboard", CONTOSO, "--confirm", OTHER)

    assert refused.code == 1
    assert "nothing was done" in refused.error
    assert house.tenants.kept[CONTOSO].state is TenantState.ACTIVE


def test_what_was_agreed_is_changed_and_the_rest_stays(house: House, tmp_path: Path) -> None:
    before = house.serve()
    changes = tmp_path / "changes.json"
    changes.write_text('{"contacts": [{"address": "admin@contoso.example"}]}', "utf-8")

    done = house.ops("tenants", "change", CONTOSO, str(changes), "--json")

    after = house.tenants.kept[CONTOSO]
    assert (done.code, done.json["contacts"]) == (0, 1)
    assert [contact.address for contact in after.contacts] == ["admin@contoso.example"]
    assert after.subscriptions == before.subscriptions


@pytest.mark.parametrize("text", ['{"colour": "red"}', '{"time_zone": "Mars/Olympus"}', "[]", ""])
def test_a_change_that_means_nothing_changes_nothing(
    house: House, tmp_path: Path, text: str
) -> None:
    before = house.serve()
    changes = tmp_path / "changes.json"
    changes.write_text(text, "utf-8")

    refused = house.ops("tenants", "change", CONTOSO, str(changes))

    assert (refused.code, refused.output) == (1, "")
    assert house.tenants.kept[CONTOSO] == before


def test_a_tenant_is_suspended_and_resumed(house: House) -> None:
    house.serve()

    suspended = house.ops("tenants", "suspend", CONTOSO, "--why", "unpaid", "--json")
    twice = house.ops("tenants", "suspend", CONTOSO)
    resumed = house.ops("tenants", "resume", CONTOSO, "--json")

    assert (suspended.code, suspended.json["state"]) == (0, "suspended")
    assert twice.code == 1
    assert "is suspended" in twice.error
    assert (resumed.code, resumed.json["state"]) == (0, "active")
    assert [(e.act, e.actor) for e in house.audit.kept] == [
        (Act.SUSPENDED, ACTOR),
        (Act.RESUMED, ACTOR),
    ]


@pytest.mark.parametrize("deed", ["suspend", "resume"])
def test_who_is_unknown_is_neither_suspended_nor_resumed(house: House, deed: str) -> None:
    assert house.ops("tenants", deed, "nobody").error == "error: no such tenant: nobody\n"
