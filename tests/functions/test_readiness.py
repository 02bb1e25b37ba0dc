"""Readiness through the whole app: sandbox tenants lose what reports need, say so, and come back."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from azure.storage.queue.aio import QueueClient
from msgspec.structs import replace

from dev.host.worker import Answer
from dev.sandbox.faults import Fault, FaultKind
from dev.sandbox.permissions import STANDARD_PERMISSIONS
from shared_code import wiring
from shared_code.core.audit import Act
from shared_code.core.queue_message import encode_message
from shared_code.core.readiness import ProbeRequest, Readiness
from shared_code.core.tenant import TenantState
from shared_code.reports import registry
from tests.functions.house import CONTOSO, FABRIKAM, NORTHWIND, PARTNER, STRANGER, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGINEER = "Reports.Engineer"


def _path(tenant_id: str) -> str:
    return f"/api/tenants/{tenant_id}/readiness"


async def _probe(house: House, tenant_id: str = FABRIKAM) -> dict[str, Any]:
    answered = await house.signed_in("POST", _path(tenant_id), PARTNER, ENGINEER)
    assert answered.status == 200, answered.body
    return json.loads(answered.body)


async def _read(house: House, tenant_id: str = FABRIKAM) -> dict[str, Any]:
    answered = await house.signed_in("GET", _path(tenant_id), tenant_id)
    assert answered.status == 200, answered.body
    return json.loads(answered.body)


async def _page(house: House, tenant_id: str = FABRIKAM, **caller: str) -> str:
    asking = caller.get("tid", tenant_id), caller.get("role", "Reports.Reader")
    answered: Answer = await house.signed_in("GET", f"/portal/{tenant_id}", *asking)
    assert answered.status == 200
    return answered.body.decode()


def _lacks(body: dict[str, Any]) -> list[tuple[str, str]]:
    [report] = body["reports"]
    return [(each["cause"], each["detail"]) for each in report["problems"]]


async def _waiting(house: House) -> int:
    """Messages on the queue, also those that come later; taken away."""
    client = QueueClient.from_connection_string(house.settings["REPORTS_STORAGE"], "probes")
    async with client:
        count = (await client.get_queue_properties()).approximate_message_count
        await client.clear_messages()
    return count or 0


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _afterwards(house: House) -> AsyncIterator[None]:
    before = dict(house.sandbox.customers)
    yield
    house.sandbox.customers.update(before)
    house.sandbox.faults.clear()
    house.sandbox.relationships.ends.clear()
    house.sandbox.relationships.permissions = frozenset({"DelegatedAdminRelationship.Read.All"})
    await wiring.close()
    for tenant_id in house.sandbox.customers:
        await _probe(house, tenant_id)


async def test_before_the_first_probe_nothing_is_known(house: House) -> None:
    tenant = await house.services.tenants.get(CONTOSO)
    assert tenant
    body = await _probe(house, CONTOSO)
    assert [report["ready"] for report in body["reports"]] == [True]
    assert (body["tenant"], body["state"], body["unreachable"]) == (CONTOSO, "active", None)


async def test_a_permission_taken_away_is_named_with_who_acts(house: House) -> None:
    await _probe(house)
    few = STANDARD_PERMISSIONS - {"AuditLog.Read.All"}
    house.sandbox.change(FABRIKAM, permissions=few)
    await wiring.close()
    body = await _probe(house)
    assert _lacks(body) == [("permission", "AuditLog.Read.All")]
    [problem] = body["reports"][0]["problems"]
    assert problem["actor"] == "customer"
    assert problem["datasets"] == [
        {"de": "Letzte Anmeldung der Gäste", "en": "Last sign-in of guests"}
    ]
    assert "AuditLog.Read.All" in problem["sentence"]["de"]
    again = await _read(house)
    assert again["reports"][0]["problems"] == [problem]
    assert "AuditLog.Read.All" in await _page(house)
    newest = (await house.services.audit.entries(FABRIKAM))[0]
    assert (newest.act, newest.subject, newest.detail) == (
        Act.READINESS_CHANGED,
        "guest-users",
        "permission (AuditLog.Read.All)",
    )

    house.sandbox.change(FABRIKAM, permissions=STANDARD_PERMISSIONS)
    assert _lacks(await _probe(house)) == []


async def test_without_the_right_to_read_the_directory_that_is_what_is_named(house: House) -> None:
    house.sandbox.change(FABRIKAM, permissions=STANDARD_PERMISSIONS - {"Directory.Read.All"})
    await wiring.close()
    assert ("permission", "Directory.Read.All") in _lacks(await _probe(house))


async def test_a_licence_that_not_every_tenant_needs_is_nothing_that_lacks(house: House) -> None:
    await _probe(house)
    house.sandbox.change(FABRIKAM, plan="BusinessBasic")
    body = await _probe(house)
    assert _lacks(body) == []
    assert [report["ready"] for report in body["reports"]] == [True]


async def test_withdrawn_consent_is_noticed_and_so_is_its_return(house: House) -> None:
    await _probe(house)
    await house.change_login(FABRIKAM, FaultKind.CONSENT_WITHDRAWN)
    body = await _probe(house)
    assert (body["state"], body["unreachable"]["cause"]) == ("consent-withdrawn", "consent")
    assert [report["ready"] for report in body["reports"]] == [False]
    assert "Zustimmung zu unserer Anwendung fehlt" in await _page(house)

    await house.change_login(FABRIKAM, None)
    await house.app.queue("probes", encode_message(ProbeRequest(tenant_id=FABRIKAM)))
    assert (await _read(house))["state"] == "consent-withdrawn", "not due for an hour"
    body = await _probe(house)
    assert (body["state"], body["unreachable"]) == ("active", None)
    entries = await house.services.audit.entries(FABRIKAM, limit=2)
    assert [entry.detail for entry in entries] == ["reachable", "consent"]


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (FaultKind.LOGIN_CONDITIONAL_ACCESS, "blocked"),
        (FaultKind.APPLICATION_DISABLED, "disabled"),
        (FaultKind.TENANT_GONE, "gone"),
    ],
)
async def test_a_sign_in_that_is_refused_says_why(
    house: House, fault: FaultKind, cause: str
) -> None:
    await house.change_login(FABRIKAM, fault)
    assert (await _probe(house))["unreachable"]["cause"] == cause


async def test_conditional_access_for_one_service_is_a_problem_of_its_reports(
    house: House,
) -> None:
    fault = Fault(kind=FaultKind.CONDITIONAL_ACCESS, tenant=FABRIKAM, path="/roleManagement")
    house.sandbox.faults.add(fault)
    body = await _probe(house)
    assert [cause for cause, _ in _lacks(body)] == ["access"]
    assert body["unreachable"] is None


async def test_the_timer_plans_whoever_is_due(house: House) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    everything = tuple({d.name for report in registry().values() for d in report.needs})
    for tenant in await house.services.tenants.all():
        if tenant.id in house.sandbox.customers:
            await _probe(house, tenant.id)
        else:
            others = Readiness(tenant_id=tenant.id, due=tomorrow, known=everything)
            await house.services.readiness.readinesses.put(others)
    await _waiting(house)
    assert (await house.app.timer("probe_readiness")).ok
    assert await _waiting(house) == 0

    prober = house.services.readiness
    known = await prober.of(CONTOSO)
    assert known
    assert known.checked
    assert known.due > datetime.now(UTC) + timedelta(hours=20)
    await prober.readinesses.put(replace(known, due=datetime.now(UTC)))
    assert (await house.app.timer("probe_readiness")).ok
    assert await _waiting(house) == 1
    assert (await house.app.queue("probes", encode_message(ProbeRequest(tenant_id=CONTOSO)))).ok
    assert (await _read(house, CONTOSO))["checked"] > known.checked.isoformat()


async def test_a_message_for_nobody_and_one_that_nobody_can_read(house: House) -> None:
    assert (await house.app.queue("probes", encode_message(ProbeRequest(tenant_id=STRANGER)))).ok
    assert not (await house.app.queue("probes", "no probe")).ok
    assert (await house.app.queue("probes_poison", "no probe")).ok


async def test_our_own_fault_is_no_problem_of_the_tenant(house: House) -> None:
    await _probe(house)
    await house.change_login(FABRIKAM, FaultKind.SECRET_EXPIRED)
    answered = await house.signed_in("POST", _path(FABRIKAM), PARTNER, ENGINEER)
    assert answered.status == 503
    assert (await _read(house))["unreachable"] is None


async def test_customers_read_their_own_and_probe_nothing(house: House) -> None:
    for tenant_id, caller, role, method, status in (
        (FABRIKAM, FABRIKAM, "Reports.Reader", "GET", 200),
        (FABRIKAM, CONTOSO, "Reports.Reader", "GET", 403),
        (FABRIKAM, FABRIKAM, "Reports.Reader", "POST", 403),
        (FABRIKAM, CONTOSO, ENGINEER, "POST", 403),
        (STRANGER, PARTNER, ENGINEER, "GET", 404),
        (STRANGER, PARTNER, ENGINEER, "POST", 404),
        (NORTHWIND, PARTNER, ENGINEER, "POST", 200),
    ):
        answered = await house.signed_in(method, _path(tenant_id), caller, role)
        assert answered.status == status, (method, tenant_id, role)
    assert (await house.ask("GET", _path(FABRIKAM))).status == 401
    assert "delegated_access" not in await _read(house)


async def test_delegated_access_that_ends_is_told_to_customers_and_engineers(house: House) -> None:
    house.sandbox.at = datetime.now(UTC)
    house.sandbox.relationships.ends[FABRIKAM] = datetime.now(UTC) + timedelta(days=30)
    await house.services.gdap.check()
    body = await _probe(house)
    first, second = body["delegated_access"]["relationships"]
    assert (first["days_left"], first["status"], first["is_ending"]) == (30, "active", True)
    assert (second["status"], second["is_ending"]) == ("expired", False)
    page = await _page(house)
    assert "Unser delegierter Zugang (GDAP) zu Ihrem Mandanten endet am" in page
    assert first["name"] not in page
    assert first["name"] in await _page(house, tid=PARTNER, role=ENGINEER)
    newest = (await house.services.audit.entries(FABRIKAM))[0]
    assert newest.act is Act.DELEGATION_ENDING


async def test_without_permission_in_the_partners_tenant_engineers_are_told(house: House) -> None:
    house.sandbox.relationships.permissions = frozenset()
    assert (await house.app.timer("check_gdap")).ok
    await house.services.gdap.check()
    body = await _probe(house)
    assert body["delegated_access"]["problem"] == "permission"
    assert [report["ready"] for report in body["reports"]] == [True]
    assert "DelegatedAdminRelationship.Read.All" in await _page(house, tid=PARTNER, role=ENGINEER)
    assert "DelegatedAdminRelationship.Read.All" not in await _page(house)
    tenant = await house.services.tenants.get(FABRIKAM)
    assert tenant
    assert tenant.state is TenantState.ACTIVE
