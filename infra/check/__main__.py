"""python -m infra.check [FOLDER] --types FOLDER: what is wrong with the templates, by file and line."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.check import bodies
from infra.check.access import check_access
from infra.check.agreement import check_agreement
from infra.check.bodies import check_bodies
from infra.check.names import check_names
from infra.check.parameters import check_azd, check_modules, check_parameters
from infra.check.platform import check_platform
from infra.check.source import Finding, Template, templates

HERE = Path(__file__).parents[1]
FUNCTIONS = HERE.parent / "functions"


def findings(
    folder: Path = HERE, *, types: Path | None = None, functions: Path = FUNCTIONS
) -> list[Finding]:
    """Without types, bodies of resources are not judged."""
    agreement = check_agreement(folder, functions)
    rules = (*check_access(folder), *check_platform(folder))
    return sorted({*_names_and_types(folder, types), *agreement, *rules})


def _names_and_types(folder: Path, types: Path | None) -> Iterator[Finding]:
    known = bodies.load(types) if types else {}
    for template in templates(folder):
        yield from template.syntax()
        yield from check_names(template, known)
        yield from check_modules(template)
        if types:
            yield from check_bodies(template, known)
    main = Template(folder / "main.bicep", folder)
    for path in sorted(folder.glob("*.bicepparam")):
        yield from check_parameters(Template(path, folder), main)
    yield from check_azd(folder / "main.parameters.json", main)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.check", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=HERE)
    parser.add_argument("--types", type=Path, help="generated types of Azure/bicep-types-az")
    asked = parser.parse_args(arguments)
    found = findings(asked.folder, types=asked.types)
    for finding in found:
        print(finding)
    unchecked = sorted(
        {
            f"{each.of} in {template.name}"
            for template in templates(asked.folder)
            for each in template.all("resource")
            if bodies.is_unchecked(each) or not asked.types
        }
    )
    print(f"{len(found)} findings; not checked against types: {', '.join(unchecked) or 'nothing'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
