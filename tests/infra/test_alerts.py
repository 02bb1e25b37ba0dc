"""Alerts and workbook look for what the code writes, and say what to do."""

import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest

from infra.check.source import Template, Value
from shared_code.core.errors import AccessBlocked, ConsentMissing, MailRefused
from shared_code.service.monitor import Monitor
from shared_code.telemetry.logs import logged_as, structure_logs
from tests.fakes import NOON, FakeClock, FakeQueues
from tests.infra.kql import lets_through, parsed
from tests.service import test_gdap as gdap
from tests.service import test_left_out as left_out
from tests.service import test_readiness as readiness
from tests.service.digests import Post
from tests.service.stage import CONTOSO, Stage, request
from tests.service.test_monitor import waiting

ROOT = Path(__file__).parents[2]
ALERTS = Template(ROOT / "infra" / "alerts.bicep", ROOT / "infra")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
SECTION = OPERATIONS.split("\n## Alerts\n", 1)[1].split("\n## ", 1)[0]
SOURCE = "\n".join(
    path.read_text("utf-8")
    for folder in ("shared_code", "functions")
    for path in sorted((ROOT / folder).rglob("*.py"))
)
# Written by the Functions host for each message; the workbook shows it.
HOST = ("Trigger Details: MessageId",)


def rules() -> list[dict[str, Value]]:
    found = ALERTS.value(ALERTS.by_name["rules"].value)
    assert isinstance(found, list)
    return [rule for rule in found if isinstance(rule, dict)]


def names() -> list[str]:
    return [str(rule["name"]) for rule in rules()]


def queries() -> list[str]:
    """Of alerts and workbook, as text; of the former with the expressions around."""
    alerts = (ROOT / "infra" / "alerts.bicep").read_text("utf-8")
    workbook = json.loads((ROOT / "infra" / "workbook.json").read_text("utf-8"))
    asked = [item["content"]["query"] for item in workbook["items"] if item["type"] == 3]
    return [*re.findall(r"'''\n(.*?)'''", alerts, re.DOTALL), *asked]


LINES = re.findall(r'_log\.(?:info|warning|error|log)\(\s*(?:level, )?"([^"]+)"', SOURCE)


def lines_written() -> list[str]:
    """What the code logs, with something in each place."""
    return [re.sub(r"%[sd]", "all", line) for line in LINES]


def heard(name: str, lines: list[str]) -> list[str]:
    """Those that the rule's filter lets through."""
    [query] = [str(rule["query"]) for rule in rules() if rule["name"] == name]
    return [line for line in lines if lets_through(query, line)]


def shown(name: str) -> str:
    """The query of the workbook's part with this name."""
    workbook = json.loads((ROOT / "infra" / "workbook.json").read_text("utf-8"))
    return next(item["content"]["query"] for item in workbook["items"] if item["name"] == name)


def functions() -> set[str]:
    return set(re.findall(r'function_name\("(\w+)"\)', SOURCE))


@pytest.mark.parametrize("name", [*names(), "storage-throttling"])
def test_every_alert_says_in_the_documentation_what_to_do(name: str) -> None:
    [row] = [line for line in SECTION.splitlines() if line.startswith(f"| `{name}` |")]

    assert row.count(" | ") == 2


def test_the_documentation_has_no_alert_that_there_is_not() -> None:
    told = set(re.findall(r"^\| `([\w-]+)` \|", SECTION, re.MULTILINE))

    assert told == {*names(), "storage-throttling"}


def test_every_alert_has_a_name_of_its_own_and_times_that_azure_knows() -> None:
    assert len(set(names())) == len(names())
    assert {str(rule["every"]) for rule in rules()} <= {"PT5M", "PT15M", "PT30M", "PT1H", "P1D"}
    assert {str(rule["window"]) for rule in rules()} <= {
        "PT15M",
        "PT30M",
        "PT1H",
        "PT2H",
        "P1D",
        "P2D",
    }


@pytest.mark.parametrize("query", queries())
def test_a_line_of_the_log_that_is_looked_for_is_one_the_code_writes(query: str) -> None:
    for words in re.findall(r"Message startswith '([^']+)'", query):
        fixed = _without_value(words)
        assert words in HOST or any(line.startswith(fixed) for line in lines_written()), words
    for words in re.findall(r"Message contains '([^']+)'", query):
        assert any(_without_value(words) in line for line in lines_written()), words


def _without_value(words: str) -> str:
    """`answered function=open_` looks for a value, too."""
    return re.sub(r"=\w+$", "=", words)


@pytest.mark.parametrize("query", queries())
def test_a_function_that_is_looked_for_is_there(query: str) -> None:
    listed = re.findall(r"OperationName in \(([^)]*)\)", query)
    asked = {name for each in listed for name in re.findall(r"'(\w+)'", each)}
    asked |= set(re.findall(r"OperationName == '(\w+)'", query))

    assert asked <= functions()


async def test_the_backlog_alert_hears_of_messages_that_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    monitor = Monitor(queues=waiting("runs", hours=3), certificate_end=None, clock=FakeClock(NOON))

    await monitor.check_queues()
    await monitor.check_queues()

    found = heard("backlog-age", caplog.messages)
    [query] = [str(rule["query"]) for rule in rules() if rule["name"] == "backlog-age"]
    assert [parsed(query, line) for line in found] == [{"queue": "runs"}] * 2


@pytest.mark.parametrize("days", [60, 30, 14, 7, 3, 1, 0, -1])
def test_the_certificate_alert_hears_of_an_end_that_comes(
    caplog: pytest.LogCaptureFixture, days: int
) -> None:
    ends = NOON + timedelta(days=days, hours=1)
    Monitor(queues=FakeQueues(), certificate_end=ends, clock=FakeClock(NOON)).check_certificate()

    assert heard("certificate-ends", caplog.messages) == [f"certificate ends in {days} days"]


async def test_the_alert_of_lost_customers_hears_who_cannot_be_read_and_not_who_can_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = readiness.Bench()
    bench.refuse(AccessBlocked("sign-in"))
    await bench.probe()
    [lost] = heard("tenant-lost", caplog.messages)
    bench.refuse(None)
    await bench.probe(after=readiness.DAY)

    assert heard("tenant-lost", caplog.messages) == [lost]
    assert [parsed(shown("tenants"), line) for line in caplog.messages] == [
        {"tenant": CONTOSO, "report": "all", "now": "blocked"},
        {"tenant": CONTOSO, "report": "all", "now": "reachable"},
    ]


async def test_the_alert_of_digests_hears_refusals_and_what_was_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    post = Post()
    post.mailer.answers = [(MailRefused("404 ErrorInvalidUser"), False)]
    await post.deliver()

    assert len(heard("digests-refused", caplog.messages)) == 1
    assert len(heard("digests-refused", ["digest x: given up, unclear"])) == 1
    assert heard("digests-refused", ["digest x: unclear: 504"]) == []


@pytest.mark.parametrize(
    ("name", "functions", "status"),
    [
        ("link-denials", ("open_link", "open_file"), 410),
        ("server-errors", ("open_link", "list_tenants", "health"), 500),
        ("server-errors", ("health",), 503),
    ],
)
def test_alerts_of_pages_hear_of_answers_by_the_line_of_each(
    name: str, functions: tuple[str, ...], status: int
) -> None:
    [written] = [line for line in LINES if line.startswith("answered function=")]
    said = [written % (function, status) for function in functions]

    assert heard(name, said) == said
    assert heard(name, [written % ("open_link", 200), written % ("get_tenant", 404)]) == []
    assert parsed(shown("http"), said[0]) == {"name": functions[0], "status": str(status)}


def test_no_query_asks_the_host_for_what_it_does_not_tell() -> None:
    """Where it leaves out addresses, requests have neither Url nor status: ResultCode is 0."""
    host = json.loads((ROOT / "host.json").read_text("utf-8"))
    options = host["logging"]["applicationInsights"]["httpAutoCollectionOptions"]

    assert options["enableHttpTriggerExtendedInfoCollection"] is False
    assert [query for query in queries() if re.search(r"\b(Url|ResultCode)\b", query)] == []


async def test_the_alert_of_reports_without_their_pdf_hears_of_them(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    await left_out.delivered(left_out.stage(tmp_path, OSError(12, "no memory")))

    assert len(heard("left-out", caplog.messages)) == 1


async def test_the_alert_of_delegated_access_hears_of_ends_and_of_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = gdap.Bench()
    await bench.warned(gdap.relationship(10))
    bench.partnership.failure = ConsentMissing("no consent")
    await bench.watch.check()

    assert len(heard("gdap-ends", caplog.messages)) == len(caplog.messages) == 2


async def test_the_workbook_reads_what_a_run_took(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    before = logging.getLogRecordFactory()
    structure_logs()
    try:
        with logged_as(request()):
            await Stage(tmp_path).produce(request())
    finally:
        logging.setLogRecordFactory(before)

    for name in ("reports", "throttled", "customers"):
        [line] = [line for line in caplog.messages if lets_through(shown(name), line)]
        found = parsed(shown(name), line)
        assert found
        assert found["state"] == "delivered"
        assert (found["rows"], found["pages"], found["attempt"]) == ("8", "5", "1")
        assert (found["run"], found["tenant"]) == (request().run_id, CONTOSO)
        assert found["report"] == "tiny-report"


def test_the_workbook_reads_why_a_run_was_put_off() -> None:
    [line] = [
        line for line in lines_written() if line.endswith(", again in all") and "run " in line
    ]

    found = parsed(shown("postponed"), line + " run=1 tenant=2 report=news attempt=1")
    assert found
    assert found["reason"] == "all"


def test_the_workbook_shows_every_timer() -> None:
    declared = ALERTS.value(ALERTS.by_name["timers"].value)
    assert isinstance(declared, dict)

    assert "startswith 'plan_'" in shown("planners")
    assert {name for name in declared if not name.startswith("plan_")} == set(
        re.findall(r"'(\w+)'", shown("planners").split(" in (", 1)[1])
    )


def test_every_poison_queue_is_watched() -> None:
    poison = {name for name in functions() if name.endswith("_poison")}

    assert len(poison) >= 4
    [watching] = [str(rule["query"]) for rule in rules() if rule["name"] == "poison-queue"]
    assert "endswith '_poison'" in watching


def test_nothing_that_alerts_read_is_left_out_by_sampling() -> None:
    host = json.loads((ROOT / "host.json").read_text("utf-8"))
    sampling = host["logging"]["applicationInsights"]["samplingSettings"]
    tables = {table for query in queries() for table in re.findall(r"\bApp(\w+?)s\b", query)}

    assert tables == {"Request", "Trace"}
    assert tables <= set(sampling["excludedTypes"].split(";"))


@pytest.mark.parametrize(
    "rule", [r for r in rules() if r["isEvent"] and isinstance(r["query"], str)]
)
def test_an_event_is_told_once_even_when_its_line_arrives_late(rule: dict[str, Value]) -> None:
    minutes = {"15m": "PT15M", "1h": "PT1H"}
    [arrived] = re.findall(r"ingestion_time\(\) > ago\((\w+)\)", str(rule["query"]))

    assert minutes[arrived] == rule["every"]
    assert {"PT15M": "PT1H", "PT1H": "PT2H"}[str(rule["every"])] == rule["window"]
