"""Templates and code say the same: settings, storage, roles, Python; and nothing opens with a key."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from tree_sitter import Node

from infra.check.source import (
    Declaration,
    Finding,
    Template,
    Value,
    literal,
    properties,
    property_of,
    templates,
    text,
    walk,
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
}
# What the host asks of a connection that has no key.
_CONNECTION = ("queueServiceUri", "credential", "clientId")

ROLES = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Delegator": "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
}
_DATA = (
    "Storage Blob Data Contributor",
    "Storage Blob Delegator",
    "Storage Queue Data Contributor",
    "Storage Table Data Contributor",
)
GRANTED = {
    "hostStorage": ("Storage Blob Data Owner", "Storage Table Data Contributor"),
    "dataStorage": _DATA,
    "vault": ("Key Vault Secrets User",),
    "insights": ("Monitoring Metrics Publisher",),
}

LOCKED: tuple[tuple[str, tuple[str, ...], Value], ...] = (
    ("Microsoft.Storage/storageAccounts", ("properties", "allowSharedKeyAccess"), False),
    ("Microsoft.Storage/storageAccounts", ("properties", "allowBlobPublicAccess"), False),
    ("Microsoft.Storage/storageAccounts", ("properties", "minimumTlsVersion"), "TLS1_2"),
    ("Microsoft.Storage/storageAccounts", ("properties", "supportsHttpsTrafficOnly"), True),
    (
        "Microsoft.Storage/storageAccounts/blobServices",
        ("properties", "deleteRetentionPolicy", "enabled"),
        True,
    ),
    (
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        ("properties", "publicAccess"),
        "None",
    ),
    ("Microsoft.KeyVault/vaults", ("properties", "enableRbacAuthorization"), True),
    ("Microsoft.KeyVault/vaults", ("properties", "enableSoftDelete"), True),
    ("Microsoft.Insights/components", ("properties", "DisableLocalAuth"), True),
    ("Microsoft.Web/sites", ("properties", "httpsOnly"), True),
    ("Microsoft.Web/sites", ("properties", "siteConfig", "minTlsVersion"), "1.2"),
    (
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
        ("properties", "allow"),
        False,
    ),
)
_KEYS = re.compile(r"\b(listKeys|listAccountSas|listServiceSas|AccountKey|SharedAccessSignature)\b")


def check_agreement(folder: Path) -> Iterator[Finding]:
    main, app, roles, alerts = (
        Template(folder / name, folder)
        for name in ("main.bicep", "modules/app.bicep", "modules/roles.bicep", "alerts.bicep")
    )
    yield from _settings(app)
    yield from _python(app)
    yield from _storage(main)
    yield from _roles(roles)
    yield from _timers(alerts)
    for template in templates(folder):
        yield from _locked(template)


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


def _functions() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "functions").glob("*.py")))


def _settings(app: Template) -> Iterator[Finding]:
    declared = app.by_name.get("settings")
    if declared is None or declared.value is None:
        yield Finding(app.name, 1, "SETTING", "there is no variable `settings`")
        return
    given = dict(properties(declared.value))
    source = _functions()
    connections = set(re.findall(r'connection="(\w+)"', source))
    connected = {f"{name}__{part}" for name in connections for part in _CONNECTION}
    placeholders = set(re.findall(r'"%(\w+)%"', source))
    wanted = (settings_read() - _LOCAL) | connected | placeholders
    for name in sorted((wanted | _HOST) - set(given)):
        yield app.finding(declared.node, "SETTING", f"{name} is read, but not set")
    for name in sorted(set(given) - wanted - _HOST):
        yield app.finding(given[name], "SETTING", f"{name} is set, but read nowhere")


def _python(app: Template) -> Iterator[Finding]:
    wanted = (ROOT / ".python-version").read_text("utf-8").strip()
    for site in (each for each in app.all("resource") if _is(each, "Microsoft.Web/sites")):
        node = property_of(site.value, "properties", "functionAppConfig", "runtime", "version")
        if node is None or literal(node) != wanted:
            yield app.finding(node or site.node, "PYTHON", f".python-version says {wanted}")


def _storage(main: Template) -> Iterator[Finding]:
    module = main.by_name.get("dataStorage")
    triggered = set(re.findall(r'queue_name="([\w-]+)"', _functions()))
    declared = {
        "containers": set(CONTAINERS),
        "tables": set(TABLES),
        "queues": set(QUEUES) | triggered,
    }
    for sort, wanted in declared.items():
        node = property_of(module.value, "params", sort) if module else None
        array = _resolved(main, node)
        if node is None or array is None:
            yield Finding(main.name, 1, "STORAGE", f"dataStorage gets no {sort}")
            continue
        given = {str(literal(item)): item for item in array.named_children}
        for name in sorted(wanted - set(given)):
            words = f"{sort}: the code uses {name}, which is not there"
            yield main.finding(array, "STORAGE", words)
        for name in sorted(set(given) - wanted):
            yield main.finding(given[name], "STORAGE", f"{sort}: no code uses {name}")


def _resolved(template: Template, node: Node | None) -> Node | None:
    if node is not None and node.type == "identifier":
        declared = template.by_name.get(text(node))
        return declared.value if declared else None
    return node


def _roles(template: Template) -> Iterator[Finding]:
    names = {value: name for name, value in ROLES.items()}
    granted: dict[str, set[str]] = {scope: set() for scope in GRANTED}
    lines: dict[str, Node] = {}
    for each in template.all("resource"):
        if not _is(each, "Microsoft.Authorization/roleAssignments"):
            continue
        scope = property_of(each.value, "scope")
        where = text(scope) if scope else "everything"
        lines[where] = each.node
        for role in _granted_by(template, each):
            name = names.get(role, role)
            granted.setdefault(where, set()).add(name)
            if name not in GRANTED.get(where, ()):
                words = f"{name} on {where} is more than the service needs"
                yield template.finding(each.node, "ROLE", words)
    for where, wanted in GRANTED.items():
        for name in sorted(set(wanted) - granted[where]):
            node = lines.get(where, template.root)
            yield template.finding(node, "ROLE", f"{name} on {where} is missing")


def _granted_by(template: Template, assignment: Declaration) -> list[str]:
    """Ids; those of a loop all at once."""
    node = property_of(assignment.value, "properties", "roleDefinitionId")
    if node is None or node.type != "call_expression":
        return [text(node) if node else "no role"]
    role = node.named_children[-1].named_children[-1]
    loop = next((n for n in walk(assignment.node) if n.type == "for_statement"), None)
    if loop and text(loop.named_children[0]) == text(role):
        role = loop.named_children[1]
    array = _resolved(template, role)
    items = array.named_children if array and array.type == "array" else [role]
    return [str(template.value(item) or text(item)) for item in items]


def timers() -> set[str]:
    """Function names of all timers."""
    named = r'function_name\("(\w+)"\)\n@blueprint\.timer_trigger'
    planners = {f"plan_{name.replace('-', '_')}" for name in registry()}
    return planners | set(re.findall(named, _functions()))


def _timers(alerts: Template) -> Iterator[Finding]:
    """Planners of reports come by themselves; the others are named in the template."""
    declared = alerts.by_name.get("timers")
    if declared is None or declared.value is None:
        yield Finding(alerts.name, 1, "ALERT", "there is no variable `timers`")
        return
    given = dict(properties(declared.value))
    wanted = {
        name for name in timers() if name.removeprefix("plan_").replace("_", "-") not in registry()
    }
    for name in sorted(wanted - set(given)):
        yield alerts.finding(declared.node, "ALERT", f"nobody is told when {name} is silent")
    for name in sorted(set(given) - wanted):
        yield alerts.finding(given[name], "ALERT", f"there is no timer {name}")


def _locked(template: Template) -> Iterator[Finding]:
    for each in template.all("resource"):
        for type_, path, wanted in LOCKED:
            if each.is_existing or not _is(each, type_):
                continue
            node = property_of(each.value, *path)
            if node is None or literal(node) != wanted:
                words = f"{each.name}.{'.'.join(path)} must be {wanted}"
                yield template.finding(node or each.node, "LOCKED", words)
    for number, line in enumerate(template.path.read_text("utf-8").splitlines(), 1):
        if found := _KEYS.search(line):
            yield Finding(template.name, number, "LOCKED", f"{found[0]}: no keys, only identities")


def _is(declaration: Declaration, type_: str) -> bool:
    return declaration.of.split("@")[0].lower() == type_.lower()
