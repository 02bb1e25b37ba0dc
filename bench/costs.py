"""What a tenant costs in a month: what the second week of all its reports uses, times list prices."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server
from urllib.parse import urlsplit

import msgspec

from bench.goals import Finding
from bench.job import Job
from bench.plan import Plan
from bench.process import measure
from bench.variants.costs import Week
from dev.azurite import Azurite
from shared_code.core.cost import GIGABYTE_SECOND, OPERATIONS

_SECTION = "costs"
_WEEKS = 52 / 12  # of a month
_KEPT_WEEKS = 104  # core/tenant.py, Retention.runs

# US dollars, list prices in a European region, zone-redundant, rounded, 2025; the others: core/cost.py.
# Azure's price calculator has those of the day and of one's own agreement.
_GB_MONTH = 0.023
_GB_LOGGED = 2.99

_INSTANCE_GB = 2  # infra/main.bicep, instanceMemory
_TOGETHER = 4  # host.json, batchSize: runs that share an instance while many are due
# What the sandbox and Azurite do not have: the way to Microsoft and back.
_GRAPH_SECONDS, _STORAGE_SECONDS = 0.3, 0.02
_LOGGED_BYTES = 1_000  # of a line, with what Application Insights adds


def findings(plan: Plan) -> list[Finding]:
    """Raises ChildFailed."""
    return [f for members in plan.members for f in _findings(members, _used(members))]


def _used(members: int) -> Week:
    with Azurite() as azurite, _sandbox(members) as graph:
        ports = {urlsplit(origin).port: name for name, origin in azurite.origins.items()}
        job = Job(variant="all", base_url=graph, storage=azurite.connection_string)
        week = msgspec.convert(measure("bench.variants.costs", job).result, Week)
    for use in week.uses:
        use.requests = {_named(key, ports): count for key, count in use.requests.items()}
    return week


def _named(key: str, ports: dict[int | None, str]) -> str:
    port, kind = key.split()
    service = ports.get(int(port))
    return f"{service} {kind}" if service else "graph"


@contextmanager
def _sandbox(members: int) -> Iterator[str]:
    """The sandbox's large tenant with so many members and a tenth of guests."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {"--port": port, "--members": members, "--guests": members // 10}
    words = [str(word) for option in options.items() for word in option]
    command = [sys.executable, "-u", "-m", "dev.sandbox", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101 - for the type checker
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def _findings(members: int, week: Week) -> list[Finding]:
    requests: Counter[str] = Counter()
    for use in week.uses:
        requests.update(use.requests)
    graph = requests.pop("graph")
    processor = sum(use.seconds for use in week.uses)
    instance = processor + graph * _GRAPH_SECONDS + requests.total() * _STORAGE_SECONDS
    filed = sum(use.filed for use in week.uses) / 1e9
    cents = {
        "instance, each run alone": 100 * _WEEKS * instance * _INSTANCE_GB * GIGABYTE_SECOND,
        "requests to storage": 100 * _WEEKS * _requested(requests),
        "files, once they are kept for 24 months": 100 * _KEPT_WEEKS * filed * _GB_MONTH,
        "logs": 100 * _WEEKS * week.lines * _LOGGED_BYTES / 1e9 * _GB_LOGGED,
    }
    cents["all of it"] = sum(cents.values())
    cents[f"instance, {_TOGETHER} runs at a time"] = cents["instance, each run alone"] / _TOGETHER
    used = {
        "processor time": (processor, "s"),
        "requests to Graph": (graph, ""),
        "requests to storage": (requests.total(), ""),
        "log lines": (week.lines, ""),
        "files": (filed * 1e3, "MB"),
    }
    return [
        *(_finding(f"{members:,} members, week, {w}", v, unit) for w, (v, unit) in used.items()),
        *(_finding(f"{members:,} members, month, {w}", v, "US cents") for w, v in cents.items()),
    ]


def _requested(requests: Counter[str]) -> float:
    return sum(OPERATIONS[kind] * count for kind, count in requests.items())


def _finding(what: str, value: float, unit: str) -> Finding:
    return Finding(section=_SECTION, what=what, values=(value,), unit=unit)
