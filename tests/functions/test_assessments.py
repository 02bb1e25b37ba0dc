"""Assessments through the API: engineers write them, customers never see who or what is kept."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dev.host.worker import Answer
from dev.sandbox.areas.announcements import announcements
from shared_code.core.period import Period
from shared_code.core.run import RunRequest
from tests.functions.house import CONTOSO, PARTNER, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGINEER = "Reports.Engineer"
DRAFT = {"de": "Testen Sie es.", "en": "Test it.", "recommendation": "check"}


async def send(
    house: House, method: str, number: str, body: object = None, role: str = ENGINEER
) -> Answer:
    tenant_id = PARTNER if role == ENGINEER else CONTOSO
    sent = house.bearer(tid=tenant_id, roles=[role])
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await house.ask(method, f"/api/assessments/{number}", sent, content)


def said(answer: Answer) -> Any:
    return json.loads(answer.body)


async def test_what_an_engineer_writes_is_read_again_and_deleted(house: House) -> None:
    written = await send(house, "PUT", "mc900201", DRAFT)
    assert written.status == 200
    assert said(written) | {"written": ""} == {
        **DRAFT,
        "id": "MC900201",
        "author": "Pro-Active Services",
        "written": "",
    }

    assert said(await send(house, "GET", "MC900201")) == said(written)
    assert (await send(house, "DELETE", "MC900201")).status == 204
    assert (await send(house, "GET", "MC900201")).status == 404
    assert (await send(house, "DELETE", "MC900201")).status == 404


async def test_writing_again_replaces(house: House) -> None:
    await send(house, "PUT", "MC900202", DRAFT)
    await send(house, "PUT", "MC900202", DRAFT | {"recommendation": "nothing"})

    assert said(await send(house, "GET", "MC900202"))["recommendation"] == "nothing"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_nobody_but_engineers_gets_in(house: House, method: str) -> None:
    answer = await send(house, method, "MC900203", DRAFT, "Reports.Reader")
    assert answer.status == 403
    assert (await house.ask(method, "/api/assessments/MC900203")).status == 401
    assert (await send(house, "GET", "MC900203")).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 50_000,
        {},
        DRAFT | {"de": ""},
        DRAFT | {"en": "   "},
        DRAFT | {"de": "x" * 2001},
        DRAFT | {"recommendation": "panic"},
        DRAFT | {"author": "somebody"},
        {"de": "x", "en": "y"},
    ],
    ids=lambda body: str(body)[:40],
)
async def test_nonsense_is_refused_and_not_repeated(house: House, body: object) -> None:
    answer = await send(house, "PUT", "MC900204", body)
    assert answer.status == 400
    assert "panic" not in answer.body.decode()
    assert (await send(house, "GET", "MC900204")).status == 404


@pytest.mark.parametrize("number", ["900205", "MC", "MCx", "TM900205", "%27", "MC" + "9" * 400])
async def test_a_number_that_microsoft_does_not_give_is_none(house: House, number: str) -> None:
    assert (await send(house, "PUT", number, DRAFT)).status == 400
    assert (await send(house, "GET", number)).status == 404
    assert (await send(house, "DELETE", number)).status == 404


async def test_an_assessment_stands_in_the_next_report_of_a_tenant(house: House) -> None:
    listed = announcements(house.sandbox.population(CONTOSO))
    number = listed[0]["id"]
    await send(house, "PUT", number, DRAFT | {"de": "Gilt für alle Mandanten."})

    end = datetime(2026, 1, 5, 5, tzinfo=UTC)
    order = RunRequest.due(CONTOSO, "news", Period(end - timedelta(days=7), end))
    outcome = await house.run(order)
    run = await house.kept(order)

    assert outcome.ok
    assert run
    assert run.state.is_delivered
    token = await house.token(run)
    report = said(await house.ask("GET", f"/r/{token}/report.json"))
    assert len(report["lines"]) == len(listed)
    assert "Gilt für alle Mandanten." in str(report["columns"])
    await send(house, "DELETE", number)
