"""What Azure refuses though every type is right: words, names, ranges of Flex Consumption, Monitor and networks."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tree_sitter import Node

from infra.check.expressions import above, path_of
from infra.check.source import (
    Declaration,
    Finding,
    Template,
    literal,
    properties,
    property_of,
    templates,
    text,
)

_FLEX = ("properties", "functionAppConfig")
_CRITERIA = ("properties", "criteria", "allOf")
_SUBNETS = ("properties", "subnets", "properties")
_FREQUENCY = r"PT(1|5|10|15|30|45)M|PT[1-6]H|P1D"
# Each must be there, and say one of these words wherever the template itself says what.
SAID: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Microsoft.Web/serverfarms", ("sku", "name"), "FC1"),
    ("Microsoft.Web/serverfarms", ("sku", "tier"), "FlexConsumption"),
    ("Microsoft.Web/serverfarms", ("properties", "reserved"), "True"),
    ("Microsoft.Web/sites", ("kind",), "functionapp,linux"),
    ("Microsoft.Web/sites", ("identity", "type"), "UserAssigned"),
    ("Microsoft.Web/sites", ("properties", "keyVaultReferenceIdentity"), r"(?!SystemAssigned).+"),
    ("Microsoft.Web/sites", (*_FLEX, "deployment", "storage", "type"), "blobContainer"),
    (
        "Microsoft.Web/sites",
        (*_FLEX, "deployment", "storage", "authentication", "type"),
        "UserAssignedIdentity",
    ),
    (
        "Microsoft.Web/sites",
        (*_FLEX, "scaleAndConcurrency", "alwaysReady", "name"),
        r"http|durable|blob|function:\w+",
    ),
    ("Microsoft.KeyVault/vaults", ("properties", "publicNetworkAccess"), "Enabled"),
    ("Microsoft.Storage/storageAccounts", ("kind",), "StorageV2"),
    ("Microsoft.Insights/actionGroups", ("location",), "global"),
    ("Microsoft.Insights/actionGroups", ("properties", "groupShortName"), ".{1,12}"),
    ("Microsoft.Insights/metricAlerts", ("location",), "global"),
    (
        "Microsoft.Insights/metricAlerts",
        (*_CRITERIA, "metricNamespace"),
        "Microsoft.Storage/storageAccounts",
    ),
    ("Microsoft.Insights/metricAlerts", (*_CRITERIA, "metricName"), "Transactions"),
    ("Microsoft.Insights/metricAlerts", (*_CRITERIA, "dimensions", "name"), "ResponseType"),
    (
        "Microsoft.Insights/metricAlerts",
        (*_CRITERIA, "dimensions", "values"),
        r"ServerBusyError|Client(Account(Bandwidth|Request))?ThrottlingError",
    ),
    ("Microsoft.Insights/metricAlerts", ("properties", "evaluationFrequency"), _FREQUENCY),
    ("Microsoft.Insights/metricAlerts", ("properties", "windowSize"), _FREQUENCY),
    ("Microsoft.Insights/scheduledQueryRules", ("properties", "evaluationFrequency"), _FREQUENCY),
    ("Microsoft.Insights/scheduledQueryRules", ("properties", "windowSize"), f"{_FREQUENCY}|P2D"),
    ("Microsoft.Insights/workbooks", ("kind",), "shared"),
    ("Microsoft.Authorization/roleAssignments", ("properties", "principalType"), "ServicePrincipal|Group"),
    ("Microsoft.Consumption/budgets", ("properties", "category"), "Cost"),
    ("Microsoft.Consumption/budgets", ("properties", "timeGrain"), "Monthly|Quarterly|Annually"),
    ("Microsoft.Consumption/budgets", ("properties", "notifications", "*", "thresholdType"), "Actual|Forecasted"),
    (
        "Microsoft.Consumption/budgets",
        ("properties", "notifications", "*", "operator"),
        "GreaterThan|GreaterThanOrEqualTo|EqualTo",
    ),
    (
        "Microsoft.Network/virtualNetworks",
        (*_SUBNETS, "delegations", "properties", "serviceName"),
        "Microsoft.App/environments",
    ),
    (
        "Microsoft.Network/privateEndpoints",
        ("properties", "privateLinkServiceConnections", "properties", "groupIds"),
        "blob|queue|table",
    ),
    ("Microsoft.Network/privateDnsZones", ("location",), "global"),
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", ("location",), "global"),
    (
        "Microsoft.Network/privateDnsZones",
        ("name",),
        r"privatelink\.(blob|queue|table|_)\.(_|core\.windows\.net)",
    ),
)  # fmt: skip
# Of a Flex Consumption app; functionAppConfig says it, or nothing does.
FORBIDDEN = (
    "alwaysOn",
    "functionAppScaleLimit",
    "healthCheckPath",
    "linuxFxVersion",
    "minimumElasticInstanceCount",
    "numberOfWorkers",
    "preWarmedInstanceCount",
    "pythonVersion",
    "use32BitWorkerProcess",
    "windowsFxVersion",
)
# What uniqueString gives.
_TOKEN = "a" * 13
NAMES = {
    "Microsoft.KeyVault/vaults": r"[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]",
    "Microsoft.Web/sites": r"[a-zA-Z0-9][a-zA-Z0-9-]{0,58}[a-zA-Z0-9]",
    "Microsoft.OperationalInsights/workspaces": r"[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]",
}
# What can be logged of each.
CATEGORIES: Mapping[str, str] = {
    "Microsoft.Storage/storageAccounts/blobServices": "Storage(Read|Write|Delete)",
    "Microsoft.KeyVault/vaults": "audit|allLogs|AuditEvent",
    "Microsoft.Web/sites": "AllMetrics",
}
# Words of Kusto begin small; tables and columns do not.
COLUMNS = (
    *("AppTraces", "AppRequests", "AppExceptions", "_LogOperation"),
    *("TimeGenerated", "Message", "SeverityLevel", "OperationName", "Success", "DurationMs"),
    *("Category", "Detail"),
)


def check_platform(folder: Path) -> Iterator[Finding]:
    for template in templates(folder):
        yield from _words(template)
        yield from _forbidden(template)
        yield from _names(template)
        yield from _categories(template)
        yield from _queries(template)
    yield from _order(Template(folder / "main.bicep", folder))
    yield from _shown(folder / "workbook.json")


def _words(template: Template) -> Iterator[Finding]:
    for type_, path, pattern in SAID:
        for each in template.resources(type_):
            found = list(said(template, each.value, path))
            where = f"{each.name}.{'.'.join(path)}"
            if not found:
                yield template.finding(each.node, "PLATFORM", f"{where} is missing")
            for node in found:
                value = spelled(node) if path == ("name",) else literal(node)
                if value is not None and not re.fullmatch(pattern, str(value)):
                    yield template.finding(
                        node, "PLATFORM", f"{where}: {text(node)} is not {pattern}"
                    )


def _forbidden(template: Template) -> Iterator[Finding]:
    for each in template.resources("Microsoft.Web/sites"):
        config = property_of(each.value, "properties", "siteConfig")
        for name, node in properties(config) if config else ():
            if name in FORBIDDEN:
                yield template.finding(
                    node, "PLATFORM", f"siteConfig.{name}: not on Flex Consumption"
                )


def _names(template: Template) -> Iterator[Finding]:
    for type_, pattern in NAMES.items():
        for each in template.resources(type_):
            node = property_of(each.value, "name")
            yield from _name(template, node, pattern)
    for module in template.all("module"):
        if module.of.endswith("storage.bicep"):
            yield from _name(
                template, property_of(module.value, "params", "name"), "[a-z0-9]{3,24}"
            )


def _name(template: Template, node: Node | None, pattern: str) -> Iterator[Finding]:
    name = spelled(node) if node else None
    if node and name is not None and "_" not in name and not re.fullmatch(pattern, name):
        yield template.finding(
            node, "PLATFORM", f"a name of {len(name)} like {name} is not {pattern}"
        )


def _categories(template: Template) -> Iterator[Finding]:
    for each in template.resources("Microsoft.Insights/diagnosticSettings"):
        scope = property_of(each.value, "scope")
        watched = template.by_name.get(text(scope)) if scope else None
        pattern = CATEGORIES.get(watched.of.split("@")[0], "") if watched else ""
        for path in (("logs", "category"), ("logs", "categoryGroup"), ("metrics", "category")):
            for node in said(template, each.value, ("properties", *path)):
                if not re.fullmatch(pattern, str(literal(node))):
                    words = f"{text(node)}: not among what is logged of {each.name}"
                    yield template.finding(node, "PLATFORM", words)


def _queries(template: Template) -> Iterator[Finding]:
    for each in template.resources("Microsoft.Insights/scheduledQueryRules"):
        for node in said(template, each.value, (*_CRITERIA, "query")):
            for number, line in enumerate(text(node).splitlines()):
                for word in unknown_columns(line):
                    place = node.start_point[0] + 1 + number
                    yield Finding(template.name, place, "PLATFORM", f"the log has no {word}")


def _shown(workbook: Path) -> Iterator[Finding]:
    for number, line in enumerate(workbook.read_text("utf-8").splitlines(), 1):
        for query in re.findall(r'"query": "(.*)"', line):
            for word in unknown_columns(query.replace("\\n", "\n")):
                yield Finding(workbook.name, number, "PLATFORM", f"the log has no {word}")


def unknown_columns(query: str) -> list[str]:
    """Tables and columns that the log does not have."""
    bare = re.sub(r"'''|'[^'\n]*'", "", query)
    return [
        word for word in re.findall(r"(?<![\w.])(?:[A-Z]|_[A-Z])\w*", bare) if word not in COLUMNS
    ]


def _order(main: Template) -> Iterator[Finding]:
    """Whoever starts with an identity starts after its roles."""
    by_file: dict[str, Declaration] = {Path(each.of).name: each for each in main.all("module")}
    app, roles = by_file.get("app.bicep"), by_file.get("roles.bicep")
    if app and roles:
        after = property_of(app.value, "dependsOn")
        if after is None or roles.name not in map(text, after.named_children):
            yield main.finding(app.node, "PLATFORM", f"{app.name} must depend on {roles.name}")


def said(template: Template, node: Node | None, path: tuple[str, ...]) -> Iterator[Node]:
    """What stands at the end of a path, through lists, loops, choices and variables."""
    if node is None or node.type == "null":
        return
    if node.type == "object" and path:
        given = dict(properties(node))
        inner = list(given.values()) if path[0] == "*" else [given.get(path[0])]
        path = path[1:]
    elif node.type == "array":
        inner = list(node.named_children)
    elif node.type == "for_statement":
        inner = [node.named_children[-1]]
    elif node.type == "ternary_expression":
        inner = list(node.named_children[1:])
    elif (meant := _meant(template, node)) is not None:
        inner = meant
    else:
        if not path:
            yield node
        return
    for each in inner:
        yield from said(template, each, path)


def _meant(template: Template, node: Node) -> list[Node | None] | None:
    """What a variable, or the variable of a loop, stands for; None where only Azure knows."""
    path, root = path_of(node)
    for outer in above(node):
        if root and outer.type == "for_statement" and root == text(outer.named_children[0]):
            items = list(said(template, outer.named_children[1], ()))
            return [property_of(item, *path) if path else item for item in items]
    declared = template.by_name.get(root)
    if path or declared is None or declared.sort != "variable":
        return None
    return [declared.value]


def spelled(node: Node) -> str | None:
    """A name with 13 letters for what uniqueString gives, and _ for what is not known here."""
    if node.type != "string":
        return None
    return "".join(map(_part, node.named_children))


def _part(node: Node) -> str:
    if node.type != "interpolation":
        return text(node)
    return _TOKEN if text(node) == "${token}" else "_"
