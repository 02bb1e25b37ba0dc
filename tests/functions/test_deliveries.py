"""Digests through the whole app: timer, queue, mailbox; and the evidence over HTTP."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from dev.host.worker import Answer
from shared_code import wiring
from shared_code.core.delivery import DeliveryRequest
from shared_code.core.period import Period
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunRequest
from shared_code.core.tenant import Contact
from shared_code.service.due import due_instants, zone_of
from tests.functions.house import CONTOSO, FABRIKAM, REPORT, STRANGER, Environment, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTACT = "it@contoso.example"


def evidence(answer: Answer) -> Any:
    return json.loads(answer.body)["evidence"]


async def test_a_digest_goes_from_the_queue_to_the_mailbox_once(house: House) -> None:
    environment = Environment({"MAIL_SENDER": "reports@partner.example"})
    await wiring.close()
    try:
        tenant = await house.services.tenants.get(CONTOSO)
        assert tenant
        await house.services.tenants.save(replace(tenant, contacts=(Contact(address=CONTACT),)))
        since = tenant.subscriptions[REPORT].since
        zone = zone_of(tenant.time_zone)
        *_, end = due_instants("0 6 * * MON", zone, after=since, until=datetime.now(UTC))
        outcome = await house.run(RunRequest.due(CONTOSO, REPORT, Period(since, end)))
        assert outcome.ok, outcome.error
        request = encode_message(DeliveryRequest.of(CONTOSO, datetime.now(UTC)))

        for _ in range(2):
            outcome = await house.app.queue("deliveries", request)
            assert outcome.ok, outcome.error

        mails = house.sandbox.mailbox.to(CONTACT)
        assert len(mails) == 1
        written = json.dumps(mails, ensure_ascii=False)
        assert f"/portal/{CONTOSO}/reports/{REPORT}" in written
        assert [word for word in house.people() if word in written] == []
        await house.services.tenants.save(tenant)
    finally:
        await wiring.close()
        environment.restore()


async def test_without_a_mailbox_nothing_is_planned(house: House) -> None:
    assert house.services.digests is None
    assert (await house.app.timer("plan_digests")).ok


async def test_a_message_that_is_none_fails_and_is_kept(house: House) -> None:
    assert not (await house.app.queue("deliveries", "{}")).ok
    assert (await house.app.queue("deliveries_poison", "{}")).ok


async def test_a_customer_sees_its_own_evidence_only(house: House) -> None:
    run = await house.delivered()
    path = f"/api/tenants/{CONTOSO}/evidence"

    own = await house.signed_in("GET", path, CONTOSO)
    [proof] = [p for p in evidence(own) if p["due"] == run.end.isoformat()]
    assert (proof["state"], proof["late"]) == (run.state, True)
    assert (await house.signed_in("GET", path, FABRIKAM)).status == 403
    assert (await house.ask("GET", path)).status == 401


async def test_engineers_see_what_is_late_anywhere(house: House) -> None:
    await house.delivered()
    await house.delivered(FABRIKAM)
    engineer = house.settings["PARTNER_TENANT_ID"]

    late = await house.signed_in("GET", "/api/evidence", engineer, "Reports.Engineer")
    assert {CONTOSO, FABRIKAM} <= {proof["tenant"] for proof in evidence(late)}
    nobody = f"/api/tenants/{STRANGER}/evidence"
    assert (await house.signed_in("GET", nobody, engineer, "Reports.Engineer")).status == 404
    assert (await house.signed_in("GET", "/api/evidence", CONTOSO)).status == 403
