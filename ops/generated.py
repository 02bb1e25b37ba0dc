"""Writes what follows from the report registry: the permission manifest and the README's table."""

import json
import sys
from pathlib import Path

from ops.permission_ids import IDS
from shared_code.core.errors import ConfigurationError
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
    ids = {name: permission_id(name) for name in everything}
    return json.dumps({"permissions": everything, "ids": ids, "reports": reports}, indent=2) + "\n"


def permission_id(name: str) -> str:
    if name not in IDS:
        raise ConfigurationError(f"ops/permission_ids.py has no id of {name}")
    return IDS[name]


def table() -> str:
    rows = [
        f"| `{r.name}` | {_cell(r.title[Language.EN])} | {_cell(r.summary[Language.EN])} "
        f"| `{r.cadence}` | {', '.join(r.permissions)} |"
        for r in registry().values()
    ]
    head = [
        "| report type | title | what it tells | cadence | permissions |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def with_table(readme: str) -> str:
    """Raises ConfigurationError unless both marks stand there once."""
    if not (readme.count(_START) == readme.count(_END) == 1):
        raise ConfigurationError(f"{README}: {_START.strip()} and {_END} must stand there once")
    before, rest = readme.split(_START)
    _, after = rest.split(_END)
    return f"{before}{_START}{table()}{_END}{after}"


def generated(root: Path = ROOT) -> dict[Path, str]:
    """What each generated file should hold."""
    return {
        root / MANIFEST: manifest(),
        root / README: with_table((root / README).read_text("utf-8")),
    }


def main(arguments: list[str], root: Path = ROOT) -> int:
    texts = generated(root)
    stale = [p for p, text in texts.items() if not p.exists() or p.read_text("utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(root)} is out of date: run `make generated`")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[path], "utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
