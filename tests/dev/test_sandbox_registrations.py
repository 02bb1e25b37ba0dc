"""Sign-in methods in the sandbox: everybody once, believable, and different every week."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dev.sandbox import Sandbox, fabrikam
from tests.dev import MONDAY, Asking

PATH = "/reports/authenticationMethods/userRegistrationDetails"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox([fabrikam(members=1500, guests=30)], at=MONDAY) as running:
        yield running


@pytest.fixture
async def graph(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, fabrikam().tenant_id) as client:
        yield client


async def test_all_pages_together_show_every_enabled_user_once(
    sandbox: Sandbox, graph: Asking
) -> None:
    rows = await graph.rows(PATH, {})
    population = sandbox.population(fabrikam().tenant_id)
    assert [row["id"] for row in rows] == [
        user.id for _, user in population.users() if user.account_enabled
    ]
    assert len(rows) > 999


async def test_most_have_mfa_some_are_admins_and_guests_are_told_apart(graph: Asking) -> None:
    rows = await graph.rows(PATH, {})
    members = [row for row in rows if row["userType"] == "member"]
    capable = sum(row["isMfaCapable"] for row in members)
    assert 0.6 < capable / len(members) < 0.98
    assert 0 < sum(row["isAdmin"] for row in members) < 50
    assert not any(row["isMfaRegistered"] for row in rows if row["userType"] == "guest")


async def test_people_gain_and_lose_methods_from_week_to_week(
    sandbox: Sandbox, graph: Asking
) -> None:
    before = {row["id"]: set(row["methodsRegistered"]) for row in await graph.rows(PATH, {})}
    sandbox.at = MONDAY + timedelta(weeks=4)
    after = {row["id"]: set(row["methodsRegistered"]) for row in await graph.rows(PATH, {})}
    assert any(after.get(key, found) > found for key, found in before.items())
    assert any(after.get(key, found) < found for key, found in before.items())


async def test_what_graph_does_not_document_is_refused(graph: Asking) -> None:
    assert (await graph.get(PATH, {"$select": "id"})).status == 400
    assert (await graph.get(PATH, {"$top": "5"})).status == 400


async def test_without_p1_there_is_no_report() -> None:
    async with (
        Sandbox([fabrikam(plan="BusinessBasic")], at=MONDAY) as basic,
        Asking(basic, fabrikam().tenant_id) as graph,
    ):
        answer = await graph.get(PATH, {})
    assert answer.code == "Authentication_RequestFromNonPremiumTenantOrB2CTenant"


async def test_licensed_members_have_what_the_tenant_bought(graph: Asking) -> None:
    rows = await graph.rows("/users", {"$select": "accountEnabled,assignedLicenses", "$top": "999"})
    [bought] = [
        sku["skuId"]
        for sku in (await graph.get("/subscribedSkus", {})).body["value"]
        if sku["capabilityStatus"] == "Enabled"
    ]
    licences = [licence["skuId"] for row in rows for licence in row["assignedLicenses"]]
    assert set(licences) == {bought}
    assert 1300 < len(licences) < 1500
