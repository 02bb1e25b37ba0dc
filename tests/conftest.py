"""Azurite once per test run, fresh clients per test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from dev.azurite import Azurite
from shared_code.storage.accounts import Accounts

# How long an example takes says something of the computer, nothing of the code.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    with Azurite() as running:
        yield running


@pytest.fixture
async def accounts(azurite: Azurite) -> AsyncIterator[Accounts]:
    async with Accounts.of_connection_string(azurite.connection_string) as accounts:
        await accounts.ensure()
        yield accounts
