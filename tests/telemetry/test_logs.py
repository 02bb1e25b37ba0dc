"""Each line of the log says whose run it belongs to, and only those of runs do."""

import asyncio
import logging
from collections.abc import Iterator
from logging.handlers import QueueHandler
from queue import Queue

import pytest

from shared_code.core.run import RunRequest
from shared_code.telemetry.logs import logged_as, structure_logs
from tests.service.stage import CONTOSO, FABRIKAM, request

_log = logging.getLogger("azure.of.anybody")


@pytest.fixture(autouse=True)
def _structured(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    before = logging.getLogRecordFactory()
    structure_logs()
    # Whoever opened a storage account in this process made the SDKs quiet.
    caplog.set_level(logging.DEBUG, _log.name)
    yield
    logging.setLogRecordFactory(before)


def fields(order: RunRequest) -> str:
    return (
        f" run={order.run_id} tenant={order.tenant_id} report={order.report}"
        f" attempt={order.attempt}"
    )


def test_a_line_written_in_a_run_ends_with_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    order = request().after_failure()
    with logged_as(order):
        _log.info("read %d of %s", 3, "guests")
    _log.info("afterwards")

    assert caplog.messages == ["read 3 of guests" + fields(order), "afterwards"]


def test_handlers_that_send_attributes_find_the_same(caplog: pytest.LogCaptureFixture) -> None:
    order = request()
    with logged_as(order):
        _log.info("here")

    sent = vars(caplog.records[0])
    assert (sent["run_id"], sent["tenant_id"], sent["report"], sent["attempt"]) == (
        order.run_id,
        CONTOSO,
        order.report,
        1,
    )


def test_a_text_with_percent_signs_and_no_arguments_stays_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with logged_as(request()):
        _log.info("100% of %s")

    assert caplog.messages == ["100% of %s" + fields(request())]


def test_a_record_that_is_handed_on_through_a_queue_has_its_fields_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with logged_as(request()):
        _log.info("read %d", 3)

    handed_on = QueueHandler(Queue()).prepare(caplog.records[0])
    assert handed_on.getMessage() == "read 3" + fields(request())


async def test_runs_that_share_a_process_are_told_apart_in_tasks_and_in_threads(
    caplog: pytest.LogCaptureFixture,
) -> None:
    orders = [
        request(weeks=week, tenant_id=each) for week in (0, 1) for each in (CONTOSO, FABRIKAM)
    ]

    async def run(order: RunRequest) -> None:
        with logged_as(order):
            for _ in range(3):
                await asyncio.sleep(0)
                _log.info("loop of %s", order.run_id)
            await asyncio.to_thread(_log.info, "thread of %s", order.run_id)
            await asyncio.create_task(asyncio.to_thread(_log.info, "task of %s", order.run_id))

    await asyncio.gather(*map(run, orders))

    for order in orders:
        own = [line for line in caplog.messages if f" of {order.run_id}" in line]
        assert len(own) == 5
        assert all(line.endswith(fields(order)) for line in own)
