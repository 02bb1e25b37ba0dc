"""Risks in the sandbox: believable from week to week, about members, refused where not licensed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dev.sandbox import Sandbox, contoso, fabrikam
from tests.dev import MONDAY, Asking

DETECTIONS = "/identityProtection/riskDetections"
USERS = "/identityProtection/riskyUsers"
APPS = "/identityProtection/riskyServicePrincipals"
APP_DETECTIONS = "/identityProtection/servicePrincipalRiskDetections"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox([contoso(), fabrikam()], at=MONDAY) as running:
        yield running


@pytest.fixture
async def graph(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, contoso().tenant_id) as client:
        yield client


async def test_detections_of_ninety_days_are_about_members(sandbox: Sandbox, graph: Asking) -> None:
    rows = await graph.rows(DETECTIONS, {"$top": "500"})
    assert len({row["id"] for row in rows}) == len(rows) > 500
    members = {m.id for _, m in sandbox.population(contoso().tenant_id).members()}
    assert {row["userId"] for row in rows} <= members
    assert {row["riskLevel"] for row in rows} == {"low", "medium", "high"}


async def test_states_move_and_news_come_from_week_to_week(sandbox: Sandbox, graph: Asking) -> None:
    before = {row["id"]: row["riskState"] for row in await graph.rows(DETECTIONS, {})}
    sandbox.at = MONDAY + timedelta(weeks=1)
    after = {row["id"]: row["riskState"] for row in await graph.rows(DETECTIONS, {})}
    assert after.keys() - before.keys()
    moved = {(state, after.get(key)) for key, state in before.items()}
    assert ("atRisk", "remediated") in moved
    assert ("remediated", "atRisk") not in moved


async def test_a_user_is_at_risk_while_a_detection_is(graph: Asking) -> None:
    detections = await graph.rows(DETECTIONS, {})
    users = {row["id"]: row["riskState"] for row in await graph.rows(USERS, {})}
    open_ones = {row["userId"] for row in detections if row["riskState"] == "atRisk"}
    assert open_ones
    assert {users[key] for key in open_ones} == {"atRisk"}


async def test_with_p1_details_are_withheld_and_users_refused(sandbox: Sandbox) -> None:
    async with Asking(sandbox, fabrikam().tenant_id) as graph:
        rows = await graph.rows(DETECTIONS, {"$select": "id,riskLevel,riskEventType"})
        refused = [(await graph.get(path, {})).status for path in (USERS, APPS, APP_DETECTIONS)]
    assert {(row["riskLevel"], row["riskEventType"]) for row in rows} == {("hidden", "generic")}
    assert refused == [403, 403, 403]


async def test_nothing_detected_can_still_be_selected_from() -> None:
    async with (
        Sandbox([contoso(members=0)], at=MONDAY) as empty,
        Asking(empty, contoso().tenant_id) as graph,
    ):
        assert await graph.rows(USERS, {"$select": "id,riskState"}) == []
