"""What customers do to us: each trouble ends in a state and a sentence of its own, and it ends."""

import asyncio
import logging
from typing import NamedTuple

import pytest

from dev.sandbox import Customer, FaultKind
from dev.sandbox.permissions import STANDARD_PERMISSIONS
from dev.sandbox.population import Changes
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import TenantId, TenantState
from tests.kill.ground import MONDAY, WEEK, Ground, due, leaked


class Trouble(NamedTuple):
    """`gaps` by dataset; the parts of `words` are in the sentence, German and English."""

    changes: Changes
    state: RunState
    words: tuple[str, str]
    reason: str = ""
    gaps: tuple[tuple[str, str], ...] = ()
    tenant: TenantState = TenantState.ACTIVE


_NO_ROLES = STANDARD_PERMISSIONS - {"RoleManagement.Read.Directory"}
_NO_USERS = STANDARD_PERMISSIONS - {"User.Read.All"}

TROUBLES = {
    "consent withdrawn": Trouble(
        {"login_fault": FaultKind.CONSENT_WITHDRAWN},
        RunState.BLOCKED,
        ("Bitte der Anwendung erneut zustimmen", "please grant consent again"),
        reason="ConsentMissing",
        tenant=TenantState.CONSENT_WITHDRAWN,
    ),
    "application missing": Trouble(
        {"login_fault": FaultKind.APPLICATION_MISSING},
        RunState.BLOCKED,
        ("Bitte der Anwendung erneut zustimmen", "please grant consent again"),
        reason="ConsentMissing",
        tenant=TenantState.CONSENT_WITHDRAWN,
    ),
    "application disabled": Trouble(
        {"login_fault": FaultKind.APPLICATION_DISABLED},
        RunState.BLOCKED,
        ("Anmeldung für die Anwendung wieder aktivieren", "enable sign-in for the application"),
        reason="ApplicationDisabled",
        tenant=TenantState.CONSENT_WITHDRAWN,
    ),
    "tenant gone": Trouble(
        {"login_fault": FaultKind.TENANT_GONE},
        RunState.BLOCKED,
        ("Customer Service Center", "Customer Service Center"),
        reason="TenantGone",
    ),
    "conditional access": Trouble(
        {"login_fault": FaultKind.LOGIN_CONDITIONAL_ACCESS},
        RunState.BLOCKED,
        ("Bitte die Anwendung von der Richtlinie ausnehmen", "please exclude the application"),
        reason="AccessBlocked",
    ),
    "no permission for users": Trouble(
        {"permissions": _NO_USERS},
        RunState.BLOCKED,
        (
            "User.Read.All … Kunde: Bitte der Anwendung erneut zustimmen",
            "User.Read.All … Customer: please grant consent again",
        ),
        reason="DatasetError",
    ),
    "no permission for roles": Trouble(
        {"permissions": _NO_ROLES},
        RunState.DELIVERED_WITH_GAPS,
        (
            "RoleManagement.Read.Directory … Kunde: Bitte der Anwendung erneut zustimmen",
            "RoleManagement.Read.Directory … Customer: please grant consent again",
        ),
        gaps=(("role-assignments", "permission"), ("role-definitions", "permission")),
    ),
    "no P1": Trouble(
        {"plan": "BusinessBasic"},
        RunState.DELIVERED,
        (
            "Microsoft Entra ID P1 … ohne diese Lizenz",
            "Microsoft Entra ID P1 … without that licence",
        ),
    ),
}
HEALTHY = ("healthy one", "healthy two")


async def _monday(ground: Ground, tenants: dict[str, TenantId], week: int) -> dict[str, Run]:
    """All of them at once, as the queue has them."""
    orders = {name: due(tenant_id, weeks=week) for name, tenant_id in tenants.items()}
    runs = await asyncio.gather(*(ground.services.produce(o) for o in orders.values()))
    return {name: run for name, run in zip(orders, runs, strict=True) if run}


async def _sentences(ground: Ground, run: Run) -> tuple[str, str]:
    if not run.state.is_delivered:
        return run.headline["de"], run.headline["en"]
    content = await ground.content(run)
    said = [*(gap["sentence"] for gap in content["gaps"]), *(text for _, text in content["notes"])]
    return " ".join(each["de"] for each in said), " ".join(each["en"] for each in said)


@pytest.fixture
async def tenants(ground: Ground) -> dict[str, TenantId]:
    return {n: await ground.settle_in(ground.customer(n)) for n in (*TROUBLES, *HEALTHY)}


async def test_each_trouble_of_a_tenant_ends_in_its_own_state_and_touches_no_other(
    ground: Ground, tenants: dict[str, TenantId], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name, trouble in TROUBLES.items():
        ground.sandbox.change(tenants[name], **trouble.changes)

    runs = await _monday(ground, tenants, 0)

    for name, trouble in TROUBLES.items():
        run = await ground.settled(due(tenants[name]), trouble.state)
        found = await _sentences(ground, run)
        for words, sentence in zip(trouble.words, found, strict=True):
            assert all(part in sentence for part in words.split(" … ")), (name, sentence)
        assert run.reason == trouble.reason, name
        assert [(g.dataset, g.reason.value) for g in run.gaps] == list(trouble.gaps), name
        assert await ground.state_of(tenants[name]) is trouble.tenant, name
        assert await ground.tidied(due(tenants[name])) == []
    contents = [await ground.content(runs[name]) for name in HEALTHY]
    assert contents[0] == contents[1]
    assert len(contents[0]["lines"]) == contents[0]["total"] > 20
    assert leaked(ground, caplog.text) == []


async def test_once_the_cause_is_gone_the_next_run_is_delivered_and_the_tenant_active(
    ground: Ground, tenants: dict[str, TenantId]
) -> None:
    before: dict[str, Customer] = dict(ground.sandbox.customers)
    for name, trouble in TROUBLES.items():
        ground.sandbox.change(tenants[name], **trouble.changes)
    await _monday(ground, tenants, 0)
    ground.sandbox.customers.update(before)
    ground.sandbox.at = MONDAY + 2 * WEEK

    runs = await _monday(ground, tenants, 1)

    whole = await ground.content(runs[HEALTHY[0]])
    for name in TROUBLES:
        run = await ground.settled(due(tenants[name], weeks=1), RunState.DELIVERED)
        assert run.gaps == ()
        assert (await ground.content(run))["total"] == whole["total"]
        assert await ground.state_of(tenants[name]) is TenantState.ACTIVE
