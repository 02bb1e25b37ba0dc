"""Writes what follows from the report registry: the permission manifest and the README's table."""

import json
import sys
from pathlib import Path

from shared_code.core.text import Language
from shared_code.reports import registry

ROOT = Path(__file__).parents[1]
MANIFEST = Path("infra/permissions.json")
README = Path("README.md")
_START, _END = "<!-- reports -->\n", "<!-- /reports -->"


def manifest() -> str:
    """Application permissions of Microsoft Graph per report type, and all of them together."""
    reports = {report.name: list(report.permissions) for report in registry().values()}
    everything = sorted({name for names in reports.values() for name in names})
    return json.dumps({"permissions": everything, "reports": reports}, indent=2) + "\n"


def table() -> str:
    rows = [
        f"| `{r.name}` | {r.title[Language.EN]} | {r.summary[Language.EN]} | `{r.cadence}` "
        f"| {', '.join(r.permissions)} |"
        for r in registry().values()
    ]
    head = [
        "| report type | title | what it tells | cadence | permissions |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def with_table(readme: str) -> str:
    before, rest = readme.split(_START)
    _, after = rest.split(_END)
    return f"{before}{_START}{table()}{_END}{after}"


def generated(root: Path = ROOT) -> dict[Path, str]:
    """What each generated file should hold."""
    return {
        root / MANIFEST: manifest(),
        root / README: with_table((root / README).read_text("utf-8")),
    }


def main(arguments: list[str]) -> int:
    stale = [
        path
        for path, text in generated().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run `make generated`")
        return 1 if stale else 0
    for path in stale:
        path.write_text(generated()[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
