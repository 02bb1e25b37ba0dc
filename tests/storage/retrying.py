"""A table whose answers get lost: the SDK then sends the same request a second time."""

from collections.abc import Sequence

from shared_code.storage.table import Operation, Properties, Table


class Retrying(Table):
    def __init__(self, table: Table) -> None:
        super().__init__(table._client)

    async def insert(self, row: Properties) -> bool:
        await super().insert(row)
        return await super().insert(row)

    async def replace(self, row: Properties, *, etag: str) -> str | None:
        await super().replace(row, etag=etag)
        return await super().replace(row, etag=etag)

    async def commit(self, operations: Sequence[Operation]) -> Sequence[str | None] | None:
        await super().commit(operations)
        return await super().commit(operations)
