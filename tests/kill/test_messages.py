"""Messages nobody should have sent: parked, never in a log, and never in the way of a good one."""

import json

import pytest
from msgspec.structs import replace

from shared_code.core.period import Period
from shared_code.core.queue_message import encode_message
from shared_code.core.run import RunId, RunRequest, RunState
from shared_code.core.tenant import TenantId
from tests.kill.ground import MONDAY, REPORT, WEEK, due
from tests.kill.hosts import Hosts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

STRANGER = TenantId("11111111-2222-4333-8444-555555555555")
_SECRET = "hush-hush"


def _order(tenant_id: str, report: str = REPORT) -> RunRequest:
    return RunRequest.due(TenantId(tenant_id), report, Period(MONDAY - WEEK, MONDAY))


def _naive(tenant_id: str) -> str:
    fields = json.loads(encode_message(_order(tenant_id)))
    return json.dumps(fields | {"start": "2026-01-01T00:00:00"})


def _unreadable(tenant_id: str) -> list[str]:
    wrong_id = replace(_order(tenant_id), run_id=RunId(_SECRET))
    return [
        _SECRET,
        "{}",
        "[" * 20_000 + _SECRET,
        f"{_SECRET} " * 4900,  # 48 KiB
        encode_message(wrong_id),
        _naive(tenant_id),
        encode_message(_order(tenant_id, _SECRET * 200)),
    ]


async def test_messages_nobody_can_read_are_kept_and_the_next_good_one_is_served(
    hosts: Hosts,
) -> None:
    ground = hosts.ground
    good = due(await ground.settle_in(ground.customer("good")))
    bad = _unreadable(good.tenant_id)
    host = await hosts.start()
    for text in bad:
        await hosts.send(text)
    await hosts.send(f"{_SECRET} is not base64!", is_encoded=False)
    await ground.services.queue.send(good)
    await hosts.idle()

    container = ground.accounts.blobs.get_container_client("dead-letters")
    kept = [name async for name in container.list_blob_names()]
    assert len(kept) == len(bad) + 1
    await ground.settled(good, RunState.DELIVERED)
    assert len(await hosts.runs(good.tenant_id)) == 1
    assert await hosts.is_well(host)
    assert _SECRET not in hosts.log
    assert hosts.leaked() == []


async def test_orders_for_what_this_version_does_not_have_are_recorded_as_failed(
    hosts: Hosts,
) -> None:
    ground = hosts.ground
    tenant_id = await ground.settle_in(ground.customer("good"))
    unknown = [_order(tenant_id, report) for report in ("report-of-tomorrow", "../x")]
    host = await hosts.start()
    for order in unknown:
        await ground.services.queue.send(order)
    await hosts.idle()

    for order in unknown:
        run = await ground.run(order)
        assert run
        assert run.state is RunState.FAILED
        assert all(run.headline[language] for language in ("de", "en"))
    assert await ground.leases(tenant_id) == []
    assert await hosts.is_well(host)


async def test_orders_for_tenants_that_are_not_ours_do_nothing(hosts: Hosts) -> None:
    ground = hosts.ground
    host = await hosts.start()
    for tenant_id in (STRANGER, f"{STRANGER}/../{STRANGER}", "../x", "", "x" * 600):
        await ground.services.queue.send(_order(tenant_id))
    await hosts.idle()

    assert await ground.services.ledger.runs(STRANGER) == []
    assert ground.sandbox.stats.requests == {}
    assert ground.sandbox.stats.tokens == {}
    assert await hosts.is_well(host)
