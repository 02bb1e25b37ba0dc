"""Rewrites expected.json of every report type from its recorded tenant: then READ the diff."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from shared_code.core.report import ReportType
from shared_code.rendering.json import JSON
from shared_code.reports import registry
from tests.reports.runs import FOLDER, Runs, recorded, rendered


def expected_file(report: ReportType) -> Path:
    return FOLDER / report.name / "expected.json"


def made(report: ReportType, runs: Runs) -> str:
    """The first run of the recorded tenant, indented for reading."""
    rendering = rendered(JSON, runs.produce(report, recorded(report)))
    return msgspec.json.format(rendering, indent=1).decode() + "\n"


def main() -> None:
    for report in registry().values():
        with TemporaryDirectory() as root, ExitStack() as resources:
            text = made(report, Runs(Path(root), resources))
        expected_file(report).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
