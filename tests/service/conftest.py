"""A stage of its own for each test, and an ear at its log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logs import written
from tests.service.stage import Stage


@pytest.fixture(autouse=True)
def _logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.INFO)
    yield
    written(caplog.records)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "spools")
