"""What the host is told: functions, schedules, queues, routes, methods, and settings they name."""

import json

import pytest

from dev.host.schedules import Schedule
from shared_code.reports import registry
from tests.functions.house import ROOT, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUTES = {
    "open_link": ("r/{token}", ["GET", "HEAD"]),
    "open_file": ("r/{token}/{file}", ["GET", "HEAD"]),
    "list_reports": ("api/tenants/{id}/reports", ["GET"]),
    "issue_link": ("api/tenants/{id}/runs/{run}/links", ["POST"]),
    "list_links": ("api/tenants/{id}/links", ["GET"]),
    "revoke_link": ("api/links/{jti}", ["DELETE"]),
    "get_readiness": ("api/tenants/{id}/readiness", ["GET"]),
    "probe_now": ("api/tenants/{id}/readiness", ["POST"]),
    "list_tenants": ("api/tenants", ["GET"]),
    "change_tenant": ("api/tenants/{id}", ["PATCH"]),
    "suspend_tenant": ("api/tenants/{id}/suspend", ["POST"]),
    "resume_tenant": ("api/tenants/{id}/resume", ["POST"]),
    "list_audit": ("api/tenants/{id}/audit", ["GET"]),
    "offboard_tenant": ("api/tenants/{id}/offboard", ["POST"]),
    "get_proof": ("api/tenants/{id}/proof", ["GET"]),
    "proof_page": ("portal/{id}/proof", ["GET"]),
    "own_portal": ("portal", ["GET"]),
    "portal_page": ("portal/{id}", ["GET"]),
    "archive_page": ("portal/{id}/archive/{month}", ["GET"]),
    "audit_page": ("portal/{id}/audit", ["GET"]),
    "newest_report": ("portal/{id}/reports/{report}", ["GET"]),
    "archived_file": ("portal/{id}/reports/{report}/{end}/{file}", ["GET"]),
    "sign_in": ("signin", ["GET"]),
    "sign_in_callback": ("signin/callback", ["GET"]),
    "sign_out": ("signout", ["GET"]),
    "get_assessment": ("api/assessments/{id}", ["GET"]),
    "put_assessment": ("api/assessments/{id}", ["PUT"]),
    "delete_assessment": ("api/assessments/{id}", ["DELETE"]),
    "tenant_evidence": ("api/tenants/{id}/evidence", ["GET"]),
    "all_evidence": ("api/evidence", ["GET"]),
    "invite": ("api/invitations", ["POST"]),
    "consent_callback": ("onboarding/callback", ["GET"]),
    "onboarding_page": ("onboarding/{state}", ["GET"]),
    "health": ("api/health", ["GET", "HEAD"]),
}
QUEUES = {
    "runs": "runs",
    "runs_poison": "runs-poison",
    "deliveries": "deliveries",
    "deliveries_poison": "deliveries-poison",
    "probes": "probes",
    "probes_poison": "probes-poison",
    "upkeep": "upkeep",
    "upkeep_poison": "upkeep-poison",
}
UPKEEP = {
    "apply_retention",
    "check_gdap",
    "complete_onboarding",
    "end_services",
    "probe_readiness",
    "resume_offboardings",
    "watch_certificate",
    "watch_queues",
}


def timers() -> set[str]:
    return {"plan_digests"} | {f"plan_{name.replace('-', '_')}" for name in registry()}


async def test_the_app_has_exactly_these_functions(house: House) -> None:
    assert set(house.app.names) == {*timers(), *UPKEEP, *ROUTES, *QUEUES}


async def test_every_function_has_one_binding_that_is_not_its_answer(house: House) -> None:
    for name in house.app.names:
        assert [b["type"] for b in house.app.bindings(name) if b["type"] != "http"] == [
            house.app.trigger(name)["type"]
        ]


async def test_timers_are_monitored_and_none_runs_on_startup(
    house: House,
) -> None:
    for name in {*timers(), *UPKEEP}:
        trigger = house.app.trigger(name)
        assert trigger["type"] == "timerTrigger"
        assert not trigger.get("runOnStartup")
        assert Schedule(trigger["schedule"]).is_monitored()


@pytest.mark.parametrize("name", ROUTES)
async def test_routes_and_methods_are_these(house: House, name: str) -> None:
    trigger = house.app.trigger(name)

    assert trigger["type"] == "httpTrigger"
    assert (trigger["route"], trigger["methods"]) == ROUTES[name]
    assert trigger["authLevel"].lower() == "anonymous"


@pytest.mark.parametrize("name", QUEUES)
async def test_queues_are_read_from_the_data_account(house: House, name: str) -> None:
    trigger = house.app.trigger(name)

    assert trigger["type"] == "queueTrigger"
    assert trigger["queueName"] == QUEUES[name]
    assert trigger["connection"] == "REPORTS_STORAGE"


async def test_every_setting_that_a_binding_names_is_documented(house: House) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    for name in house.app.names:
        for binding in house.app.bindings(name):
            assert "%" not in json.dumps(binding)
            connection = binding.get("connection")
            assert connection is None or f"`{connection}`" in readme
