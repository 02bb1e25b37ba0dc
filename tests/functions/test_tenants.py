"""The engineers' API of tenants: list, change, suspend, resume, audit, offboard, proof."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from dev.host.worker import Answer
from shared_code.core.audit import SERVICE, Act
from shared_code.core.queue_message import encode_message
from shared_code.core.tenant import Contact, Subscription, Tenant, TenantId, TenantState
from shared_code.core.upkeep import Chore, UpkeepRequest
from tests.functions.house import CONTOSO, FABRIKAM, PARTNER, REPORT, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGINEER = "Reports.Engineer"
ADDRESS = "anna.huber@northwind.example"


async def ask(
    house: House,
    method: str,
    path: str,
    body: object = None,
    *,
    role: str = ENGINEER,
    tenant_id: str = PARTNER,
) -> Answer:
    sent = house.bearer(tid=tenant_id, roles=[role])
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await house.ask(method, path, sent, content)


def said(answer: Answer) -> Any:
    return json.loads(answer.body)


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(house: House) -> Tenant:
    """New each time, and not one that could be read."""
    new = Tenant(
        id=TenantId(str(uuid4())),
        customer="Northwind Traders",
        domain="northwind.example",
        state=TenantState.ACTIVE,
        subscriptions={REPORT: Subscription(since=datetime.now(UTC))},
        contacts=(Contact(address=ADDRESS),),
    )
    await house.services.tenants.save(new)
    house.secrets.add(ADDRESS)
    return new


async def test_all_tenants_are_listed_with_state_and_subscriptions(
    house: House, tenant: Tenant
) -> None:
    answer = await ask(house, "GET", "/api/tenants")

    assert answer.status == 200
    found = {each["id"]: each for each in said(answer)["tenants"]}
    assert {CONTOSO, FABRIKAM, tenant.id} <= set(found)
    mine = found[tenant.id]
    assert (mine["state"], mine["is_served"], list(mine["subscriptions"])) == (
        "active",
        True,
        [REPORT],
    )


async def test_what_is_changed_is_seen_and_written_down(house: House, tenant: Tenant) -> None:
    answer = await ask(
        house,
        "PATCH",
        f"/api/tenants/{tenant.id.upper()}",
        {"language": "en", "contacts": [{"address": "ben@northwind.example"}]},
    )

    assert answer.status == 200
    assert (said(answer)["language"], said(answer)["customer"]) == ("en", "Northwind Traders")
    [entry] = said(await ask(house, "GET", f"/api/tenants/{tenant.id}/audit"))["entries"]
    assert (entry["act"], entry["detail"]) == ("changed", "contacts, language")
    assert "@" not in json.dumps(entry)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"language": "fr-secret"}, "language"),
        ({"contacts": [{"address": "no-secret"}]}, "contacts[0].address"),
        ({"contacts": [{"adress": "x"}]}, "contacts[0].adress"),
        ({"contacts": [{}]}, "contacts[0].address"),
        ({"subscriptions": {"secret": {}}}, "subscriptions"),
        ({"subscriptions": {REPORT: {"cadence": "secret"}}}, f"subscriptions.{REPORT}.cadence"),
        ({"subscriptions": {REPORT: {"since": 7}}}, "subscriptions.since"),
        ({"privacy": {REPORT: {"mode": "secret"}}}, "privacy.mode"),
        ({"options": {REPORT: {"secret": 1}}}, f"options.{REPORT}.secret"),
        ({"time_zone": "Europe/Secret"}, "time_zone"),
        ({"service_end": "secret"}, "service_end"),
        ({"retention": {"runs": 0}}, "retention.runs"),
        ({"state": "active"}, "state"),
        (b"secret", "body"),
        (b"[" * 10_000, "body"),
        ([], "body"),
    ],
    ids=lambda part: str(part)[:40],
)
async def test_what_cannot_be_is_refused_naming_the_field_and_not_the_value(
    house: House, tenant: Tenant, body: object, field: str
) -> None:
    answer = await ask(house, "PATCH", f"/api/tenants/{tenant.id}", body)

    assert answer.status == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert said(answer)["field"] == field
    assert "secret" not in said(answer)["detail"].lower()
    assert await house.services.tenants.get(tenant.id) == tenant


async def test_suspended_and_resumed_and_not_twice(house: House, tenant: Tenant) -> None:
    place = f"/api/tenants/{tenant.id}"

    assert said(await ask(house, "POST", f"{place}/suspend"))["state"] == "suspended"
    again = await ask(house, "POST", f"{place}/suspend")
    assert (again.status, said(again)["detail"]) == (
        409,
        "a tenant that is suspended cannot be suspended",
    )
    assert said(await ask(house, "POST", f"{place}/resume"))["state"] == "active"
    assert (await ask(house, "POST", f"{place}/resume")).status == 409
    entries = said(await ask(house, "GET", f"{place}/audit"))["entries"]
    assert [entry["act"] for entry in entries] == ["resumed", "suspended"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/tenants/{id}"),
        ("POST", "/api/tenants/{id}/suspend"),
        ("POST", "/api/tenants/{id}/resume"),
        ("POST", "/api/tenants/{id}/offboard"),
        ("GET", "/api/tenants"),
    ],
)
async def test_customers_change_nothing_not_even_of_their_own(
    house: House, tenant: Tenant, method: str, path: str
) -> None:
    place, body = path.format(id=tenant.id), {"confirm": tenant.id}

    own = await ask(house, method, place, body, role="Reports.Reader", tenant_id=tenant.id)
    assert own.status == 403
    assert (await house.ask(method, place)).status == 401
    assert await house.services.tenants.get(tenant.id) == tenant


async def test_customers_see_their_own_audit_and_nobody_elses(house: House, tenant: Tenant) -> None:
    await ask(house, "POST", f"/api/tenants/{tenant.id}/suspend")
    reader = {"role": "Reports.Reader", "tenant_id": tenant.id}

    own = await ask(house, "GET", f"/api/tenants/{tenant.id}/audit", **reader)
    assert [entry["act"] for entry in said(own)["entries"]] == ["suspended"]
    assert (await ask(house, "GET", f"/api/tenants/{CONTOSO}/audit", **reader)).status == 403
    assert (await ask(house, "GET", f"/api/tenants/{CONTOSO}/proof", **reader)).status == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", ""),
        ("POST", "/suspend"),
        ("POST", "/resume"),
        ("POST", "/offboard"),
        ("GET", "/audit"),
        ("GET", "/proof"),
    ],
)
async def test_who_is_unknown_is_not_found(house: House, method: str, path: str) -> None:
    unknown = str(uuid4())
    answer = await ask(house, method, f"/api/tenants/{unknown}{path}", {"confirm": unknown})
    body_wanted = {"confirm": unknown} if path == "/offboard" else {}
    if method == "PATCH":
        answer = await ask(house, method, f"/api/tenants/{unknown}", body_wanted)
    assert answer.status == 404


@pytest.mark.parametrize("body", [{}, {"confirm": CONTOSO}, {"confirm": ""}, {"confirm": None}])
async def test_nothing_is_deleted_by_a_slip(house: House, tenant: Tenant, body: object) -> None:
    answer = await ask(house, "POST", f"/api/tenants/{tenant.id}/offboard", body)

    assert (answer.status, said(answer)["field"]) == (400, "confirm")
    assert await house.services.tenants.get(tenant.id) == tenant


async def test_from_the_request_to_the_proof(house: House, tenant: Tenant) -> None:
    place, order = f"/api/tenants/{tenant.id}", house.due(tenant.id)
    begun = await ask(house, "POST", f"{place}/offboard", {"confirm": tenant.id})
    assert (begun.status, said(begun)["phase"]) == (202, "first")

    message = encode_message(UpkeepRequest(chore=Chore.OFFBOARD, tenant_id=tenant.id))
    assert (await house.app.queue("upkeep", message)).ok
    waiting = said(await ask(house, "GET", f"{place}/proof"))
    assert (waiting["phase"], waiting["deleted"]["table audit"]["count"]) == ("waiting", 1)
    assert (await ask(house, "GET", f"/portal/{tenant.id}")).status == 404
    assert (await ask(house, "GET", f"{place}/audit")).status == 404
    assert (await ask(house, "PATCH", place, {"language": "en"})).status == 409

    past = datetime.now(UTC) - timedelta(seconds=1)
    await house.services.proofs.change(tenant.id, lambda proof: proof.__replace__(resumes=past))
    assert (await house.app.queue("upkeep", message)).ok
    done = await ask(house, "POST", f"{place}/offboard", {"confirm": tenant.id})
    assert (done.status, said(done)["phase"]) == (200, "closed")
    assert await house.services.tenants.get(tenant.id) is None
    page = await ask(house, "GET", f"/portal/{tenant.id}/proof?lang=en")
    assert page.status == 200
    assert "Proof of deletion" in page.body.decode()
    assert ADDRESS not in page.body.decode() + json.dumps(said(done))

    for queue in ("runs", "runs_poison"):
        assert (await house.app.queue(queue, encode_message(order))).ok
    assert await house.services.ledger.runs(tenant.id) == []


async def test_messages_of_upkeep_that_fail_too_often_are_let_go(house: House) -> None:
    assert (await house.app.queue("upkeep_poison", "{}")).ok
    assert not (await house.app.queue("upkeep", "{}")).ok


async def test_timers_end_services_and_send_what_is_to_be_kept_in_order(
    house: House, tenant: Tenant
) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=3)
    await house.services.tenants.save(tenant.__replace__(service_end=yesterday))
    for name in ("end_services", "apply_retention", "resume_offboardings"):
        assert (await house.app.timer(name)).ok

    found = await house.services.tenants.get(tenant.id)
    assert found
    assert found.state is TenantState.SUSPENDED
    [entry] = await house.services.audit.entries(tenant.id)
    assert (entry.act, entry.actor) == (Act.SUSPENDED, SERVICE)
    message = encode_message(UpkeepRequest(chore=Chore.RETENTION, tenant_id=tenant.id))
    assert (await house.app.queue("upkeep", message)).ok
