"""Microsoft's documented answers make a report of every type."""

import json
from typing import Any

import pytest

from shared_code.core.dataset import Dataset
from shared_code.core.report import ReportType
from shared_code.core.text import Language
from shared_code.rendering.html import HTML
from shared_code.rendering.json import JSON
from shared_code.reports import registry
from tests.reports.runs import Listings, Runs, rendered
from tests.sources.test_contract import needs_contract, samples


def documented(report: ReportType) -> Listings:
    return {need.name: _rows(need) for need in report.needs}


def _rows(need: Dataset[Any]) -> list[dict[str, Any]]:
    """All objects of all samples of the path; pages often leave the id out, which Graph never does."""
    bodies = [json.loads(file.read_bytes()) for file in samples(need)]
    values = [body.get("value", body) for body in bodies]
    rows = [row for value in values for row in (value if isinstance(value, list) else [value])]
    return [{"id": f"sample-{n}"} | row for n, row in enumerate(rows)]


@needs_contract
@pytest.mark.parametrize("report", registry().values(), ids=lambda r: r.name)
def test_documented_answers_make_a_report(report: ReportType, runs: Runs) -> None:
    listings = documented(report)
    if report.main.key is None:
        assert listings[report.main.name], "the main listing has a documented answer"
    for _ in range(2):
        made = runs.produce(report, listings)
        assert bool(made.lines.total) == bool(listings[report.main.name])
        for language in Language:
            assert rendered(HTML, made, language)
            json.loads(rendered(JSON, made, language))
