"""Bodies of resources against the types that Microsoft publishes for the Bicep compiler."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tree_sitter import Node

from infra.check.expressions import kind_of
from infra.check.source import Declaration, Finding, Template, literal, properties, text

type Shape = Mapping[str, Any]

# Not among the published types that come with the tests: only what Azure says at what-if counts.
UNCHECKED = (
    "microsoft.resources/resourcegroups",
    "microsoft.consumption/budgets",
    "microsoft.network/",
    "microsoft.insights/workbooks",
    "microsoft.graph/",
)
_ANYWHERE = ("scope", "parent", "dependsOn")
_REQUIRED, _READ_ONLY = 1, 2
_EXPECTED = {
    "StringType": "string",
    "StringLiteralType": "string",
    "IntegerType": "integer",
    "BooleanType": "boolean",
    "ObjectType": "object",
    "DiscriminatedObjectType": "object",
    "ArrayType": "array",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A type and the table its references point into."""

    table: list[Shape]
    shape: Shape

    def at(self, reference: Mapping[str, str]) -> "Typed":
        return Typed(self.table, self.table[int(reference["$ref"].rsplit("/", 1)[1])])

    @property
    def sort(self) -> str:
        return self.shape["$type"]

    @property
    def options(self) -> "list[Typed]":
        return [self.at(each) for each in self.shape["elements"]]

    def member(self, name: str) -> "Typed | None":
        """None where anything goes; raises KeyError for what there is not."""
        if self.sort == "DiscriminatedObjectType":
            return self.at(self.shape["baseProperties"][name]["type"])
        if self.sort != "ObjectType":
            return None
        if name in self.shape["properties"]:
            return self.at(self.shape["properties"][name]["type"])
        if self.shape.get("additionalProperties"):
            return None
        raise KeyError(name)


def load(folder: Path) -> dict[str, Typed]:
    """By `type@version` in lower case."""
    types: dict[str, Typed] = {}
    for path in sorted(folder.rglob("types.json")):
        table = json.loads(path.read_text("utf-8"))
        resources = [each for each in table if each["$type"] == "ResourceType"]
        types |= {each["name"].lower(): Typed(table, each) for each in resources}
    return {name: typed.at(typed.shape["body"]) for name, typed in types.items()}


def is_unchecked(declaration: Declaration) -> bool:
    return declaration.of.lower().startswith(UNCHECKED)


def check_bodies(template: Template, types: Mapping[str, Typed]) -> Iterator[Finding]:
    for resource in template.all("resource"):
        if is_unchecked(resource):
            continue
        typed = types.get(resource.of.lower())
        if typed is None:
            yield template.finding(resource.node, "BCP081", f"no type {resource.of} is published")
        elif resource.value is not None and not resource.is_existing:
            label = resource.of.split("@")[0].rsplit("/", 1)[-1]
            for node, rule, words in _Body(template).of(typed, resource.value, label):
                yield template.finding(node, rule, words)


@dataclass(frozen=True, slots=True)
class _Body:
    template: Template

    def of(self, typed: Typed, node: Node, path: str) -> Iterator[tuple[Node, str, str]]:
        if node.type == "object" and typed.sort in ("ObjectType", "DiscriminatedObjectType"):
            yield from self._object(typed, node, path)
        elif node.type == "array" and typed.sort == "ArrayType":
            for item in node.named_children:
                yield from self.of(typed.at(typed.shape["itemType"]), item, f"{path}[]")
        elif typed.sort == "ArrayType" and (inner := _each(node)):
            yield from self.of(typed.at(typed.shape["itemType"]), inner, f"{path}[]")
        elif typed.sort == "UnionType":
            yield from self._union(typed, node, path)
        else:
            yield from self._single(typed, node, path)

    def _object(self, typed: Typed, node: Node, path: str) -> Iterator[tuple[Node, str, str]]:
        given = dict(properties(node))
        known: dict[str, Shape] = dict(typed.shape.get("properties", {}))
        if typed.sort == "DiscriminatedObjectType":
            elements, key = typed.shape["elements"], typed.shape["discriminator"]
            chosen = literal(given[key]) if key in given else None
            if chosen not in elements:
                yield node, "BCP078", f"{path}.{key} must be one of {', '.join(sorted(elements))}"
                return
            base = typed.shape.get("baseProperties", {})
            typed = typed.at(elements[chosen])
            known = {**base, **typed.shape["properties"]}
        yield from self._given(typed, known, given, path)
        is_top = "." not in path
        for name, member in known.items():
            is_ours = is_top and name in ("type", "apiVersion", "id")
            if member["flags"] & 3 == _REQUIRED and name not in given and not is_ours:
                yield node, "BCP035", f"{path}.{name} is missing"

    def _given(
        self,
        typed: Typed,
        known: Mapping[str, Shape],
        given: Mapping[str, Node],
        path: str,
    ) -> Iterator[tuple[Node, str, str]]:
        extra = typed.shape.get("additionalProperties")
        for name, value in given.items():
            here = f"{path}.{name}"
            if member := known.get(name):
                if member["flags"] & _READ_ONLY:
                    yield value, "BCP073", f"{here} is read-only"
                yield from self.of(typed.at(member["type"]), value, here)
            elif extra:
                yield from self.of(typed.at(extra), value, here)
            elif "." in path or name not in _ANYWHERE:
                yield value, "BCP037", f"{here} is no property"

    def _union(self, typed: Typed, node: Node, path: str) -> Iterator[tuple[Node, str, str]]:
        known = [o.shape["value"] for o in typed.options if o.sort == "StringLiteralType"]
        said = literal(node)
        # Where any text goes besides, the compiler only warns; here a misspelt word is a fault.
        if isinstance(said, str) and known and said not in known:
            yield node, "BCP036", f"{path}: '{said}' is none of {', '.join(known)}"
        elif known and kind_of(self.template, node) not in (None, "string", "null"):
            yield node, "BCP036", f"{path}: {kind_of(self.template, node)} given, string expected"

    def _single(self, typed: Typed, node: Node, path: str) -> Iterator[tuple[Node, str, str]]:
        expected, given = _EXPECTED.get(typed.sort), kind_of(self.template, node)
        if expected and given not in (None, "null", expected):
            yield node, "BCP036", f"{path}: {given} given, {expected} expected"
        if typed.sort == "StringLiteralType" and literal(node) not in (None, typed.shape["value"]):
            yield node, "BCP036", f"{path}: {text(node)} is not '{typed.shape['value']}'"


def _each(node: Node) -> Node | None:
    """The object that `[for ...: {` makes of each item."""
    if node.type != "for_statement":
        return None
    return next((child for child in node.named_children if child.type == "object"), None)
