"""A stage of its own for each test."""

from pathlib import Path

import pytest

from tests.service.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "spools")
