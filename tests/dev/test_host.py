"""The local host runs a small app against real queues, timers and HTTP."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobClient, ContainerClient
from azure.storage.queue import QueueClient

from dev.azurite import Azurite

ROOT = Path(__file__).resolve().parents[2]
SECRET = "not-for-the-log"
APP = """
import asyncio, json, os
import azure.functions as func
from azure.storage.queue.aio import QueueClient

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

def note(what, **facts):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(json.dumps({"what": what, **facts}) + "\\n")

async def send(text):
    async with QueueClient.from_connection_string(os.environ["APP_STORAGE"], "work") as queue:
        await queue.send_message(__import__("base64").b64encode(text.encode()).decode())

@app.timer_trigger("timer", "%SCHEDULE%")
async def plan(timer: func.TimerRequest) -> None:
    note("plan", past_due=timer.past_due, last=timer.schedule_status["Last"])
    await send("planned")

@app.timer_trigger("timer", "*/1 * * * * *")
async def tick(timer: func.TimerRequest) -> None:
    note("tick-begins")
    await asyncio.sleep(1.5)
    note("tick-ends")

@app.queue_trigger("message", "%QUEUE%", "APP_STORAGE")
async def work(message: func.QueueMessage) -> None:
    text = message.get_body().decode()
    note("work", text=text, count=message.dequeue_count, id=message.id)
    if text == "bad":
        raise RuntimeError("as asked")
    if text.startswith("slow"):
        await asyncio.sleep(float(text.split()[1]))
        note("slow-done", text=text)

@app.queue_trigger("message", "work-poison", "APP_STORAGE")
async def park(message: func.QueueMessage) -> None:
    note("park", text=message.get_body().decode())
    raise RuntimeError("poison handlers may fail too")

@app.route("r/{token}", methods=["GET", "HEAD"])
async def link(req: func.HttpRequest) -> func.HttpResponse:
    body = json.dumps({"token": req.route_params["token"], "query": dict(req.params)})
    return func.HttpResponse(body, mimetype="application/json", headers={"Referrer-Policy": "no-referrer"})

@app.route("echo/{*rest}", methods=["POST"])
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    headers = {"Content-Type": "application/pdf", "X-Rest": req.route_params["rest"], "X-Given": req.headers["X-Given"]}
    return func.HttpResponse(req.get_body(), status_code=201, headers=headers)

@app.route("broken", methods=["GET"])
async def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("as asked")

@app.route("inside", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def inside(req: func.HttpRequest) -> str:
    return "inside"
"""
HOST_JSON = {
    "version": "2.0",
    "extensions": {
        "http": {"routePrefix": ""},
        "queues": {
            "batchSize": 4,
            "newBatchThreshold": 2,
            "maxPollingInterval": "00:00:01",
            "visibilityTimeout": "00:00:00",
        },
    },
}


class RunningHost:
    """The host in a process of its own, as `make` and a developer start it."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *options: str) -> None:
        self.notes_file = folder / "notes.jsonl"
        self._log_file = folder / "host.log"
        file = folder / "settings.json"
        values = {"NOTES": str(self.notes_file), **settings}
        file.write_text(json.dumps({"IsEncrypted": False, "Values": values}))
        command = [sys.executable, "-m", "dev.host", "--app", str(folder), "--port", "0"]
        with self._log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--settings", str(file), *options],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.address = ""

    def started(self) -> "RunningHost":
        until(lambda: "Listening on " in self.log or self.process.poll() is not None)
        assert "Listening on " in self.log, self.log
        self.address = self.log.split("Listening on ")[1].split()[0]
        return self

    @property
    def log(self) -> str:
        return self._log_file.read_text()

    def notes(self, what: str) -> Sequence[Mapping[str, Any]]:
        lines = self.notes_file.read_text().splitlines() if self.notes_file.exists() else []
        return [note for line in lines if (note := json.loads(line))["what"] == what]

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


def until(holds: Callable[[], object], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


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


@pytest.fixture
def settings(storage: str) -> dict[str, str]:
    quiet = {f"AzureWebJobs.{name}.Disabled": "true" for name in ("tick", "park")}
    return {
        "AzureWebJobsStorage": storage,
        "APP_STORAGE": storage,
        "SCHEDULE": "0 0 6 1 1 *",
        "QUEUE": "work",
        "LOCAL_FUNCTION_KEY": "letmein",
        **quiet,
    }


@pytest.fixture
def app_folder(tmp_path: Path) -> Path:
    (tmp_path / "function_app.py").write_text(APP)
    (tmp_path / "host.json").write_text(json.dumps(HOST_JSON))
    return tmp_path


@pytest.fixture
def host(app_folder: Path) -> Iterator[Callable[..., RunningHost]]:
    running: list[RunningHost] = []

    def start(settings: Mapping[str, str], *options: str) -> RunningHost:
        running.append(RunningHost(app_folder, settings, *options))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


type Start = Callable[..., RunningHost]


def send(queue: QueueClient, text: str) -> None:
    queue.send_message(base64.b64encode(text.encode()).decode())


def is_empty(queue: QueueClient) -> bool:
    return queue.get_queue_properties().approximate_message_count == 0


def test_a_timer_fills_the_queue_whose_function_runs(
    host: Start, settings: dict[str, str], work_queue: QueueClient
) -> None:
    running = host(settings).started()

    assert httpx.post(f"{running.address}/admin/functions/plan").status_code == 202
    until(lambda: running.notes("work"))
    until(lambda: is_empty(work_queue))

    assert [note["text"] for note in running.notes("work")] == ["planned"]
    assert running.notes("plan")[0]["past_due"] is False


@pytest.mark.parametrize("name", ["work", "link", "nothing"])
def test_only_timers_can_be_started_by_hand(
    host: Start, settings: dict[str, str], name: str
) -> None:
    running = host(settings).started()

    assert httpx.post(f"{running.address}/admin/functions/{name}").status_code == 404


def test_five_failures_end_in_the_poison_queue_and_its_function_runs(
    host: Start, settings: dict[str, str], work_queue: QueueClient
) -> None:
    running = host({**settings, "AzureWebJobs.park.Disabled": "false"}).started()

    send(work_queue, "bad")
    until(lambda: running.notes("park"))
    until(lambda: is_empty(work_queue))

    assert [note["count"] for note in running.notes("work")] == [1, 2, 3, 4, 5]
    # The poison handler failed: it has no poison queue and does not fail in a tight loop.
    time.sleep(1.5)
    assert [note["text"] for note in running.notes("park")] == ["bad"]
    assert "work-poison-poison" not in running.log


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_unseen(
    host: Start, settings: dict[str, str], work_queue: QueueClient, storage: str
) -> None:
    running = host(settings).started()

    work_queue.send_message("{not base64}")
    until(lambda: is_empty(work_queue))

    with QueueClient.from_connection_string(storage, "work-poison") as poison:
        assert [m.content for m in poison.peek_messages()] == ["{not base64}"]
    assert not running.notes("work")


def test_a_long_run_keeps_its_message_hidden(
    host: Start, settings: dict[str, str], work_queue: QueueClient
) -> None:
    running = host(settings, "--visibility-seconds", "2").started()

    send(work_queue, "slow 5")
    until(lambda: running.notes("slow-done"))
    until(lambda: is_empty(work_queue))

    assert len(running.notes("work")) == 1


def test_a_killed_host_leaves_its_message_to_the_next(
    host: Start, settings: dict[str, str], work_queue: QueueClient
) -> None:
    first = host(settings, "--visibility-seconds", "2").started()
    send(work_queue, "slow 3")
    until(lambda: first.notes("work"))
    first.end(signal.SIGKILL)

    second = host(settings).started()
    until(lambda: second.notes("slow-done"))

    assert [note["count"] for note in second.notes("work")] == [1, 2]


def test_a_clean_stop_lets_the_running_finish(
    host: Start, settings: dict[str, str], work_queue: QueueClient
) -> None:
    running = host(settings).started()
    send(work_queue, "slow 2")
    until(lambda: running.notes("work"))

    assert running.end(signal.SIGINT) == 0

    assert running.notes("slow-done")
    assert is_empty(work_queue)


def test_what_outlasts_the_grace_is_cancelled_and_given_back(
    host: Start, settings: dict[str, str], work_queue: QueueClient
) -> None:
    running = host(settings, "--grace-seconds", "0.5").started()
    send(work_queue, "slow 30")
    until(lambda: running.notes("work"))

    assert running.end() == 0

    assert "work cancelled" in running.log
    assert work_queue.receive_message() is not None


def test_no_more_than_batch_and_threshold_run_at_once(
    host: Start, settings: dict[str, str], work_queue: QueueClient
) -> None:
    for _ in range(12):
        send(work_queue, "slow 2")

    running = host(settings).started()
    until(lambda: len(running.notes("work")) >= 4)
    time.sleep(1)

    assert len(running.notes("work")) == 4
    until(lambda: len(running.notes("slow-done")) == 12)


def test_timers_fire_on_schedule_and_never_overlap(host: Start, settings: dict[str, str]) -> None:
    running = host({**settings, "AzureWebJobs.tick.Disabled": "false"}).started()

    until(lambda: len(running.notes("tick-ends")) >= 3)
    running.end()

    lines = running.notes_file.read_text().splitlines()
    begun_and_ended = [json.loads(line)["what"] for line in lines]
    assert begun_and_ended[:6] == ["tick-begins", "tick-ends"] * 3


def test_a_missed_timer_runs_once_at_start_as_past_due(
    host: Start, settings: dict[str, str], storage: str, work_queue: QueueClient
) -> None:
    settings |= {"SCHEDULE": "0 0 * * * *", "AzureFunctionsWebHost__hostid": "late"}
    last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=7)
    stored = {"Last": last, "Next": last + timedelta(hours=1), "LastUpdated": last}
    name = "timers/late/plan/status"
    with BlobClient.from_connection_string(storage, "azure-webjobs-hosts", name) as blob:
        ensure_container(storage)
        blob.upload_blob(json.dumps({k: v.isoformat() for k, v in stored.items()}))
        running = host(settings).started()
        until(lambda: running.notes("plan"))
        until(lambda: running.notes("work"))
        running.end()
        status = json.loads(blob.download_blob().readall())

    assert [note["past_due"] for note in running.notes("plan")] == [True]
    assert datetime.fromisoformat(status["Last"]) > last
    assert datetime.fromisoformat(status["Next"]) > datetime.now(UTC) - timedelta(seconds=30)


def ensure_container(storage: str) -> None:
    with ContainerClient.from_connection_string(storage, "azure-webjobs-hosts") as container:
        if not container.exists():
            container.create_container()


def test_routes_pass_values_headers_and_bytes_unchanged(
    host: Start, settings: dict[str, str]
) -> None:
    running = host(settings).started()
    every_byte = bytes(range(256))

    got = httpx.get(f"{running.address}/r/{SECRET}?lang=de&lang=en")
    head = httpx.head(f"{running.address}/r/{SECRET}")
    posted = httpx.post(
        f"{running.address}/echo/a/b.pdf", content=every_byte, headers={"X-Given": SECRET}
    )

    assert got.json() == {"token": SECRET, "query": {"lang": "de,en"}}
    assert got.headers["Referrer-Policy"] == "no-referrer"
    assert got.headers["Content-Type"] == "application/json"
    assert "Server" not in got.headers
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Referrer-Policy"] == "no-referrer"
    assert (posted.status_code, posted.content) == (201, every_byte)
    assert posted.headers["Content-Type"] == "application/pdf"
    assert (posted.headers["X-Rest"], posted.headers["X-Given"]) == ("a/b.pdf", SECRET)
    assert "link GET /r/{token} 200" in running.log
    assert SECRET not in running.log


def test_failures_unknown_paths_and_missing_keys_have_their_status(
    host: Start, settings: dict[str, str]
) -> None:
    running = host(settings).started()

    def status(path: str, method: str = "GET", **headers: str) -> int:
        return httpx.request(method, running.address + path, headers=headers).status_code

    assert status("/broken") == 500
    assert status("/nothing") == 404
    assert status("/broken", "POST") == 404
    assert status("/inside") == 401
    assert status("/inside?code=wrong") == 401
    assert status("/inside?code=letmein") == 200
    assert status("/inside", **{"x-functions-key": "letmein"}) == 200


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ("SCHEDULE", "plan: '%SCHEDULE%' does not resolve to a value"),
        ("QUEUE", "work: '%QUEUE%' does not resolve to a value"),
        ("APP_STORAGE", "work: no setting APP_STORAGE"),
        ("AzureWebJobsStorage", "no setting AzureWebJobsStorage"),
    ],
)
def test_a_missing_setting_stops_the_start_and_is_named(
    host: Start, settings: dict[str, str], without: str, message: str
) -> None:
    running = host({k: v for k, v in settings.items() if k != without})

    assert running.process.wait(20) == 1
    assert message in running.log
    assert "Traceback" not in running.log


def test_a_folder_without_an_app_is_named(
    host: Start, settings: dict[str, str], app_folder: Path
) -> None:
    (app_folder / "function_app.py").unlink()
    running = host(settings)

    assert running.process.wait(20) == 1
    assert f"no function_app.py in {app_folder}" in running.log
    assert os.environ.get("NOTES") is None
