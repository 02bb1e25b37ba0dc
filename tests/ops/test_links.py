"""Links on the command line: issued, listed, taken back, and who opened them."""

from datetime import timedelta

import pytest

from shared_code.core.audit import Act
from shared_code.core.link import Link, Opening, Outcome
from shared_code.core.run import Artifact, RunState, run_id
from shared_code.core.tenant import LinkOptions, TenantState
from tests.fakes import NOON
from tests.ops.stage import CONTOSO, REPORT, House

PAGE = Artifact(name="report.de.html", path="p", media_type="text/html", size=1, sha256="")


@pytest.fixture
def house() -> House:
    house = House()
    house.serve()
    return house


def keep(house: House, jti: str, *, days: int, revoked: bool = False) -> Link:
    """A link that is good for so many days from now."""
    link = Link(
        jti=jti,
        tenant_id=CONTOSO,
        run_id=run_id(CONTOSO, REPORT, NOON),
        report=REPORT,
        period_end=NOON,
        expires=NOON + timedelta(days=days),
        created=NOON - timedelta(days=1),
        created_by="service",
        revoked=NOON if revoked else None,
    )
    house.links.kept[CONTOSO, jti] = link
    return link


def test_the_newest_delivered_report_gets_a_link(house: House) -> None:
    house.run(RunState.BLOCKED)
    house.run(RunState.DELIVERED, weeks=1, artifacts=(PAGE,))

    issued = house.ops("links", "issue", CONTOSO, REPORT, "--days", "3", "--json").json

    assert issued["expires"] == "2026-11-25T12:00:00Z"
    assert issued["files"][0]["url"] == f"{issued['url']}/report.de.html"
    assert house.audit.kept[0].subject == issued["jti"]


def test_an_address_stands_in_one_piece_in_a_narrow_terminal(house: House) -> None:
    house.run(RunState.DELIVERED)

    issued = house.ops("links", "issue", CONTOSO, REPORT, width=40, is_terminal=True)

    [link] = house.links.kept.values()
    addresses = [word for word in issued.output.split() if word.startswith("https://")]
    assert len(addresses) == 1
    assert house.ops("links", "list", CONTOSO, "--json").json[0]["jti"] == link.jti
    assert len(addresses[0]) > 80


def test_only_links_that_still_open_are_listed_and_never_an_address(house: House) -> None:
    keep(house, "open", days=1)
    keep(house, "expired", days=-1)
    keep(house, "revoked", days=1, revoked=True)

    listed = house.ops("links", "list", CONTOSO, "--json")

    assert [row["jti"] for row in listed.json] == ["open"]
    assert "/r/" not in listed.output
    everything = house.ops("links", "list", CONTOSO, "--all", "--json").json
    states = {row["jti"]: row["state"] for row in everything}
    assert states == {"open": "valid", "expired": "expired", "revoked": "revoked"}
    house.links.kept.clear()
    assert house.ops("links", "list", CONTOSO).output == "no links\n"


def test_a_link_that_ends_sooner_because_the_tenant_wants_it_is_listed_so(house: House) -> None:
    house.serve(links=LinkOptions(lifetime_days=3))
    keep(house, "short", days=10)

    [listed] = house.ops("links", "list", CONTOSO, "--json").json
    assert listed["expires"] == "2026-11-24T12:00:00Z"

    house.serve(links=LinkOptions(lifetime_days=1))
    assert house.ops("links", "list", CONTOSO, "--json").json == []


def test_a_link_is_taken_back(house: House) -> None:
    keep(house, "jti-1", days=1)

    revoked = house.ops("links", "revoke", "jti-1", "--json")

    assert (revoked.code, revoked.json["revoked"]) == (0, "2026-11-22T12:00:00Z")
    assert house.links.kept[CONTOSO, "jti-1"].revoked == NOON
    assert [(e.act, e.subject) for e in house.audit.kept] == [(Act.LINK_REVOKED, "jti-1")]


@pytest.mark.parametrize("deed", ["revoke", "opens"])
@pytest.mark.parametrize("jti", ["unknown", "../%", "x" * 700])
def test_an_unknown_link_is_not_found(house: House, deed: str, jti: str) -> None:
    ended = house.ops("links", deed, jti)

    assert (ended.code, ended.output) == (1, "")
    assert ended.error.startswith("error: no such link")


def test_uses_of_a_link_are_listed(house: House) -> None:
    link = keep(house, "jti-1", days=1)
    house.links.opened.append(
        Opening(
            jti=link.jti,
            tenant_id=CONTOSO,
            run_id=link.run_id,
            at=NOON,
            method="GET",
            file="report.de.html",
            outcome=Outcome.OPENED,
        )
    )

    assert house.ops("links", "opens", "jti-1", "--json").json == [
        {
            "at": "2026-11-22T12:00:00Z",
            "method": "GET",
            "file": "report.de.html",
            "outcome": "opened",
        }
    ]


def test_no_link_is_issued_to_what_is_not_there(house: House) -> None:
    assert house.ops("links", "issue", CONTOSO, REPORT).code == 1
    assert "no such tenant" in house.ops("links", "issue", "nobody", REPORT).error
    house.run(RunState.DELIVERED)
    house.serve(state=TenantState.OFFBOARDING)
    assert "its links are dead" in house.ops("links", "issue", CONTOSO, REPORT).error
    assert house.links.kept == {}
