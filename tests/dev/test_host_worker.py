"""A function app is indexed and invoked from a running event loop, as tests of the product do."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
seen = []

@app.timer_trigger("timer", "%SCHEDULE%")
async def plan(timer: func.TimerRequest) -> None:
    seen.append((timer.past_due, timer.schedule_status["Last"]))

@app.queue_trigger("message", "work", "APP_STORAGE")
async def work(message: func.QueueMessage) -> None:
    if message.get_body() == b"bad":
        raise RuntimeError("as asked")
    seen.append((message.get_json()["run"], message.dequeue_count, message.insertion_time))

@app.queue_trigger("message", "work", "APP_STORAGE")
async def returns(message: func.QueueMessage) -> int:
    return 1

@app.route("r/{token}", methods=["GET"])
async def link(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.route_params["token"], status_code=201)

@app.route("page")
def page(req: func.HttpRequest) -> str:
    return "p\\u00e4ge"
"""
# One app per process, so this one is not loaded into the process of the tests.
SCRIPT = """
import asyncio, sys
from datetime import UTC, datetime
from dev.host.host import Host
from dev.host.worker import AppError, FunctionsApp

MORNING = datetime(2026, 3, 2, 6, tzinfo=UTC)

async def main(folder):
    app = FunctionsApp(folder)
    assert app.names == ("plan", "work", "returns", "link", "page")
    assert app.trigger("plan")["schedule"] == "%SCHEDULE%"

    import function_app
    assert (await app.timer("plan", past_due=True, last=MORNING)).ok
    assert (await app.queue("work", '{"run": 7}', dequeue_count=3, inserted=MORNING)).ok
    assert (await app.queue("work", '{"run": 8}')).ok
    assert function_app.seen == [(True, MORNING.isoformat()), (7, 3, MORNING), (8, 1, None)]

    failed = await app.queue("work", "bad")
    assert not failed.ok
    assert failed.error == "RuntimeError('as asked')"
    assert "as asked" in failed.trace
    assert not (await app.queue("returns", "{}")).ok

    answer = await app.http("link", route={"token": "abc"})
    assert (answer.status, answer.body) == (201, b"abc")
    assert (await app.http("page")).body.decode() == "p\\u00e4ge"

    assert FunctionsApp.open(folder) is app
    try:
        FunctionsApp("/elsewhere")
    except AppError as error:
        assert "already loaded" in str(error)

    settings = {"SCHEDULE": "*/30 * * * * *", "APP_STORAGE": "UseDevelopmentStorage=true",
                "AzureWebJobs.work.Disabled": "1", "AzureWebJobs.returns.Disabled": "1"}
    async with Host(folder, settings, port=0) as host:
        import aiohttp
        async with aiohttp.ClientSession() as session:
            got = await session.get(host.address + "/api/r/x")
            assert (got.status, await got.text()) == (201, "x")

asyncio.run(main(sys.argv[1]))
print("done")
"""


def test_an_app_runs_inside_a_running_loop(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(APP)
    (tmp_path / "host.json").write_text("{}")

    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (0, "done\n"), ended.stderr
    assert "Unclosed" not in ended.stderr
