"""What modules and parameter files set is what the template asks for, and nothing else."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tree_sitter import Node

from infra.check.expressions import declared_kind, kind_of
from infra.check.source import (
    Declaration,
    Finding,
    Template,
    Value,
    decorator,
    line_of,
    properties,
    property_of,
    read_json,
    text,
)


def check_modules(template: Template) -> Iterator[Finding]:
    for module in template.all("module"):
        target = template.modules.get(module.name)
        if ":" in module.of:
            yield template.finding(module.node, "REMOTE", f"{module.of}: nobody here can check it")
        elif target is None:
            yield template.finding(module.node, "BCP091", f"no file {module.of}")
        else:
            given = property_of(module.value, "params")
            passed = dict(properties(given)) if given else {}
            yield from _passed(template, module.node, passed, target, label=module.of)


def check_parameters(template: Template, target: Template) -> Iterator[Finding]:
    """Of a parameter file."""
    yield from template.syntax()
    given = {each.name: each.value for each in template.all("variable") if each.value}
    yield from _passed(template, template.root, given, target, label=target.name)


def _passed(
    template: Template, node: Node, given: Mapping[str, Node], target: Template, *, label: str
) -> Iterator[Finding]:
    wanted = {each.name: each for each in target.all("parameter")}
    for name, value in given.items():
        if name not in wanted:
            yield template.finding(value, "BCP037", f"{label} has no parameter {name}")
            continue
        expected, is_given = declared_kind(wanted[name].of), kind_of(template, value)
        if expected and is_given not in (None, "null", expected):
            words = f"{label}.{name}: {is_given} given, {expected} expected"
            yield template.finding(value, "BCP036", words)
        allowed = target.value(decorator(wanted[name], "allowed"))
        said = template.value(value)
        if isinstance(allowed, list) and said is not None and said not in allowed:
            yield template.finding(value, "BCP036", f"{label}.{name}: {text(value)} is not allowed")
        if words := _out_of_range(target, wanted[name], said):
            yield template.finding(value, "BCP036", f"{label}.{name}: {words}")
    for name, parameter in wanted.items():
        if name not in given and parameter.value is None and not parameter.of.endswith("?"):
            yield template.finding(node, "BCP035", f"{label}.{name} is missing")


def _out_of_range(target: Template, parameter: Declaration, said: Value) -> str | None:
    """What the decorators of a parameter say of a value that is known here."""
    size = len(said) if isinstance(said, str) else said
    sort = "Length" if isinstance(said, str) else "Value"
    if isinstance(size, bool) or not isinstance(size, int):
        return None
    for word, side in (("min", -1), ("max", 1)):
        limit = target.value(decorator(parameter, f"{word}{sort}"))
        if isinstance(limit, int) and side * size > side * limit:
            return f"{word}{sort} is {limit}"
    return None


def check_azd(path: Path, target: Template) -> Iterator[Finding]:
    """Of azd's parameter file, which is JSON: names only, values come from its environment."""
    content = read_json(path)
    given = content.get("parameters") if isinstance(content, dict) else None
    names = set(given) if isinstance(given, dict) else set[str]()
    wanted = {each.name: each for each in target.all("parameter")}
    for name in sorted(names - set(wanted)):
        line = line_of(path, f'"{name}"')
        yield Finding(path.name, line, "BCP037", f"{target.name} has no parameter {name}")
    for name, parameter in wanted.items():
        if name not in names and parameter.value is None:
            yield Finding(path.name, 1, "BCP035", f"{target.name}.{name} is missing")
