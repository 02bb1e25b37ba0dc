"""The recorded tenant of every report type gives the report that somebody has read."""

import pytest

from shared_code.core.report import ReportType
from shared_code.reports import registry
from tests.reports.expected import expected_file, made
from tests.reports.runs import Runs


@pytest.mark.parametrize("report", registry().values(), ids=lambda r: r.name)
def test_a_recorded_tenant_gives_the_expected_report(report: ReportType, runs: Runs) -> None:
    assert made(report, runs) == expected_file(report).read_text("utf-8")
