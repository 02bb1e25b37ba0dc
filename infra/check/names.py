"""Every name means something: symbols, functions, parameters and outputs of modules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from infra.check.kinds import Typed
from infra.check.source import (
    Declaration,
    Finding,
    Template,
    decorator,
    properties,
    property_of,
    text,
    walk,
)

_FUNCTIONS = {
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
_OF_RESOURCE = ("id", "name", "type", "apiVersion")
_LITERALS = {
    "string": "string",
    "number": "integer",
    "boolean": "boolean",
    "object": "object",
    "array": "array",
    "for_statement": "array",
    "null": "null",
}


@dataclass(frozen=True)
class Names:
    template: Template
    types: Mapping[str, Typed]

    def kind(self, node: Node) -> str | None:
        """Of an expression; None where it is not known before the deployment."""
        if node.type in _LITERALS:
            return _LITERALS[node.type]
        if node.type == "call_expression":
            return _FUNCTIONS.get(text(node.named_children[0]))
        if node.type == "ternary_expression":
            kinds = {self.kind(each) for each in node.named_children[1:]} - {"null"}
            return kinds.pop() if len(kinds) == 1 else None
        if node.type == "identifier":
            return self._kind_of_name(node)
        if node.type == "member_expression":
            return self._kind_of_member(node)
        return None

    def _kind_of_name(self, node: Node) -> str | None:
        name = text(node)
        declared = self.template.by_name.get(name)
        if declared is None or name in _locals(node):
            return None
        if declared.sort == "parameter":
            return declared_kind(declared.of)
        if declared.sort == "variable" and declared.value is not None:
            return self.kind(declared.value)
        return "array" if declared.is_loop else "object"

    def _kind_of_member(self, node: Node) -> str | None:
        path, root = _path(node)
        declared = self.template.by_name.get(root)
        if declared is None or root in _locals(node) or declared.is_loop:
            return None
        if declared.sort == "module":
            target = self.modules.get(declared.name)
            outputs = {each.name: each.of for each in target.all("output")} if target else {}
            return declared_kind(outputs.get(path[-1], "")) if path[0] == "outputs" else None
        if declared.sort == "resource":
            return "string" if path[0] in _OF_RESOURCE else None
        return None

    @cached_property
    def modules(self) -> Mapping[str, Template]:
        """By symbol; a file that does not exist is left out."""
        folder = self.template.path.parent
        files = {each.name: folder / each.of for each in self.template.all("module")}
        return {
            name: Template(path, self.template.folder)
            for name, path in files.items()
            if path.is_file()
        }

    def check(self) -> Iterator[Finding]:
        yield from self.syntax()
        yield from self._twice()
        yield from self._symbols()
        yield from self._unused()
        yield from self._members()
        yield from self._modules()
        yield from self._outputs()

    def syntax(self) -> Iterator[Finding]:
        for node in walk(self.template.root):
            if node.type == "ERROR" or node.is_missing:
                yield self.template.finding(node, "SYNTAX", f"{text(node)[:40]!r} is not Bicep")

    def _twice(self) -> Iterator[Finding]:
        for sort in (("output",), ("parameter", "variable", "resource", "module")):
            names: set[str] = set()
            for each in self.template.declarations:
                if each.sort in sort and each.name in names:
                    yield self.template.finding(each.node, "BCP028", f"{each.name} is there twice")
                names |= {each.name} if each.sort in sort else set()

    def _symbols(self) -> Iterator[Finding]:
        for node in walk(self.template.root):
            if node.type == "call_expression" and not _is_decorator(node):
                function = node.named_children[0]
                if function.type == "identifier" and text(function) not in _FUNCTIONS:
                    yield self.template.finding(node, "BCP082", f"no function {text(function)}")
                yield from self._loaded(node)
            if not _is_use(node):
                continue
            if text(node) not in self.template.by_name and text(node) not in _locals(node):
                yield self.template.finding(node, "BCP057", f"{text(node)} is declared nowhere")

    def _loaded(self, call: Node) -> Iterator[Finding]:
        name, arguments = call.named_children[0], call.named_children[1]
        if text(name) in ("loadJsonContent", "loadTextContent"):
            file = text(arguments.named_children[0]).strip("'")
            if not (self.template.path.parent / file).is_file():
                yield self.template.finding(call, "BCP091", f"no file {file}")

    def _unused(self) -> Iterator[Finding]:
        used = {text(node) for node in walk(self.template.root) if _is_use(node)}
        for each in self.template.declarations:
            if each.sort in ("parameter", "variable") and each.name not in used:
                words = f"{each.sort} {each.name} is used nowhere"
                yield self.template.finding(each.node, "UNUSED", words)

    def _members(self) -> Iterator[Finding]:
        for node in walk(self.template.root):
            is_inner = node.parent is not None and node.parent.type == "member_expression"
            if node.type != "member_expression" or is_inner:
                continue
            path, root = _path(node)
            declared = self.template.by_name.get(root)
            if declared is None or root in _locals(node) or not path:
                continue
            if declared.sort == "module":
                yield from self._output(node, declared, path)
            elif declared.sort == "resource" and not _OF_RESOURCE.count(path[0]):
                yield from self._property(node, declared, path)

    def _output(self, node: Node, module: Declaration, path: list[str]) -> Iterator[Finding]:
        target = self.modules.get(module.name)
        outputs = {each.name for each in target.all("output")} if target else set[str]()
        if target and (path[0] != "outputs" or (len(path) > 1 and path[1] not in outputs)):
            words = f"module {module.of} has no {'.'.join(path)}"
            yield self.template.finding(node, "BCP053", words)

    def _property(self, node: Node, resource: Declaration, path: list[str]) -> Iterator[Finding]:
        typed = self.types.get(resource.of.lower())
        try:
            for name in path:
                typed = typed.member(name) if typed else None
        except KeyError as missing:
            words = f"{resource.of} has no {'.'.join(path)} ({missing.args[0]})"
            yield self.template.finding(node, "BCP053", words)

    def _modules(self) -> Iterator[Finding]:
        for module in self.template.all("module"):
            target = self.modules.get(module.name)
            if target is None:
                yield self.template.finding(module.node, "BCP091", f"no file {module.of}")
                continue
            given = property_of(module.value, "params")
            passed = dict(properties(given)) if given else {}
            yield from self.passed(module.node, target, passed, module.of)

    def passed(
        self, node: Node, target: Template, given: Mapping[str, Node], label: str
    ) -> Iterator[Finding]:
        """Whether these are the parameters that the template asks for."""
        wanted = {each.name: each for each in target.all("parameter")}
        for name, value in given.items():
            if name not in wanted:
                yield self.template.finding(value, "BCP037", f"{label} has no parameter {name}")
                continue
            expected, is_given = declared_kind(wanted[name].of), self.kind(value)
            if expected and is_given not in (None, "null", expected):
                words = f"{label}.{name}: {is_given} given, {expected} expected"
                yield self.template.finding(value, "BCP036", words)
            allowed = target.value(decorator(wanted[name], "allowed"))
            said = self.template.value(value)
            if isinstance(allowed, list) and said is not None and said not in allowed:
                words = f"{label}.{name}: {text(value)} is not allowed"
                yield self.template.finding(value, "BCP036", words)
        for name, parameter in wanted.items():
            if name not in given and parameter.value is None and not parameter.of.endswith("?"):
                yield self.template.finding(node, "BCP035", f"{label}.{name} is missing")

    def _outputs(self) -> Iterator[Finding]:
        for each in (*self.template.all("output"), *self.template.all("parameter")):
            expected = declared_kind(each.of)
            given = self.kind(each.value) if each.value else None
            if each.value and expected and given not in (None, "null", expected):
                words = f"{each.name}: {given} given, {expected} expected"
                yield self.template.finding(each.value, "BCP033", words)


def declared_kind(type_: str) -> str | None:
    bare = type_.removesuffix("?")
    return "array" if bare.endswith("[]") or bare == "array" else _DECLARED.get(bare)


def _path(node: Node) -> tuple[list[str], str]:
    """`a!.b[0].c` is ([b, c], a); the root is empty where it is no name."""
    path: list[str] = []
    while node.type in ("member_expression", "subscript_expression"):
        if node.type == "member_expression":
            path.insert(0, text(node.named_children[-1]))
        node = node.named_children[0]
    return path, text(node) if node.type == "identifier" else ""


def _is_decorator(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "decorator"


def _is_use(node: Node) -> bool:
    """An identifier that stands for a value."""
    parent = node.parent
    if node.type != "identifier" or parent is None:
        return False
    first = parent.named_children[0] == node
    if parent.type.endswith("_declaration") or parent.type in ("object_property", "for_statement"):
        return not first
    if parent.type in ("call_expression", "lambda_expression", "target_scope_assignment"):
        return not first
    return not any(each.type == "type" for each in _above(node))


def _above(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _locals(node: Node) -> set[str]:
    """Names that loops and lambdas around an expression give."""
    names: set[str] = set()
    for above in _above(node):
        if above.type in ("for_statement", "lambda_expression"):
            first = above.named_children[0]
            inner = first.named_children or [first]
            names |= {text(each) for each in inner}
    return names
