"""Who may do what: roles as needed and no more, no keys, no secrets, everything locked and watched."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tree_sitter import Node

from infra.check.source import (
    Declaration,
    Finding,
    Template,
    Value,
    literal,
    property_of,
    resolved,
    templates,
    text,
    walk,
)

ROLES = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Delegator": "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
}
_DATA = (
    "Storage Blob Data Contributor",
    "Storage Blob Delegator",
    "Storage Queue Data Contributor",
    "Storage Table Data Contributor",
)
# By template and scope; nobody else gets anything.
GRANTED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "modules/roles.bicep": {
        "hostStorage": ("Storage Blob Data Owner", "Storage Table Data Contributor"),
        "dataStorage": _DATA,
        "vault": ("Key Vault Secrets User",),
        "insights": ("Monitoring Metrics Publisher",),
    },
    "modules/people.bicep": {
        "dataStorage": _DATA,
        "vault": ("Key Vault Secrets Officer", "Key Vault Secrets User"),
        "typesetter": ("Storage Blob Data Contributor",),
    },
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
# What says in the log who did what to it, or how it fares.
WATCHED = (
    "Microsoft.Storage/storageAccounts/blobServices",
    "Microsoft.KeyVault/vaults",
    "Microsoft.Web/sites",
)
_KEYS = re.compile(r"\blist[A-Z]\w*(?=\()|\bgetSecret(?=\()|AccountKey|SharedAccessSignature")
# Certificates, signed addresses, and what ends as a key in base64 does.
_SECRET = re.compile(r"""-----BEGIN|AccountKey|[?&]sig=|['":][A-Za-z0-9+/_-]{40,}={0,2}['"]""")


def check_access(folder: Path) -> Iterator[Finding]:
    for template in templates(folder):
        yield from _roles(template)
        yield from _locked(template)
        yield from _watched(template)
        yield from _lines(template.path, template.name, rule="LOCKED", pattern=_KEYS)
    for path in sorted([*folder.glob("*.bicepparam"), folder / "main.parameters.json"]):
        yield from _lines(path, path.name, rule="SECRET", pattern=_SECRET)


def _roles(template: Template) -> Iterator[Finding]:
    names = {value: name for name, value in ROLES.items()}
    wanted = GRANTED.get(template.name, {})
    granted: dict[str, set[str]] = {scope: set() for scope in wanted}
    lines: dict[str, Node] = {}
    for each in template.resources("Microsoft.Authorization/roleAssignments"):
        scope = property_of(each.value, "scope")
        where = text(scope) if scope else "everything"
        lines[where] = each.node
        for role in _granted_by(template, each):
            name = names.get(role, role)
            granted.setdefault(where, set()).add(name)
            if name not in wanted.get(where, ()):
                yield template.finding(each.node, "ROLE", f"{name} on {where} is more than needed")
    for where, needed in wanted.items():
        for name in sorted(set(needed) - granted[where]):
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
    array = resolved(template, role)
    items = array.named_children if array and array.type == "array" else [role]
    return [str(template.value(item) or text(item)) for item in items]


def _locked(template: Template) -> Iterator[Finding]:
    for type_, path, wanted in LOCKED:
        for each in template.resources(type_):
            node = property_of(each.value, *path)
            if node is None or literal(node) != wanted:
                words = f"{each.name}.{'.'.join(path)} must be {wanted}"
                yield template.finding(node or each.node, "LOCKED", words)


def _watched(template: Template) -> Iterator[Finding]:
    settings = [each.value for each in template.resources("Microsoft.Insights/diagnosticSettings")]
    watched = {
        text(scope)
        for body in settings
        if (scope := property_of(body, "scope")) and property_of(body, "properties", "workspaceId")
    }
    for type_ in WATCHED:
        for each in template.resources(type_):
            if each.name not in watched:
                yield template.finding(each.node, "WATCHED", f"{each.name} is in no log")


def _lines(path: Path, name: str, *, rule: str, pattern: re.Pattern[str]) -> Iterator[Finding]:
    """Without what was found: it may be a secret."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if pattern.search(line):
            yield Finding(name, number, rule, "no keys and no secrets, only identities")
