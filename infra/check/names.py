"""Every name means something: symbols, functions, properties and outputs that are read."""

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from infra.check.bodies import Typed
from infra.check.expressions import (
    FUNCTIONS,
    OF_RESOURCE,
    above,
    declared_kind,
    kind_of,
    locals_of,
    path_of,
)
from infra.check.source import Declaration, Finding, Template, text, walk


def check_names(template: Template, types: Mapping[str, Typed]) -> Iterator[Finding]:
    yield from _twice(template)
    yield from _symbols(template)
    yield from _unused(template)
    yield from _members(template, types)
    yield from _outputs(template)
    yield from _nested(template)


def _twice(template: Template) -> Iterator[Finding]:
    for sort in (("output",), ("parameter", "variable", "resource", "module")):
        names: set[str] = set()
        for each in template.declarations:
            if each.sort in sort and each.name in names:
                yield template.finding(each.node, "BCP028", f"{each.name} is there twice")
            names |= {each.name} if each.sort in sort else set()


def _symbols(template: Template) -> Iterator[Finding]:
    for node in walk(template.root):
        if node.type == "call_expression" and not _is_decorator(node):
            function = node.named_children[0]
            if function.type == "identifier" and text(function) not in FUNCTIONS:
                yield template.finding(node, "BCP082", f"no function {text(function)}")
            yield from _loaded(template, node)
        if not _is_use(node):
            continue
        if text(node) not in template.by_name and text(node) not in locals_of(node):
            yield template.finding(node, "BCP057", f"{text(node)} is declared nowhere")


def _loaded(template: Template, call: Node) -> Iterator[Finding]:
    name, arguments = call.named_children[0], call.named_children[1]
    if text(name) in ("loadJsonContent", "loadTextContent"):
        file = text(arguments.named_children[0]).strip("'")
        if not (template.path.parent / file).is_file():
            yield template.finding(call, "BCP091", f"no file {file}")


def _unused(template: Template) -> Iterator[Finding]:
    used = {text(node) for node in walk(template.root) if _is_use(node)}
    for each in template.declarations:
        if each.sort in ("parameter", "variable") and each.name not in used:
            words = f"{each.sort} {each.name} is used nowhere"
            yield template.finding(each.node, "UNUSED", words)


def _members(template: Template, types: Mapping[str, Typed]) -> Iterator[Finding]:
    for node in walk(template.root):
        is_inner = node.parent is not None and node.parent.type == "member_expression"
        if node.type != "member_expression" or is_inner:
            continue
        path, root = path_of(node)
        declared = template.by_name.get(root)
        if declared is None or root in locals_of(node) or not path:
            continue
        missing = _missing(template, declared, path=path, types=types)
        if missing:
            yield template.finding(node, "BCP053", f"{declared.of} has no {missing}")


def _missing(
    template: Template, declared: Declaration, *, path: list[str], types: Mapping[str, Typed]
) -> str | None:
    if declared.sort == "module" and (target := template.modules.get(declared.name)):
        outputs = {each.name for each in target.all("output")}
        is_there = path[0] == "outputs" and (len(path) == 1 or path[1] in outputs)
        return None if is_there else ".".join(path)
    if declared.sort == "resource" and path[0] not in OF_RESOURCE:
        typed = types.get(declared.of.lower())
        try:
            for name in path:
                typed = typed.member(name) if typed else None
        except KeyError as missing:
            return f"{'.'.join(path)} ({missing.args[0]})"
    return None


def _outputs(template: Template) -> Iterator[Finding]:
    for each in (*template.all("output"), *template.all("parameter")):
        expected = declared_kind(each.of)
        given = kind_of(template, each.value) if each.value else None
        if each.value and expected and given not in (None, "null", expected):
            words = f"{each.name}: {given} given, {expected} expected"
            yield template.finding(each.value, "BCP033", words)


def _nested(template: Template) -> Iterator[Finding]:
    for node in walk(template.root):
        if node.type == "resource_declaration" and node.parent != template.root:
            yield template.finding(
                node, "NESTED", "a resource in a resource: declare it with parent"
            )


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
    return not any(each.type == "type" for each in above(node))
