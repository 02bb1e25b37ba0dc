"""Templates and code say the same: settings, storage, Python, timers, permissions."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from infra.check.source import (
    Finding,
    Template,
    line_of,
    literal,
    properties,
    property_of,
    read_json,
    resolved,
)
from shared_code.core.errors import ConfigurationError
from shared_code.reports import registry
from shared_code.settings import read_settings
from shared_code.storage.accounts import CONTAINERS, QUEUES, TABLES

ROOT = Path(__file__).parents[2]

# Read by the code, and never set in Azure: both are for the local stage.
_LOCAL = {"REPORTS_STORAGE", "GRAPH_SANDBOX_SECRET"}
# Read by the host, not by the code.
_HOST = {
    "AzureWebJobsStorage__blobServiceUri",
    "AzureWebJobsStorage__tableServiceUri",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__clientId",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    # Else whoever has no token may send 100 MB, which pass through the worker's memory.
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT",
    # Else a page of Microsoft's stands at the root of the address that customers know.
    "AzureWebJobsDisableHomepage",
}
# What the host asks of a connection that has no key.
_CONNECTION = ("queueServiceUri", "credential", "clientId")

# A timer that has not run well is silent after its interval and two hours more.
_GRACE = 2


def check_agreement(folder: Path, functions: Path) -> Iterator[Finding]:
    main, app, alerts = (
        Template(folder / name, folder)
        for name in ("main.bicep", "modules/app.bicep", "alerts.bicep")
    )
    code = source_of(functions)
    yield from _settings(app, code)
    yield from _python(app)
    yield from _storage(main, code)
    yield from _timers(alerts, code)
    yield from _permissions(folder / "permissions.json")


def source_of(functions: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(functions.glob("*.py")))


def settings_read() -> set[str]:
    """Names the code asks for, whichever way it is configured."""
    asked: set[str] = set()
    for given in ({}, {"REPORTS_STORAGE__blobServiceUri": "https://x.example"}):
        with suppress(ConfigurationError):
            read_settings(_Recorder(given, asked))
    return asked


class _Recorder(Mapping[str, str]):
    """Remembers whatever it is asked for."""

    def __init__(self, given: Mapping[str, str], asked: set[str]) -> None:
        self._given = given
        self._asked = asked

    def __getitem__(self, name: str) -> str:
        self._asked.add(name)
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def _settings(app: Template, code: str) -> Iterator[Finding]:
    declared = app.by_name.get("settings")
    if declared is None or declared.value is None:
        yield Finding(app.name, 1, "SETTING", "there is no variable `settings`")
        return
    given = dict(properties(declared.value))
    connections = set(re.findall(r'connection="(\w+)"', code))
    connected = {f"{name}__{part}" for name in connections for part in _CONNECTION}
    placeholders = set(re.findall(r'"%(\w+)%"', code))
    wanted = (settings_read() - _LOCAL) | connected | placeholders
    for name in sorted((wanted | _HOST) - set(given)):
        yield app.finding(declared.node, "SETTING", f"{name} is read, but not set")
    for name in sorted(set(given) - wanted - _HOST):
        yield app.finding(given[name], "SETTING", f"{name} is set, but read nowhere")


def _python(app: Template) -> Iterator[Finding]:
    wanted = (ROOT / ".python-version").read_text("utf-8").strip()
    for site in app.resources("Microsoft.Web/sites"):
        node = property_of(site.value, "properties", "functionAppConfig", "runtime", "version")
        if node is None or literal(node) != wanted:
            yield app.finding(node or site.node, "PYTHON", f".python-version says {wanted}")


def _storage(main: Template, code: str) -> Iterator[Finding]:
    module = main.by_name.get("dataStorage")
    triggered = set(re.findall(r'queue_name="([\w-]+)"', code))
    declared = {
        "containers": set(CONTAINERS),
        "tables": set(TABLES),
        "queues": set(QUEUES) | triggered,
    }
    for sort, wanted in declared.items():
        node = property_of(module.value, "params", sort) if module else None
        array = resolved(main, node)
        if node is None or array is None:
            yield Finding(main.name, 1, "STORAGE", f"dataStorage gets no {sort}")
            continue
        given = {str(literal(item)): item for item in array.named_children}
        for name in sorted(wanted - set(given)):
            words = f"{sort}: the code uses {name}, which is not there"
            yield main.finding(array, "STORAGE", words)
        for name in sorted(set(given) - wanted):
            yield main.finding(given[name], "STORAGE", f"{sort}: no code uses {name}")


def timers(code: str) -> dict[str, str]:
    """Schedules by function name; planners of reports come by themselves and are not among them."""
    named = r'function_name\("(\w+)"\)\n@blueprint\.timer_trigger\([^)]*schedule="([^"]+)"'
    return dict(re.findall(named, code))


def _timers(alerts: Template, code: str) -> Iterator[Finding]:
    declared = alerts.by_name.get("timers")
    if declared is None or declared.value is None:
        yield Finding(alerts.name, 1, "ALERT", "there is no variable `timers`")
        return
    given = dict(properties(declared.value))
    wanted = timers(code)
    for name in sorted(set(wanted) - set(given)):
        yield alerts.finding(declared.node, "ALERT", f"nobody is told when {name} is silent")
    for name, node in sorted(given.items()):
        if name not in wanted:
            yield alerts.finding(node, "ALERT", f"there is no timer {name}")
        elif literal(node) != (hours := _interval(wanted[name]) + _GRACE):
            yield alerts.finding(node, "ALERT", f"{name} runs at {wanted[name]}: {hours} hours")


def _interval(schedule: str) -> int:
    """Whole hours between two runs of such schedules as ours."""
    match schedule.split():
        case [_, minute, "*", "*", "*", "*"]:
            return 0 if "/" in minute else 1
        case [_, _, _, "*", "*", "*"]:
            return 24
        case _:
            return 7 * 24


def _permissions(manifest: Path) -> Iterator[Finding]:
    """Customers are asked for what the manifest holds: all that reports need, and nothing else."""
    content = read_json(manifest)
    given = content.get("permissions") if isinstance(content, dict) else None
    names = {str(name) for name in given} if isinstance(given, list) else set[str]()
    wanted = {name for report in registry().values() for name in report.permissions}
    for name in sorted(wanted - names):
        line = line_of(manifest, '"permissions"')
        yield Finding(manifest.name, line, "PERMISSION", f"{name} is needed, but not asked for")
    for name in sorted(names - wanted):
        line = line_of(manifest, f'"{name}"')
        yield Finding(manifest.name, line, "PERMISSION", f"{name} is asked for, but not needed")
