"""A Bicep file as a tree: what it declares, where, and what its literals say."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tree_sitter
import tree_sitter_bicep
from tree_sitter import Node

type Value = str | int | bool | list["Value"] | dict[str, "Value"] | None

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
_ESCAPES = {"\\'": "'", "\\n": "\n", "\\r": "\r", "\\t": "\t", "\\$": "$", "\\\\": "\\"}
# The grammar does not know these declarations; blanks keep every other line where it is.
_UNKNOWN_TO_GRAMMAR = re.compile(rb"^(extension|using) .*$", re.MULTILINE)
# In a parameter file `param` sets a value, as `var` does in a template.
_SET = re.compile(rb"^param ", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    file: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule} {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """`value` is what it is set to: an object for resources and modules, None where there is none.

    `of` is the declared type of a parameter or output, the type of a resource, the file of a module.
    """

    name: str
    sort: str
    node: Node
    of: str
    value: Node | None
    is_existing: bool = False
    is_loop: bool = False


@dataclass(frozen=True)
class Template:
    path: Path
    folder: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(self.folder).as_posix()

    @cached_property
    def root(self) -> Node:
        source = self.path.read_bytes()
        blank = _UNKNOWN_TO_GRAMMAR.sub(lambda found: b" " * len(found[0]), source)
        if self.path.suffix == ".bicepparam":
            blank = _SET.sub(b"var   ", blank)
        return _PARSER.parse(blank).root_node

    @cached_property
    def declarations(self) -> tuple[Declaration, ...]:
        return tuple(_declaration(node) for node in self.root.children if _sort(node))

    @cached_property
    def by_name(self) -> Mapping[str, Declaration]:
        """Outputs may be called as something else is: they are not among them."""
        return {each.name: each for each in self.declarations if each.sort != "output"}

    def all(self, sort: str) -> tuple[Declaration, ...]:
        return tuple(each for each in self.declarations if each.sort == sort)

    def resources(self, type_: str) -> tuple[Declaration, ...]:
        """Those of this type, in any version, that the template makes."""
        made = (each for each in self.all("resource") if not each.is_existing)
        return tuple(each for each in made if each.of.split("@")[0] == type_)

    def finding(self, node: Node, rule: str, words: str) -> Finding:
        return Finding(self.name, node.start_point[0] + 1, rule, words)

    @cached_property
    def modules(self) -> Mapping[str, "Template"]:
        """Files of modules by symbol; one that does not exist is left out."""
        files = {each.name: self.path.parent / each.of for each in self.all("module")}
        return {name: Template(path, self.folder) for name, path in files.items() if path.is_file()}

    def syntax(self) -> Iterator[Finding]:
        for node in walk(self.root):
            if node.type == "ERROR" or node.is_missing:
                yield self.finding(node, "SYNTAX", f"{text(node)[:40]!r} is not Bicep")

    def value(self, node: Node | None) -> Value:
        """What literals and variables say; None for what is known only in the cloud."""
        if node is None:
            return None
        if node.type == "identifier":
            known = self.by_name.get(text(node))
            return self.value(known.value) if known and known.sort == "variable" else None
        if node.type == "array":
            return [self.value(item) for item in node.named_children]
        if node.type == "object":
            return {key: self.value(value) for key, value in properties(node)}
        return literal(node)


def templates(folder: Path) -> tuple[Template, ...]:
    return tuple(Template(path, folder) for path in sorted(folder.rglob("*.bicep")))


def text(node: Node) -> str:
    return (node.text or b"").decode()


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def literal(node: Node) -> Value:
    """None for what is no literal."""
    if node.type == "string" and not any(c.type == "interpolation" for c in node.children):
        parts = (c for c in node.children if c.type in ("string_content", "escape_sequence"))
        return "".join(_ESCAPES.get(text(part), text(part)) for part in parts)
    if node.type == "number":
        return int(text(node))
    return {"true": True, "false": False}.get(text(node)) if node.type == "boolean" else None


def properties(node: Node) -> Iterator[tuple[str, Node]]:
    """Of an object; a key that is computed reads as its source."""
    for child in node.named_children:
        if child.type == "object_property" and len(child.named_children) > 1:
            key, value = child.named_children[0], child.named_children[-1]
            said = literal(key)
            yield (said if isinstance(said, str) else text(key)), value


def property_of(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = dict(properties(node)).get(key) if node is not None else None
    return node


def resolved(template: Template, node: Node | None) -> Node | None:
    """What a variable stands for."""
    if node is not None and node.type == "identifier":
        declared = template.by_name.get(text(node))
        return declared.value if declared else None
    return node


def body(node: Node) -> Node | None:
    """The object behind `= {`, `= if (...) {` and `= [for ...: {`."""
    for child in node.named_children:
        if child.type == "object":
            return child
        if child.type in ("if_statement", "for_statement") and (found := body(child)):
            return found
    return None


_SORTS = {
    "parameter_declaration": "parameter",
    "variable_declaration": "variable",
    "resource_declaration": "resource",
    "module_declaration": "module",
    "output_declaration": "output",
}


def _sort(node: Node) -> str | None:
    return _SORTS.get(node.type)


def _declaration(node: Node) -> Declaration:
    sort = _SORTS[node.type]
    name, *rest = node.named_children
    if sort in ("resource", "module"):
        return Declaration(
            name=text(name),
            sort=sort,
            node=node,
            of=str(literal(rest[0])),
            value=body(node),
            is_existing=any(text(child) == "existing" for child in node.children),
            is_loop=any(child.type == "for_statement" for child in rest),
        )
    declared = next((child for child in rest if child.type == "type"), None)
    values = [child for child in rest if child.type != "type"]
    of = text(declared) if declared else ""
    return Declaration(
        name=text(name), sort=sort, node=node, of=of, value=values[-1] if values else None
    )


def decorator(declaration: Declaration, name: str) -> Node | None:
    """The argument of `@name(...)` above a declaration."""
    before = declaration.node.prev_named_sibling
    if before is None or before.type != "decorators":
        return None
    for call in (c for d in before.named_children for c in d.named_children):
        if text(call.named_children[0]) == name:
            return next(iter(call.named_children[1].named_children), None)
    return None


def read_json(path: Path) -> Value:
    return json.loads(path.read_text("utf-8"))


def line_of(path: Path, word: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if word in line), 1)
