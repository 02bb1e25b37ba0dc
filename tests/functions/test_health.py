"""Health: one look tells whether storage answers, and a broken environment is named, not guessed."""

import time

import pytest

from shared_code import wiring
from tests.functions.house import CONTOSO, Environment, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

_NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=bm9uZQ==;"
    "BlobEndpoint=http://127.0.0.1:9/devstoreaccount1;"
    "QueueEndpoint=http://127.0.0.1:9/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:9/devstoreaccount1;"
)


async def test_healthy_is_200_for_everybody(house: House) -> None:
    for method in ("GET", "HEAD"):
        answer = await house.ask(method, "/api/health")
        assert answer.status == 200
    assert (await house.ask("GET", "/api/health")).body == (
        b'{"status": "ok", "failing": [], "release": ""}'
    )


async def test_without_storage_health_is_503_before_a_probe_gives_up(house: House) -> None:
    environment = Environment({"REPORTS_STORAGE": _NOWHERE})
    await wiring.close()
    began = time.monotonic()
    try:
        answer = await house.ask("GET", "/api/health")
    finally:
        await wiring.close()
        environment.restore()

    assert answer.status == 503
    assert answer.body == b'{"status": "failing", "failing": ["storage"], "release": ""}'
    assert time.monotonic() - began < 8
    assert (await house.ask("GET", "/api/health")).status == 200


async def test_without_settings_the_log_names_them(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    environment = Environment({"LINK_KEYS": "", "GRAPH_CLIENT_ID": "", "PUBLIC_URL": "nowhere"})
    await wiring.close()
    try:
        answer = await house.ask("GET", "/api/health")
    finally:
        await wiring.close()
        environment.restore()

    assert answer.status == 500
    for name in ("LINK_KEYS", "GRAPH_CLIENT_ID", "PUBLIC_URL"):
        assert name in caplog.text
    assert "nowhere" not in caplog.text


async def test_while_nobody_can_say_who_signs_for_entra_the_portal_is_503_and_not_401(
    house: House,
) -> None:
    environment = Environment({"PORTAL_KEYS_URL": "http://127.0.0.1:9/keys"})
    await wiring.close()
    try:
        answer = await house.ask("GET", f"/api/tenants/{CONTOSO}/reports", house.bearer())
    finally:
        await wiring.close()
        environment.restore()

    assert answer.status == 503
    assert b"127.0.0.1" not in answer.body
