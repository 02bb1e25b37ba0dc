"""Rules of the host and of the house that can be read from the files."""

import ast
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dev.host.schedules import Schedule
from dev.host.settings import HostOptions
from functions import schedules
from tests.test_settings import GOOD

ROOT = Path(__file__).resolve().parents[2]
_LONGEST_BODY = 12


@pytest.mark.parametrize("position", range(0, 40, 3))
def test_every_report_type_is_planned_four_times_an_hour_however_many_there_are(
    position: int,
) -> None:
    schedule = Schedule(schedules._schedule(position))
    moments = [datetime(2026, 1, 5, 5, tzinfo=UTC)]
    for _ in range(6):
        moments.append(schedule.after(moments[-1]))

    assert {b - a for a, b in pairwise(moments[1:])} == {timedelta(minutes=15)}
    assert len(schedule.text.split()) == 6


def test_every_setting_that_is_read_is_documented() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    tree = ast.parse((ROOT / "shared_code/settings.py").read_text("utf-8"))
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    names = {t for t in texts if isinstance(t, str) and t.isupper() and "_" in t and " " not in t}

    assert len(names) > 10
    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_the_hosts_telemetry_leaves_out_addresses_because_a_link_is_a_secret() -> None:
    logging = json.loads((ROOT / "host.json").read_text())["logging"]
    collected = logging["applicationInsights"]["httpAutoCollectionOptions"]
    assert collected["enableHttpTriggerExtendedInfoCollection"] is False
    # The host's middleware writes each request's path at Information.
    assert logging["logLevel"]["Microsoft"] == "Warning"


def test_host_json_lets_a_run_end_before_the_host_ends_it() -> None:
    options = HostOptions.read(ROOT, {})

    assert options.route_prefix == ""
    assert options.function_timeout
    assert options.function_timeout.total_seconds() == 1800
    queues = options.queues
    assert queues.is_base64
    assert queues.max_dequeue_count == 5
    # In flight at once: bounded by what a small instance holds.
    assert queues.batch_size + queues.new_batch_threshold <= 6
    assert queues.visibility_timeout.total_seconds() == 60


@pytest.mark.parametrize("file", sorted((ROOT / "functions").glob("*.py")), ids=lambda f: f.name)
def test_triggers_decode_call_and_translate_in_about_ten_lines(file: Path) -> None:
    long = [
        function.name
        for function in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(function, ast.AsyncFunctionDef)
        and (function.end_lineno or 0) - function.body[0].lineno + 1 > _LONGEST_BODY
    ]

    assert long == []


def test_with_wrong_settings_no_function_is_indexed_so_no_message_is_taken() -> None:
    few = {name: value for name, value in GOOD.items() if name != "LINK_KEYS"}
    clean = {n: v for n, v in os.environ.items() if n not in GOOD and not n.startswith("GRAPH")}

    ended = subprocess.run(
        [sys.executable, "-c", "import function_app"],
        cwd=ROOT,
        env=clean | few,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith("ConfigurationError: LINK_KEYS is missing")
