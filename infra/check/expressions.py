"""Which kind of value an expression gives, as far as the templates alone say it."""

from collections.abc import Iterator

from tree_sitter import Node

from infra.check.source import Template, text

FUNCTIONS = {
    "any": None,
    "array": "array",
    "base64": "string",
    "bool": "boolean",
    "cidrSubnet": "string",
    "concat": None,
    "contains": "boolean",
    "empty": "boolean",
    "endsWith": "boolean",
    "environment": "object",
    "filter": "array",
    "first": None,
    "flatten": "array",
    "format": "string",
    "guid": "string",
    "indexOf": "integer",
    "int": "integer",
    "items": "array",
    "join": "string",
    "last": None,
    "length": "integer",
    "loadJsonContent": None,
    "loadTextContent": "string",
    "map": "array",
    "max": "integer",
    "min": "integer",
    "objectKeys": "array",
    "range": "array",
    "readEnvironmentVariable": "string",
    "replace": "string",
    "resourceGroup": "object",
    "resourceId": "string",
    "split": "array",
    "startsWith": "boolean",
    "string": "string",
    "subscription": "object",
    "subscriptionResourceId": "string",
    "substring": "string",
    "take": None,
    "tenant": "object",
    "toLower": "string",
    "toObject": "object",
    "toUpper": "string",
    "trim": "string",
    "union": None,
    "uniqueString": "string",
    "utcNow": "string",
}
_DECLARED = {"string": "string", "int": "integer", "bool": "boolean", "object": "object"}
OF_RESOURCE = ("id", "name", "type", "apiVersion")
_LITERALS = {
    "string": "string",
    "number": "integer",
    "boolean": "boolean",
    "object": "object",
    "array": "array",
    "for_statement": "array",
    "null": "null",
}


def kind_of(template: Template, node: Node) -> str | None:
    """None where it is not known before the deployment."""
    if node.type in _LITERALS:
        return _LITERALS[node.type]
    if node.type == "call_expression":
        return FUNCTIONS.get(text(node.named_children[0]))
    if node.type == "ternary_expression":
        kinds = {kind_of(template, each) for each in node.named_children[1:]} - {"null"}
        return kinds.pop() if len(kinds) == 1 else None
    if node.type == "identifier":
        return _kind_of_name(template, node)
    if node.type == "member_expression":
        return _kind_of_member(template, node)
    return None


def _kind_of_name(template: Template, node: Node) -> str | None:
    name = text(node)
    declared = template.by_name.get(name)
    if declared is None or name in locals_of(node):
        return None
    if declared.sort == "parameter":
        return declared_kind(declared.of)
    if declared.sort == "variable" and declared.value is not None:
        return kind_of(template, declared.value)
    return "array" if declared.is_loop else "object"


def _kind_of_member(template: Template, node: Node) -> str | None:
    path, root = path_of(node)
    declared = template.by_name.get(root)
    if declared is None or root in locals_of(node) or declared.is_loop:
        return None
    if declared.sort == "module":
        target = template.modules.get(declared.name)
        outputs = {each.name: each.of for each in target.all("output")} if target else {}
        return declared_kind(outputs.get(path[-1], "")) if path[0] == "outputs" else None
    if declared.sort == "resource":
        return "string" if path[0] in OF_RESOURCE else None
    return None


def declared_kind(type_: str) -> str | None:
    bare = type_.removesuffix("?")
    return "array" if bare.endswith("[]") or bare == "array" else _DECLARED.get(bare)


def path_of(node: Node) -> tuple[list[str], str]:
    """`a!.b[0].c` is ([b, c], a); the root is empty where it is no name."""
    path: list[str] = []
    while node.type in ("member_expression", "subscript_expression"):
        if node.type == "member_expression":
            path.insert(0, text(node.named_children[-1]))
        node = node.named_children[0]
    return path, text(node) if node.type == "identifier" else ""


def above(node: Node) -> Iterator[Node]:
    outer = node.parent
    while outer is not None:
        yield outer
        outer = outer.parent


def locals_of(node: Node) -> set[str]:
    """Names that loops and lambdas around an expression give."""
    names: set[str] = set()
    for outer in above(node):
        if outer.type in ("for_statement", "lambda_expression"):
            first = outer.named_children[0]
            inner = first.named_children or [first]
            names |= {text(each) for each in inner}
    return names
