"""What a run asks of storage is counted in the run, by kind, and what goes wrong is counted too."""

from dev.azurite import Azurite
from shared_code.core.meter import Meter, metering
from shared_code.core.run import RunRequest
from shared_code.storage.accounts import Accounts
from shared_code.storage.queue import Messages
from tests.fakes import FakeClock
from tests.kill.flaky import Broken, flaky_tables
from tests.service.stage import request

ROW = {"PartitionKey": "nobody", "RowKey": "nothing"}


async def test_requests_are_counted_by_service_and_by_what_they_do(accounts: Accounts) -> None:
    table, blobs = accounts.table("limits"), accounts.container("dead-letters")
    current = Meter(FakeClock(), 2.0)
    with metering(current):
        await table.put(ROW)
        await table.get("nobody", "nothing")
        await blobs.write("counted", b"x")
        await blobs.read("counted")
        await Messages[RunRequest](accounts.queue("runs-poison")).send(request())
    await table.get("nobody", "nothing")

    assert current.operations == {
        "table writes": 1,
        "table reads": 1,
        "blob writes": 1,
        "blob reads": 1,
        "queue writes": 1,
    }
    assert current.effort().operations == 5


async def test_a_request_that_is_repeated_counts_as_often_as_it_is_sent(azurite: Azurite) -> None:
    current = Meter(FakeClock(), 2.0)
    async with (
        flaky_tables(azurite, Broken.REQUEST) as (wire, connection),
        Accounts.of_connection_string(connection) as accounts,
    ):
        await accounts.ensure()
        wire.breaks = 1
        with metering(current):
            await accounts.table("limits").insert(ROW | {"RowKey": "repeated"})

    assert current.operations == {"table writes": 2}
