"""Holdings: everything of one tenant is found and deleted, nothing of another; and none is forgotten."""

import ast
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from dev.azurite import Azurite
from shared_code.core.tenant import TenantId
from shared_code.storage.accounts import CONTAINERS, QUEUES, TABLES, Accounts, Holds
from shared_code.storage.holdings import StoredHoldings, _Rows

ROOT = Path(__file__).resolve().parents[2]
_LATER = timedelta(minutes=1)  # than anything that is written here


@pytest.fixture
async def own() -> AsyncIterator[Accounts]:
    """An account of its own: what lies in it is what is declared."""
    with Azurite() as emulator:
        async with Accounts.of_connection_string(emulator.connection_string) as accounts:
            await accounts.ensure()
            yield accounts


async def test_every_table_container_and_queue_is_declared(own: Accounts) -> None:
    assert {t.name async for t in own.tables.list_tables()} == set(TABLES)
    assert {c.name async for c in own.blobs.list_containers()} == set(CONTAINERS)
    assert {q.name async for q in own.queues.list_queues()} == set(QUEUES)


@pytest.mark.parametrize("open_", [Accounts.table, Accounts.container, Accounts.queue])
async def test_what_is_not_declared_cannot_be_used(accounts: Accounts, open_: object) -> None:
    assert callable(open_)
    with pytest.raises(KeyError):
        open_(accounts, "something-new")


def test_nobody_goes_around_the_declaration() -> None:
    """Clients of the SDK are made in accounts.py alone."""
    makers = {"get_table_client", "get_container_client", "get_queue_client", "get_blob_client"}
    found = {
        f"{file.name}: {node.attr}"
        for file in (ROOT / "shared_code").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in makers
    }

    assert found == {
        "accounts.py: get_table_client",
        "accounts.py: get_container_client",
        "accounts.py: get_queue_client",
        "blobs.py: get_blob_client",  # of its own container
    }


async def test_all_of_one_tenant_is_counted_and_deleted_and_nothing_of_another(
    accounts: Accounts,
) -> None:
    ours, theirs = TenantId(str(uuid4())), TenantId(str(uuid4()))
    began = datetime.now(UTC).replace(microsecond=0)
    for tenant_id in (ours, theirs):
        for name, holds in TABLES.items():
            if holds is Holds.TENANT:
                for row in range(3):
                    entity = {"PartitionKey": tenant_id, "RowKey": f"row {row}"}
                    await accounts.tables.get_table_client(name).create_entity(entity)
        for name in CONTAINERS:
            blobs = accounts.blobs.get_container_client(name)
            await blobs.upload_blob(f"{tenant_id}/a/b", tenant_id.upper().encode())
            await blobs.upload_blob(f"message of {uuid4()}", f'{{"{tenant_id}"'.encode())
    holdings = StoredHoldings(accounts)
    kinds = set(holdings.kinds)

    found = {kind: await holdings.found(kind, ours) for kind in kinds}
    for kind in kinds:
        await holdings.purge(kind, ours, until=datetime.now(UTC) + _LATER)

    assert {f"table {n}" for n, h in TABLES.items() if h is not Holds.PARTNER} <= kinds
    for kind, each in found.items():
        is_mixed = kind == "container dead-letters"
        assert each.count == (2 if is_mixed else 3 if kind.startswith("table") else 1), kind
        assert each.oldest
        assert each.newest
        assert began <= each.oldest <= each.newest
    for kind in kinds:
        assert (await holdings.found(kind, ours)).count == 0
        assert (await holdings.found(kind, theirs)).count == found[kind].count


async def test_what_was_written_since_stays(accounts: Accounts) -> None:
    ours = TenantId(str(uuid4()))
    holdings = StoredHoldings(accounts)
    for kind in holdings.kinds:
        sort, name = kind.split()
        if sort == "table":
            entity = {"PartitionKey": ours, "RowKey": "row"}
            await accounts.tables.get_table_client(name).create_entity(entity)
        else:
            await accounts.container(name).write(f"{ours}/a", b"")

        [found] = [await holdings.found(kind, ours)]
        assert found.newest
        await holdings.purge(kind, ours, until=found.newest - timedelta(microseconds=1))
        assert await holdings.found(kind, ours) == found
        await holdings.purge(kind, ours, until=found.newest)
        assert (await holdings.found(kind, ours)).count == 0


async def test_more_rows_than_a_transaction_takes_are_deleted(accounts: Accounts) -> None:
    ours = TenantId(str(uuid4()))
    table = accounts.tables.get_table_client("opens")
    for start in (0, 100, 200):
        await table.submit_transaction(
            [("create", {"PartitionKey": ours, "RowKey": f"{start + n}"}) for n in range(100)]
        )
    holdings = StoredHoldings(accounts)

    assert (await holdings.found("table opens", ours)).count == 300
    await holdings.purge("table opens", ours, until=datetime.now(UTC) + _LATER)
    assert (await holdings.found("table opens", ours)).count == 0


async def test_rows_keyed_by_something_else_are_found_by_what_they_name(
    accounts: Accounts,
) -> None:
    ours = TenantId(str(uuid4()))
    table = accounts.tables.get_table_client("assessments")
    keys = [uuid4().hex for _ in range(2)]
    await table.create_entity({"PartitionKey": keys[0], "RowKey": "1", "tenant": ours.upper()})
    await table.create_entity({"PartitionKey": keys[1], "RowKey": "1", "tenant": str(uuid4())})
    rows = _Rows(accounts.table("assessments"))

    assert len([moment async for moment in rows.written(ours)]) == 1
    await rows.purge(ours, datetime.now(UTC) + _LATER)

    left = {row["PartitionKey"] async for row in table.list_entities()}
    assert keys[0] not in left
    assert keys[1] in left
    await table.delete_entity(keys[1], "1")
