"""Delegated access on the command line: what ends when, and why nothing could be read."""

import asyncio
from datetime import timedelta

from shared_code.core.errors import UpstreamDown
from shared_code.core.gdap import Delegation, Relationship
from shared_code.core.readiness import Cause
from shared_code.core.tenant import TenantId
from tests.fakes import NOON
from tests.ops.stage import CONTOSO, VALUES, House

READER = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
PARTNER = TenantId(VALUES["PARTNER_TENANT_ID"])


def relationship(name: str, *, days: int) -> Relationship:
    return Relationship(
        id=name,
        tenant_id=CONTOSO,
        name=name,
        status="active",
        ends=NOON + timedelta(days=days),
        roles=(READER,),
    )


def test_what_ends_sooner_comes_first() -> None:
    house = House()
    house.serve()
    found = (relationship("late", days=400), relationship("soon\x1b[2J", days=20))
    known = Delegation(tenant_id=CONTOSO, checked=NOON, relationships=found)
    asyncio.run(house.delegations.put(known))
    asyncio.run(house.delegations.put(Delegation(tenant_id=PARTNER, checked=NOON)))

    listed = house.ops("gdap", "--json").json

    assert [(row["days_left"], row["stage"]) for row in listed] == [(20, "30-days"), (400, None)]
    assert [row["roles"] for row in listed] == [[READER], [READER]]
    assert "\x1b" not in house.ops("gdap").output


def test_what_was_never_asked_is_not_taken_for_empty() -> None:
    ended = House().ops("gdap")

    assert (ended.code, ended.output) == (1, "")
    assert "never asked" in ended.error


def test_a_partner_tenant_that_does_not_tell_is_named_and_not_taken_for_empty() -> None:
    house = House()
    refused = Delegation(
        tenant_id=PARTNER, checked=NOON, problem=Cause.PERMISSION, detail="Delegated.Read.All"
    )
    asyncio.run(house.delegations.put(refused))

    ended = house.ops("gdap")

    assert (ended.code, ended.output) == (1, "")
    assert "permission (Delegated.Read.All)" in ended.error


def test_a_check_that_nobody_answers_does_not_pass_for_one() -> None:
    house = House()
    asyncio.run(house.delegations.put(Delegation(tenant_id=PARTNER, checked=NOON)))
    house.partnership.failure = UpstreamDown("partner")

    ended = house.ops("gdap", "--check")

    assert (ended.code, ended.output) == (4, "")
    assert ended.error.startswith("error: UpstreamDown: ")
