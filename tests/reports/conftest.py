"""Runs of reports, each in a spool of its own that goes with the test."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.reports.runs import Runs


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with ExitStack() as resources:
        yield Runs(tmp_path, resources)
