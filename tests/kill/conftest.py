"""Ground under each test, with tenants of its own; logs of killed processes are looked at."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from dev.azurite import Azurite
from tests.kill.ground import Ground, open_ground
from tests.kill.hosts import Hosts, open_hosts


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes tens of seconds")


@pytest.fixture(scope="package")
def storage() -> Iterator[Azurite]:
    """Not the one of the other tests: messages that are put off would turn up among theirs."""
    with Azurite() as running:
        yield running


@pytest.fixture
async def ground(storage: Azurite, tmp_path: Path) -> AsyncIterator[Ground]:
    async with open_ground(storage, tmp_path) as ground:
        yield ground


@pytest.fixture
async def hosts(tmp_path: Path) -> AsyncIterator[Hosts]:
    """On a storage of their own: a planner plans every tenant it finds."""
    async with open_hosts(tmp_path) as hosts:
        yield hosts
