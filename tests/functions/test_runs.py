"""Timers plan, queue messages run, what fails too often is parked; nothing leaks on the way."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from azure.core.exceptions import AzureError, HttpResponseError, ServiceResponseTimeoutError
from msgspec.structs import replace as changed

from dev.sandbox import Fault, FaultKind
from shared_code import wiring
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunRequest, RunState
from shared_code.core.tenant import Subscription, Tenant, TenantId, TenantState
from shared_code.rendering import RENDERINGS
from shared_code.service.files import MEMORY
from tests.fakes import FakeArchive
from tests.functions.house import CONTOSO, FABRIKAM, NORTHWIND, REPORT, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOW = datetime(2026, 1, 5, 5, tzinfo=UTC)
TIMER = "plan_guest_users"


async def test_a_timer_sends_a_message_for_every_tenant(house: House) -> None:
    since = datetime.now(UTC) - timedelta(days=10)
    tenants = [
        Tenant(
            id=TenantId(str(uuid4())),
            customer="Tailspin",
            domain="tailspin.example",
            state=TenantState.ACTIVE,
            subscriptions={REPORT: Subscription(since=since)},
        )
        for _ in range(3)
    ]
    for tenant in tenants:
        await house.services.tenants.save(tenant)
    assert (await house.app.timer(TIMER, past_due=True, last=NOW)).ok

    sent = await house.messages()

    assert {r.tenant_id for r in sent} >= {tenant.id for tenant in tenants}
    assert all(r.end <= datetime.now(UTC) for r in sent)
    assert (await house.app.timer(TIMER)).ok
    assert await house.messages() == []
    for tenant in tenants:
        await house.services.tenants.set_state(tenant.id, TenantState.SUSPENDED)


async def test_a_message_becomes_a_delivered_run_with_every_rendering(house: House) -> None:
    run = await house.delivered(weeks_ago=10)

    names = {artifact.name for artifact in run.artifacts}
    endings = {name.rpartition(".")[2] for name in names - {MEMORY}}
    assert endings == {rendering.ending for rendering in RENDERINGS}
    assert all(run.headline[language] for language in ("de", "en"))


async def test_a_duplicate_message_succeeds_and_changes_nothing(house: House) -> None:
    run = await house.delivered(weeks_ago=11)

    assert (await house.run(house.due(weeks_ago=11))).ok

    assert await house.kept(house.due(weeks_ago=11)) == run
    assert await house.messages() == []


async def test_a_run_that_microsoft_does_not_answer_comes_back_later(house: House) -> None:
    house.sandbox.faults.add(
        Fault(kind=FaultKind.THROTTLED_SECONDS, tenant=FABRIKAM, path="/users", seconds=300)
    )
    try:
        outcome = await house.run(house.due(FABRIKAM, weeks_ago=12))
    finally:
        house.sandbox.faults.clear()

    assert outcome.ok
    kept = await house.kept(house.due(FABRIKAM, weeks_ago=12))
    assert kept
    assert kept.state is RunState.PLANNED
    assert await house.messages() == []  # not before its time


class Refusing(FakeArchive):
    """Answers every file with the same error."""

    def __init__(self, error: AzureError) -> None:
        super().__init__()
        self.error = error

    async def put(self, path: str, file: Path, *, media_type: str) -> None:
        raise self.error


def answered(status: int) -> AzureError:
    error = HttpResponseError("refused")
    error.status_code = status
    return error


@pytest_asyncio.fixture(loop_scope="session")
async def services_back(house: House) -> AsyncIterator[None]:
    before = house.services
    yield
    wiring._current[:] = [before]


def refuse_files(house: House, error: AzureError) -> None:
    services = house.services
    producer = replace(services.producer, archive=Refusing(error))
    wiring._current[:] = [replace(services, producer=producer)]


@pytest.mark.usefixtures("services_back")
@pytest.mark.parametrize(
    "error", [answered(500), answered(503), answered(429), ServiceResponseTimeoutError("no answer")]
)
async def test_a_run_whose_storage_does_not_answer_comes_back_later_and_is_not_poison(
    house: House, error: AzureError
) -> None:
    order = house.due(weeks_ago=16)
    refuse_files(house, error)

    assert (await house.run(order)).ok

    kept = await house.kept(order)
    assert kept
    assert kept.state is RunState.PLANNED
    assert await house.messages() == []  # not before its time


@pytest.mark.usefixtures("services_back")
async def test_storage_that_never_answers_or_refuses_for_good_is_a_failure(house: House) -> None:
    order = house.due(weeks_ago=17)
    refuse_files(house, answered(503))
    assert not (await house.run(changed(order, attempt=13))).ok
    refuse_files(house, answered(403))
    assert not (await house.run(order)).ok


async def test_a_tenant_without_consent_is_blocked_and_comes_back_by_itself(house: House) -> None:
    await house.change_login(NORTHWIND, FaultKind.CONSENT_WITHDRAWN)
    assert (await house.run(house.due(NORTHWIND, weeks_ago=13))).ok
    await house.change_login(NORTHWIND, None)

    blocked = await house.kept(house.due(NORTHWIND, weeks_ago=13))
    assert blocked
    assert blocked.state is RunState.BLOCKED
    tenant = await house.services.tenants.get(NORTHWIND)
    assert tenant
    assert tenant.state is TenantState.CONSENT_WITHDRAWN
    await house.delivered(NORTHWIND, weeks_ago=12)
    tenant = await house.services.tenants.get(NORTHWIND)
    assert tenant
    assert tenant.state is TenantState.ACTIVE


MALFORMED = [
    "",
    "null",
    "{}",
    '{"run_id": "ada.lovelace@contoso.example"}',
    "ada.lovelace@contoso.example",
    "[" * 5000,
    '{"ada.lovelace@contoso.example":' * 5000,
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_malformed_message_fails_without_telling_its_content(
    house: House, body: str
) -> None:
    outcome = await house.app.queue("runs", body)

    assert not outcome.ok
    assert "ada" not in f"{outcome.error}{outcome.trace}"


async def test_a_message_that_names_another_tenant_than_its_run_fails(house: House) -> None:
    forged = json.loads(encode_message(house.due(weeks_ago=14))) | {"tenant_id": FABRIKAM}

    assert not (await house.app.queue("runs", json.dumps(forged))).ok


async def test_a_report_type_of_another_version_fails_and_is_parked(house: House) -> None:
    unknown = RunRequest.due(CONTOSO, "of-tomorrow", house.due().period)

    assert not (await house.run(unknown)).ok
    assert (await house.app.queue("runs_poison", encode_message(unknown))).ok

    kept = await house.kept(unknown)
    assert kept
    assert kept.state is RunState.FAILED


async def test_a_message_that_failed_too_often_fails_its_run(house: House) -> None:
    order = house.due(weeks_ago=15)

    assert (await house.app.queue("runs_poison", encode_message(order), dequeue_count=1)).ok

    kept = await house.kept(order)
    assert kept
    assert (kept.state, kept.reason) == (RunState.FAILED, "Poison")
    assert (await house.run(order)).ok
    assert await house.kept(order) == kept


async def test_a_poison_message_that_nobody_can_read_is_kept(house: House) -> None:
    for number, body in enumerate(MALFORMED):
        outcome = await house.app.queue("runs_poison", body, message_id=f"unreadable/{number}")
        assert outcome.ok, outcome.error
