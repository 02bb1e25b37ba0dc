"""A function app with every report and a hostile tenant, as messages reach it."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from dev.azurite import Azurite
from dev.host.worker import FunctionsApp
from shared_code import wiring
from tests.functions.house import ROOT, Environment, House, settings
from tests.telemetry.ground import customers, opened_anew, ordered
from tests.telemetry.overhearing import Overhearing
from tests.telemetry.receiver import Receiver, receiving


@pytest.fixture(scope="package")
def receiver() -> Iterator[Receiver]:
    with receiving() as open_:
        yield open_


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def house(azurite: Azurite, receiver: Receiver) -> AsyncIterator[House]:
    async with Overhearing(customers()) as sandbox:
        values = settings(sandbox, azurite) | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=of%20nobody",
        }
        environment = Environment(values)
        await opened_anew()
        try:
            opened = House(FunctionsApp.open(ROOT), sandbox, values)
            await opened.services.prepare()
            await ordered(opened)
            yield opened
        finally:
            await wiring.close()
            environment.restore()
