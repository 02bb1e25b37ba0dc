"""What engineers are alerted of is said in the log: a backlog, and a certificate that ends."""

from datetime import datetime, timedelta

import pytest

from shared_code.core.waiting import Message
from shared_code.service.monitor import Monitor
from tests.fakes import NOON, FakeClock, FakeQueues


def waiting(queue: str, *, hours: float) -> FakeQueues:
    queued = NOON - timedelta(hours=hours)
    return FakeQueues({queue: [Message(id="m", queue=queue, body=b"", queued=queued, tries=0)]})


def monitor(queues: FakeQueues | None = None, *, end: datetime | None = None) -> Monitor:
    return Monitor(queues=queues or FakeQueues(), certificate_end=end, clock=FakeClock(NOON))


async def test_a_queue_whose_oldest_message_waits_for_over_two_hours_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await monitor(waiting("runs", hours=3.5)).check_queues()

    assert caplog.messages == ["backlog queue=runs hours=3 messages=1"]


@pytest.mark.parametrize(
    "queues", [waiting("runs", hours=2), waiting("runs-poison", hours=99), FakeQueues({"runs": []})]
)
async def test_what_waits_a_little_what_is_parked_and_what_is_empty_is_no_backlog(
    caplog: pytest.LogCaptureFixture, queues: FakeQueues
) -> None:
    await monitor(queues).check_queues()

    assert caplog.messages == []


@pytest.mark.parametrize("days", [90, 61, 59, 8, 2])
def test_a_certificate_is_reminded_of_on_some_days_only(
    caplog: pytest.LogCaptureFixture, days: int
) -> None:
    monitor(end=NOON + timedelta(days=days)).check_certificate()

    assert caplog.messages == []


def test_without_a_certificate_nothing_ends(caplog: pytest.LogCaptureFixture) -> None:
    monitor().check_certificate()

    assert caplog.messages == []
