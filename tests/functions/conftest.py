"""One house for all tests of the functions, on one event loop: the app keeps its connections."""

import logging
import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from dev.azurite import Azurite
from dev.host.worker import FunctionsApp
from dev.sandbox import Sandbox
from shared_code import wiring
from tests.functions.house import ROOT, Environment, House, customers, settings

_WARNING = logging.WARNING
# Links, invitations, seals, tokens of Entra, codes and addresses of mail, whoever made them.
_SECRET = re.compile(
    r"\b[vos]1\.[a-z0-9]{1,16}\.[\w-]{8}|\beyJ[\w-]{8}|Bearer |[?&](code|state)=|session=|[\w.]@\w+\.\w"
)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def house() -> AsyncIterator[House]:
    """Storage of its own: planners plan every tenant they find."""
    with Azurite() as azurite:
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
        written = "\n".join(record.getMessage() + str(record.exc_text) for record in caplog.records)
        leaked = [secret for secret in house.secrets | house.people() if secret in written]
        assert not leaked
        assert not _SECRET.search(written)
        chatter = [
            r for r in caplog.records if r.name.startswith("azure.") and r.levelno < _WARNING
        ]
        assert not chatter
