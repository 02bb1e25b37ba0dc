"""One house for all tests of the functions, on one event loop: the app keeps its connections."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from dev.azurite import Azurite
from dev.host.worker import FunctionsApp
from dev.sandbox import Sandbox
from dev.timepiece import Stopwatch
from shared_code import wiring
from shared_code.sources.graph.limits import Limiter
from tests.functions.house import ROOT, Environment, House, customers, settings
from tests.logs import written

_WARNING = logging.WARNING

# So many reports in so few minutes would have to wait for what Graph allows an application.
_STOPWATCH = Stopwatch()


def _limiter(**_: object) -> Limiter:
    return Limiter(clock=_STOPWATCH, sleep=_STOPWATCH.sleep, patience=3600)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def house() -> AsyncIterator[House]:
    """Storage of its own: planners plan every tenant they find."""
    with Azurite() as azurite, pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared_code.wiring.build.Limiter", _limiter)
        async with Sandbox(customers()) as sandbox:
            values = settings(sandbox, azurite)
            environment = Environment(values)
            await wiring.close()
            try:
                opened = House(FunctionsApp.open(ROOT), sandbox, values)
                await opened.open()
                yield opened
            finally:
                await wiring.close()
                environment.restore()


@pytest.fixture(autouse=True)
def _logs(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does: no log holds a token, a link, a person's name or address."""
    caplog.set_level(logging.INFO)
    yield
    house = request.node.funcargs.get("house")
    if isinstance(house, House):
        text = written(caplog.records)
        assert not [secret for secret in house.secrets | house.people() if secret in text]
        chatter = [
            r for r in caplog.records if r.name.startswith("azure.") and r.levelno < _WARNING
        ]
        assert not chatter
