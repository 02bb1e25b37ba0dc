"""The local host runs timers and queues against real Storage."""

import base64
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from dev.azurite import Azurite
from dev.host.running import RunningHost

APP = """
import asyncio, base64, json, os
import azure.functions as func
from azure.storage.queue.aio import QueueClient

app = func.FunctionApp()

def note(what, **facts):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps({"what": what, **facts}) + "\\n")

async def send(text):
    async with QueueClient.from_connection_string(os.environ["APP_STORAGE"], "work") as queue:
        await queue.send_message(base64.b64encode(text.encode()).decode())

@app.timer_trigger("timer", "%SCHEDULE%")
async def plan(timer: func.TimerRequest) -> None:
    note("plan", past_due=timer.past_due)
    await send("planned")

@app.timer_trigger("timer", "*/1 * * * * *")
async def tick(timer: func.TimerRequest) -> None:
    note("tick-begins")
    await asyncio.sleep(1.5)
    note("tick-ends")

@app.queue_trigger("message", "%QUEUE%", "APP_STORAGE")
async def work(message: func.QueueMessage) -> None:
    text = message.get_body().decode()
    note("work", text=text, count=message.dequeue_count)
    if text == "bad":
        raise RuntimeError("as asked")
    if text.startswith("slow"):
        await asyncio.sleep(float(text.split()[1]))
        note("slow-done")

@app.queue_trigger("message", "work-poison", "APP_STORAGE")
async def park(message: func.QueueMessage) -> None:
    note("park", text=message.get_body().decode())
    raise RuntimeError("poison handlers may fail too")
"""
HOST = {
    "extensions": {
        "queues": {"batchSize": 4, "newBatchThreshold": 2, "maxPollingInterval": "00:00:01"}
    }
}


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    with Azurite() as azurite:
        yield azurite.connection_string


@pytest.fixture
def work_queue(storage: str) -> Iterator[QueueClient]:
    with QueueClient.from_connection_string(storage, "work") as queue:
        queue.create_queue()
        yield queue
        queue.delete_queue()
    poison = QueueClient.from_connection_string(storage, "work-poison")
    with poison, suppress(ResourceNotFoundError):
        poison.delete_queue()


class Stage:
    """The app's folder, what its functions have noted, and the hosts started on it."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder, self._settings = folder, settings
        self._notes = folder / "notes.jsonl"
        self.hosts: list[RunningHost] = []
        (folder / "function_app.py").write_text(APP)
        (folder / "host.json").write_text(json.dumps(HOST))

    def start(
        self,
        settings: Mapping[str, str] | None = None,
        *,
        visibility_seconds: float = 600,
        grace_seconds: float = 5,
    ) -> RunningHost:
        host = RunningHost(
            self.folder,
            {**self._settings, "NOTES": str(self._notes), **(settings or {})},
            work=self.folder,
            visibility_seconds=visibility_seconds,
            grace_seconds=grace_seconds,
        )
        self.hosts.append(host)
        return host.start()

    def notes(self, what: str = "") -> Sequence[Mapping[str, Any]]:
        lines = self._notes.read_text().splitlines() if self._notes.exists() else []
        return [note for line in lines if what in (note := json.loads(line))["what"]]


@pytest.fixture
def stage(tmp_path: Path, storage: str, work_queue: QueueClient) -> Iterator[Stage]:
    settings = {
        "AzureWebJobsStorage": storage,
        "APP_STORAGE": storage,
        "SCHEDULE": "0 0 6 1 1 *",
        "QUEUE": "work",
        "AzureWebJobs.tick.Disabled": "true",
        "AzureWebJobs.park.Disabled": "true",
    }
    stage = Stage(tmp_path, settings)
    yield stage
    for host in stage.hosts:
        host.kill()


def until(holds: Callable[[], object], *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def send(queue: QueueClient, text: str) -> None:
    queue.send_message(base64.b64encode(text.encode()).decode())


def is_empty(queue: QueueClient) -> bool:
    return queue.get_queue_properties().approximate_message_count == 0


def test_a_timer_fills_the_queue_whose_function_runs(stage: Stage, work_queue: QueueClient) -> None:
    host = stage.start()

    assert httpx.post(f"{host.address}/admin/functions/plan").status_code == 202
    until(lambda: stage.notes("work"))
    until(lambda: is_empty(work_queue))

    assert [note["past_due"] for note in stage.notes("plan")] == [False]
    assert [note["text"] for note in stage.notes("work")] == ["planned"]
    assert httpx.post(f"{host.address}/admin/functions/work").status_code == 404


def test_five_failures_end_in_the_poison_queue_and_its_function_runs(
    stage: Stage, work_queue: QueueClient
) -> None:
    host = stage.start({"AzureWebJobs.park.Disabled": "false"})

    send(work_queue, "bad")
    until(lambda: stage.notes("park"))
    until(lambda: is_empty(work_queue))

    assert [note["count"] for note in stage.notes("work")] == [1, 2, 3, 4, 5]
    # Its own failure leads neither to a queue work-poison-poison nor into a tight loop.
    time.sleep(1.5)
    assert [note["text"] for note in stage.notes("park")] == ["bad"]
    assert "poison-poison" not in host.log


def test_a_failure_is_tried_again_after_the_visibility_timeout(
    stage: Stage, work_queue: QueueClient
) -> None:
    stage.start({"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:03"})

    send(work_queue, "bad")
    until(lambda: stage.notes("work"))
    time.sleep(1.5)
    assert len(stage.notes("work")) == 1
    until(lambda: len(stage.notes("work")) == 2)


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_unseen(
    stage: Stage, work_queue: QueueClient, storage: str
) -> None:
    stage.start()

    work_queue.send_message("{not base64}")
    until(lambda: is_empty(work_queue))

    with QueueClient.from_connection_string(storage, "work-poison") as poison:
        assert [message.content for message in poison.peek_messages()] == ["{not base64}"]
    assert not stage.notes("work")


def test_a_long_run_keeps_its_message_hidden(stage: Stage, work_queue: QueueClient) -> None:
    stage.start(visibility_seconds=2)

    send(work_queue, "slow 5")
    until(lambda: stage.notes("slow-done"))
    until(lambda: is_empty(work_queue))

    assert len(stage.notes("work")) == 1


def test_a_killed_host_leaves_its_message_to_the_next(
    stage: Stage, work_queue: QueueClient
) -> None:
    killed = stage.start(visibility_seconds=2)
    send(work_queue, "slow 3")
    until(lambda: stage.notes("work"))
    killed.kill()

    stage.start()
    until(lambda: stage.notes("slow-done"))

    assert [note["count"] for note in stage.notes("work")] == [1, 2]


def test_a_clean_stop_lets_the_running_finish(stage: Stage, work_queue: QueueClient) -> None:
    host = stage.start()
    send(work_queue, "slow 2")
    until(lambda: stage.notes("work"))

    assert host.stop(signal.SIGINT) == 0

    assert stage.notes("slow-done")
    assert is_empty(work_queue)


def test_what_outlasts_the_grace_is_cancelled_and_given_back(
    stage: Stage, work_queue: QueueClient
) -> None:
    host = stage.start(grace_seconds=0.5)
    send(work_queue, "slow 30")
    until(lambda: stage.notes("work"))

    assert host.stop() == 0

    assert "work cancelled" in host.log
    assert work_queue.receive_message() is not None


def test_no_more_than_batch_and_threshold_run_at_once(
    stage: Stage, work_queue: QueueClient
) -> None:
    for _ in range(6):
        send(work_queue, "slow 4")

    stage.start()
    until(lambda: len(stage.notes("work")) >= 4)
    time.sleep(1)

    assert len(stage.notes("work")) == 4
    until(lambda: len(stage.notes("slow-done")) == 6)


def test_timers_fire_on_schedule_and_never_overlap(stage: Stage) -> None:
    stage.start({"AzureWebJobs.tick.Disabled": "false"})

    until(lambda: len(stage.notes("tick-ends")) >= 3)

    order = [note["what"] for note in stage.notes("tick")]
    assert order[:6] == ["tick-begins", "tick-ends"] * 3


def test_a_missed_timer_runs_once_at_start_as_past_due(stage: Stage, storage: str) -> None:
    name, schedule = "timers/late/plan/status", "0 0 0 1 * *"
    last = (datetime.now(UTC) - timedelta(days=100)).replace(day=1, hour=0, minute=0, second=0)
    following = (last + timedelta(days=40)).replace(day=1)
    stored = {"Last": last, "Next": following, "LastUpdated": last}
    with BlobServiceClient.from_connection_string(storage) as service:
        container = service.get_container_client("azure-webjobs-hosts")
        if not container.exists():
            container.create_container()
        text = json.dumps({k: v.replace(microsecond=0).isoformat() for k, v in stored.items()})
        container.upload_blob(name, text)
        host = stage.start({"SCHEDULE": schedule, "AzureFunctionsWebHost__hostid": "late"})
        until(lambda: stage.notes("work"))
        host.stop()
        status = json.loads(container.download_blob(name).readall())

    assert [note["past_due"] for note in stage.notes("plan")] == [True]
    assert datetime.fromisoformat(status["Last"]) > datetime.now(UTC) - timedelta(minutes=2)
    assert datetime.fromisoformat(status["Next"]) > datetime.now(UTC)
