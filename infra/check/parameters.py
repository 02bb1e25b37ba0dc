"""Parameter files set what the template asks for, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

from infra.check.names import Names
from infra.check.source import Finding, Template, read_json


def check_parameters(template: Template, target: Template) -> Iterator[Finding]:
    """Of a parameter file: what it sets is what the template asks for."""
    names = Names(template, {})
    yield from names.syntax()
    given = {each.name: each.value for each in template.all("variable") if each.value}
    yield from names.passed(template.root, target, given, target.name)


def check_azd(path: Path, target: Template) -> Iterator[Finding]:
    """Of azd's parameter file, which is JSON: names only, values come from its environment."""
    content = read_json(path)
    given = content.get("parameters") if isinstance(content, dict) else None
    names = set(given) if isinstance(given, dict) else set[str]()
    wanted = {each.name: each for each in target.all("parameter")}
    for name in sorted(names - set(wanted)):
        line = _line(path, f'"{name}"')
        yield Finding(path.name, line, "BCP037", f"{target.name} has no parameter {name}")
    for name, parameter in wanted.items():
        if name not in names and parameter.value is None:
            yield Finding(path.name, 1, "BCP035", f"{target.name}.{name} is missing")


def _line(path: Path, word: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if word in line), 1)
