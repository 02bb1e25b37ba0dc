"""Each group of commands once against storage and sandbox tenants, as an engineer runs it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from dev.azurite import Azurite
from dev.sandbox import Sandbox, fabrikam
from dev.sandbox.faults import FaultKind
from dev.stage import stage_settings
from shared_code.settings import read_settings
from shared_code.wiring.app import Services
from shared_code.wiring.build import build
from tests.ops.stage import Ended, ops

REPORT = "guest-users"
WORDS = ("--de", "Prüfen Sie Ihre Regeln.", "--en", "Check your rules.")


class Engineer:
    """At a command line with the settings of a stage of one customer."""

    def __init__(self, folder: Path, azurite: Azurite) -> None:
        permissions = frozenset({"User.Read.All", "Directory.Read.All"})
        self.customer = replace(fabrikam(permissions=permissions), tenant_id=str(uuid4()))
        self._azurite = azurite
        self._file = folder / "local.settings.json"
        self.values: dict[str, str] = {}

    async def serve(self, sandbox: Sandbox) -> None:
        self.values = stage_settings(sandbox, self._azurite, 7071)
        text = json.dumps({"Values": self.values})
        await asyncio.to_thread(self._file.write_text, text, "utf-8")

    async def ops(self, *words: str) -> Ended:
        return await asyncio.to_thread(ops, *words, "--settings", str(self._file))

    def services(self) -> Services:
        return build(read_settings(self.values))


@pytest.fixture
async def engineer(azurite: Azurite, tmp_path: Path) -> AsyncIterator[Engineer]:
    engineer = Engineer(tmp_path, azurite)
    async with Sandbox([engineer.customer]) as sandbox:
        await engineer.serve(sandbox)
        yield engineer


async def test_a_tenant_is_taken_into_service_shown_and_let_go(engineer: Engineer) -> None:
    tenant = engineer.customer.tenant_id
    words = ("--report", REPORT, "--language", "en", "--customer", "Fabrikam")

    onboarded = await engineer.ops("tenants", "onboard", tenant.upper(), *words, "--json")

    assert (onboarded.code, onboarded.error) == (0, "")
    assert onboarded.json["state"] == "active"
    assert onboarded.json["missing_permissions"] == [
        "AuditLog.Read.All",
        "RoleManagement.Read.Directory",
    ]
    shown = (await engineer.ops("tenants", "show", tenant, "--json")).json
    assert (shown["language"], shown["reports"]) == ("en", [REPORT])
    listed = (await engineer.ops("tenants", "list", "--json")).json
    assert tenant in [row["id"] for row in listed]

    gone = await engineer.ops("tenants", "offboard", tenant, "--confirm", tenant, "--json")
    assert (gone.code, gone.json["begun_by"]) == (0, "engineer")
    audit = (await engineer.ops("tenants", "audit", tenant, "--json")).json
    assert [entry["act"] for entry in audit] == ["offboarding-begun", "activated"]


async def test_what_is_misspelt_is_refused_and_nothing_is_written(engineer: Engineer) -> None:
    tenant = engineer.customer.tenant_id

    for words in (("--time-zone", "Europe/Wien"), ("--report", "guests")):
        assert (await engineer.ops("tenants", "onboard", tenant, *words)).code == 1
    wrong = await engineer.ops("tenants", "onboard", tenant, "--options", "{")
    assert wrong.code == 2
    assert (await engineer.ops("tenants", "show", tenant)).code == 1


async def test_without_consent_nothing_is_written_and_the_reason_is_named(
    azurite: Azurite, tmp_path: Path
) -> None:
    engineer = Engineer(tmp_path, azurite)
    withdrawn = replace(engineer.customer, login_fault=FaultKind.CONSENT_WITHDRAWN)
    async with Sandbox([withdrawn]) as sandbox:
        await engineer.serve(sandbox)

        ended = await engineer.ops("tenants", "onboard", withdrawn.tenant_id)

        assert ended.code == 1
        assert ended.error.startswith("error: ConsentMissing: ")
        assert (await engineer.ops("tenants", "show", withdrawn.tenant_id)).code == 1


async def test_a_run_is_ordered_produced_linked_opened_and_proven(engineer: Engineer) -> None:
    tenant = engineer.customer.tenant_id
    since = (datetime.now(UTC) - timedelta(days=35)).isoformat()
    words = ("tenants", "onboard", tenant, "--report", "storage", "--since", since)
    assert (await engineer.ops(*words)).code == 0

    ordered = (await engineer.ops("runs", "now", tenant, "storage", "--json")).json

    assert ordered["state"] == "planned"
    depths = (await engineer.ops("queues", "--json")).json
    assert next(row for row in depths if row["queue"] == "runs")["messages"] > 0
    await _produce(engineer, ordered["end"])
    words = ("runs", "list", "--tenant", tenant, "--json")
    assert [run["state"] for run in (await engineer.ops(*words)).json] == ["blocked"]

    again = await engineer.ops("runs", "again", tenant, "storage", ordered["end"], "--json")
    assert (again.code, again.json["state"]) == (0, "planned")
    assert (await engineer.ops("runs", "redeliver", tenant, "storage", ordered["end"])).code == 1
    assert (await engineer.ops("links", "issue", tenant, "storage")).code == 1
    late = (await engineer.ops("sla", "--tenant", tenant, "--json")).json
    assert [row["report"] for row in late] == ["storage"]


async def _produce(engineer: Engineer, end: str) -> None:
    """As the function does, with the message that the command sent."""
    from azure.storage.queue import TextBase64DecodePolicy  # noqa: PLC0415
    from azure.storage.queue.aio import QueueClient  # noqa: PLC0415

    from shared_code.core.run import decode_request  # noqa: PLC0415

    connection = engineer.values["REPORTS_STORAGE"]
    services = engineer.services()
    queue = QueueClient.from_connection_string(
        connection, "runs", message_decode_policy=TextBase64DecodePolicy()
    )
    async with queue:
        async for message in queue.receive_messages():
            request = decode_request(message.content)
            if request.tenant_id == engineer.customer.tenant_id:
                await services.produce(request)
            await queue.delete_message(message)
    await services.close()


async def test_an_assessment_is_written_listed_shown_and_deleted(engineer: Engineer) -> None:
    written = await engineer.ops(
        "assess", "write", "mc900301", *WORDS, "--recommendation", "act", "--json"
    )
    assert (written.code, written.error) == (0, "")
    assert (written.json["announcement"], written.json["recommendation"]) == ("MC900301", "act")

    assert "Prüfen Sie Ihre Regeln." in (await engineer.ops("assess", "list")).output
    assert (await engineer.ops("assess", "show", "MC900301", "--json")).json["en"] == WORDS[-1]
    assert (await engineer.ops("assess", "delete", "MC900301")).code == 0
    assert (await engineer.ops("assess", "delete", "MC900301")).code == 1
    wrong = await engineer.ops("assess", "write", "900302", *WORDS)
    assert wrong.code == 1
    assert "MC123456" in wrong.error


async def test_what_nobody_can_read_is_found_and_dropped(engineer: Engineer) -> None:
    services = engineer.services()
    await services.prepare()
    await services.dead_letters.keep("letter-ops", b"\x1b[31m")
    await services.close()

    listed = (await engineer.ops("poison", "list", "--json")).json
    assert "letter-ops" in [row["id"] for row in listed]
    assert r"\x1b[31m" in (await engineer.ops("poison", "show", "letter-ops")).output
    assert (await engineer.ops("poison", "retry", "letter-ops")).code == 1
    assert (await engineer.ops("poison", "drop", "letter-ops")).code == 0
    assert (await engineer.ops("poison", "show", "letter-ops")).code == 1


async def test_readiness_is_probed_and_says_who_must_act(engineer: Engineer) -> None:
    tenant = engineer.customer.tenant_id
    await engineer.ops("tenants", "onboard", tenant, "--report", REPORT)
    assert (await engineer.ops("readiness", tenant, "--json")).json["checked"] is None

    probed = await engineer.ops("readiness", tenant, "--probe", "--json")

    [report] = probed.json["reports"]
    assert report["ready"] is False
    assert {lack["acts"] for lack in report["problems"]} == {"customer"}
    assert "AuditLog.Read.All" in (await engineer.ops("readiness", tenant)).output
    assert (await engineer.ops("readiness", str(uuid4()))).code == 1


async def test_an_invitation_is_an_address_for_the_customers_admin(
    engineer: Engineer, tmp_path: Path
) -> None:
    tenant = engineer.customer.tenant_id
    offer = tmp_path / "offer.json"
    words = {"tenant": tenant, "customer": "Fabrikam", "subscriptions": {REPORT: {}}}
    await asyncio.to_thread(offer.write_text, json.dumps(words), "utf-8")

    invited = await engineer.ops("tenants", "invite", str(offer), "--json")

    assert (invited.code, invited.error) == (0, "")
    assert "/onboarding/" in invited.json["url"]
    assert (await engineer.ops("tenants", "show", tenant, "--json")).json["state"] == "invited"
    await asyncio.to_thread(offer.write_text, "{}", "utf-8")
    wrong = await engineer.ops("tenants", "invite", str(offer))
    assert wrong.code == 1
    assert "missing" in wrong.error
