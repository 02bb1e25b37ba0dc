"""The local host serves HTTP functions and says why it does not start."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dev.host.running import HostNotStarted, RunningHost

SECRET = "not-for-the-log"
APP = """
import json
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route("r/{token}", methods=["GET", "HEAD"])
async def link(req: func.HttpRequest) -> func.HttpResponse:
    body = json.dumps({"token": req.route_params["token"], "query": dict(req.params)})
    headers = {"Referrer-Policy": "no-referrer", "Set-Cookie": "seen=1; HttpOnly; Path=/"}
    return func.HttpResponse(body, mimetype="application/json", headers=headers)

@app.route("echo/{*rest}", methods=["POST"])
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    headers = {
        "Content-Type": "application/pdf",
        "X-Rest": req.route_params["rest"],
        "X-Given": req.headers["X-Given"],
    }
    return func.HttpResponse(req.get_body(), status_code=201, headers=headers)

@app.route("broken", methods=["GET"])
async def broken(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("as asked")

@app.route("stuck", methods=["GET"])
async def stuck(req: func.HttpRequest) -> func.HttpResponse:
    import asyncio
    await asyncio.sleep(60)

@app.route("inside", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
def inside(req: func.HttpRequest) -> str:
    return "inside"
"""
TRIGGERS = """
import azure.functions as func

app = func.FunctionApp()

@app.timer_trigger("timer", "%SCHEDULE%")
async def plan(timer: func.TimerRequest) -> None: ...

@app.queue_trigger("message", "%QUEUE%", "APP_STORAGE")
async def work(message: func.QueueMessage) -> None: ...
"""
OUTPUT = """
import azure.functions as func

app = func.FunctionApp()

@app.route("send")
@app.queue_output("out", "work", "APP_STORAGE")
def send(req: func.HttpRequest, out: func.Out[str]) -> str:
    return "sent"
"""
STORAGE = "DefaultEndpointsProtocol=http;AccountName=one;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/one;"
SETTINGS = {
    "SCHEDULE": "0 0 6 * * MON",
    "QUEUE": "work",
    "APP_STORAGE": STORAGE,
    "AzureWebJobsStorage": STORAGE,
}


def write_app(folder: Path, app: str) -> Path:
    host = {"functionTimeout": "00:00:01", "extensions": {"http": {"routePrefix": ""}}}
    (folder / "function_app.py").write_text(app)
    (folder / "host.json").write_text(json.dumps(host))
    return folder


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    folder = write_app(tmp_path_factory.mktemp("app"), APP)
    with RunningHost(folder, {"LOCAL_FUNCTION_KEY": "letmein"}, work=folder) as host:
        yield host


def test_route_and_query_reach_the_function(running: RunningHost) -> None:
    got = httpx.get(f"{running.address}/r/{SECRET}?lang=de&lang=en")

    assert got.json() == {"token": SECRET, "query": {"lang": "de,en"}}


def test_the_functions_headers_come_out_and_none_of_the_hosts(running: RunningHost) -> None:
    got = httpx.get(f"{running.address}/r/{SECRET}")

    assert got.headers["Referrer-Policy"] == "no-referrer"
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["Set-Cookie"] == "seen=1; HttpOnly; Path=/"
    assert set(got.headers) == {
        *("referrer-policy", "content-type", "set-cookie", "content-length", "date")
    }


def test_head_has_the_headers_of_get_and_no_body(running: RunningHost) -> None:
    got = httpx.get(f"{running.address}/r/{SECRET}")
    head = httpx.head(f"{running.address}/r/{SECRET}")

    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}


def test_bytes_pass_unchanged(running: RunningHost) -> None:
    every_byte = bytes(range(256)) * 8192

    posted = httpx.post(
        f"{running.address}/echo/a/b.pdf", content=every_byte, headers={"X-Given": "yes"}
    )

    assert (posted.status_code, posted.content) == (201, every_byte)
    assert posted.headers["Content-Type"] == "application/pdf"
    assert (posted.headers["X-Rest"], posted.headers["X-Given"]) == ("a/b.pdf", "yes")


def test_the_log_has_the_template_and_never_the_path(running: RunningHost) -> None:
    httpx.get(f"{running.address}/r/{SECRET}?code={SECRET}", headers={"X-Given": SECRET})
    httpx.get(f"{running.address}/unknown/{SECRET}")

    assert "link GET /r/{token} 200 " in running.log
    assert SECRET not in running.log


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/broken", 500),
        ("GET", "/stuck", 500),
        ("GET", "/nothing", 404),
        ("POST", "/broken", 404),
        ("GET", "/inside", 401),
        ("GET", "/inside?code=wrong", 401),
        ("GET", "/inside?code=letmein", 200),
        ("POST", "/admin/functions/link", 404),
        ("POST", "/admin/functions/nothing", 404),
    ],
)
def test_failures_unknown_paths_and_missing_keys_have_their_status(
    running: RunningHost, method: str, path: str, status: int
) -> None:
    assert httpx.request(method, running.address + path).status_code == status


def test_the_key_may_stand_in_the_header(running: RunningHost) -> None:
    headers = {"x-functions-key": "letmein"}

    assert httpx.get(f"{running.address}/inside", headers=headers).text == "inside"


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
    tmp_path: Path, without: str, message: str
) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != without}

    with pytest.raises(HostNotStarted, match=f"does not start: {message}") as stopped:
        RunningHost(write_app(tmp_path, TRIGGERS), settings, work=tmp_path).start()
    assert "Traceback" not in str(stopped.value)


def test_a_wrong_schedule_is_named(tmp_path: Path) -> None:
    settings = {**SETTINGS, "SCHEDULE": "every monday"}

    with pytest.raises(HostNotStarted, match="plan: 'every monday' is not an NCRONTAB"):
        RunningHost(write_app(tmp_path, TRIGGERS), settings, work=tmp_path).start()


def test_a_storage_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostNotStarted, match="AzureWebJobsStorage does not answer") as stopped:
        RunningHost(write_app(tmp_path, TRIGGERS), SETTINGS, work=tmp_path).start()
    assert "Unclosed" not in str(stopped.value)


def test_output_bindings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HostNotStarted, match="send: the local host has no queue binding"):
        RunningHost(write_app(tmp_path, OUTPUT), SETTINGS, work=tmp_path).start()


def test_a_folder_without_an_app_is_named(tmp_path: Path) -> None:
    write_app(tmp_path, APP)
    (tmp_path / "function_app.py").unlink()

    with pytest.raises(HostNotStarted, match=r"no function_app\.py in "):
        RunningHost(tmp_path, {}, work=tmp_path).start()


def test_a_taken_port_is_named(running: RunningHost, tmp_path: Path) -> None:
    port = int(running.address.rpartition(":")[2])

    with pytest.raises(HostNotStarted, match="address already in use"):
        RunningHost(write_app(tmp_path, APP), {}, work=tmp_path, port=port).start()
