"""Table: Table Storage as the other adapters see it; losing a race is an answer, not an exception."""
# pyright: reportUnknownMemberType=false
# The SDK leaves its keyword arguments without types.

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import Any, cast

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableEntity, UpdateMode
from azure.data.tables.aio import TableClient

from shared_code.storage.keys import is_key

type Properties = Mapping[str, Any]
type Operation = tuple[str, Properties, Mapping[str, Any]]

# The row is gone, is there already, or has another ETag.
_OVERTAKEN = (404, 409, 412)

# The SDK repeats whatever a broken connection took away, but none of these unless it is told to.
# Those who call know that their row or transaction may have gone through the first time.
_REPEATED = frozenset({"POST", "PATCH"})


_LARGEST_PAGE = 1000  # of an answer
_MOST_ROWS = 100  # of one transaction
_MOST_KEYS = 5000  # held at once

_KEYS = ["PartitionKey", "RowKey", "Timestamp"]
_UNKNOWN = datetime.min.replace(tzinfo=UTC)
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Key:
    """Of a row, and when it was written."""

    partition: str
    row: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    properties: Properties
    etag: str
    key: Key


class Table:
    def __init__(self, client: TableClient) -> None:
        self._client = client

    async def get(self, partition: str, row: str) -> Stored | None:
        if not is_key(partition):
            return None
        try:
            return _stored(await self._client.get_entity(partition, row))
        except ResourceNotFoundError:
            return None

    async def query(
        self, where: str, *, limit: int | None = None, **parameters: str
    ) -> AsyncIterator[Stored]:
        """`@name` in `where` stands for a parameter; the first `limit` rows by their keys."""
        page = min(limit, _LARGEST_PAGE) if limit else None
        found = self._client.query_entities(where, parameters=parameters, results_per_page=page)
        number = 0
        async for entity in found:
            yield _stored(entity)
            number += 1
            if number == limit:
                return

    async def keys(self, where: str, **parameters: str) -> AsyncIterator[Key]:
        """As `query`, without what is in the rows."""
        found = self._client.query_entities(where, parameters=parameters, select=_KEYS)
        async for entity in found:
            yield _stored(entity).key

    async def put(self, row: Properties) -> None:
        """Insert or replace."""
        await self._client.upsert_entity(row, mode=UpdateMode.REPLACE)

    async def insert(self, row: Properties) -> bool:
        """False if there is one already."""
        try:
            await self._client.create_entity(row, retry_on_methods=_REPEATED)
        except ResourceExistsError:
            return False
        return True

    async def merge(self, row: Properties, *, etag: str | None = None) -> bool:
        """Change only the properties given; False if there is no such row, or it changed since."""
        condition: Mapping[str, Any] = _unchanged(etag) if etag else {}
        try:
            await self._client.update_entity(
                row, mode=UpdateMode.MERGE, retry_on_methods=_REPEATED, **condition
            )
        except HttpResponseError as error:
            _overtaken(error)
            return False
        return True

    async def delete(self, partition: str, row: str) -> bool:
        """False if there was none."""
        # The SDK's own deletion does not tell.
        if await self.get(partition, row) is None:
            return False
        await self._client.delete_entity(partition, row)
        return True

    async def sweep(self, where: str, *, until: datetime = _EVER, **parameters: str) -> int:
        """Delete all such rows of one partition that were written until then; how many. A row that somebody else deletes ends a
        transaction: again, until there is none."""
        swept = 0
        while keys := await self._some(where, until, **parameters):
            for batch in batched(keys, _MOST_ROWS, strict=False):
                done = await self.commit([removing(key) for key in batch])
                swept += len(batch) if done else 0
        return swept

    async def _some(self, where: str, until: datetime, **parameters: str) -> list[Key]:
        keys: list[Key] = []
        async for key in self.keys(where, **parameters):
            if key.written <= until:
                keys.append(key)
            if len(keys) == _MOST_KEYS:
                break
        return keys

    async def replace(self, row: Properties, *, etag: str) -> str | None:
        """The new ETag; None if the row changed since."""
        try:
            written = await self._client.update_entity(
                row,
                mode=UpdateMode.REPLACE,
                etag=etag,
                match_condition=MatchConditions.IfNotModified,
            )
        except HttpResponseError as error:
            return _overtaken(error)
        return written["etag"]

    async def commit(self, operations: Sequence[Operation]) -> Sequence[str | None] | None:
        """All of one partition or nothing: the new ETags, None if a condition did not hold."""
        try:
            written = await self._client.submit_transaction(operations, retry_on_methods=_REPEATED)
        except HttpResponseError as error:
            return _overtaken(error)
        return [part.get("etag") for part in written]


def writing(row: Properties, *, etag: str | None) -> Operation:
    """Replace the row with this ETag, or insert it where there was none."""
    if etag is None:
        return "create", row, {}
    return "update", row, {"mode": UpdateMode.REPLACE, **_unchanged(etag)}


def putting(row: Properties) -> Operation:
    return "upsert", row, {"mode": UpdateMode.REPLACE}


def merging(row: Properties) -> Operation:
    """Insert, or change only the properties given."""
    return "upsert", row, {"mode": UpdateMode.MERGE}


def deleting(row: Properties, *, etag: str) -> Operation:
    return "delete", row, _unchanged(etag)


def removing(key: Key) -> Operation:
    """Whatever it was changed to since."""
    return "delete", {"PartitionKey": key.partition, "RowKey": key.row}, {}


def _unchanged(etag: str) -> Mapping[str, Any]:
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def _overtaken(error: HttpResponseError) -> None:
    if error.status_code not in _OVERTAKEN:
        raise error


def _stored(entity: TableEntity) -> Stored:
    # The SDK's own kind of datetime is none that can be written down.
    stamp = entity.metadata["timestamp"]
    written = datetime.fromtimestamp(stamp.timestamp(), UTC) if stamp else _UNKNOWN
    properties = cast("Properties", entity)
    key = Key(properties["PartitionKey"], properties["RowKey"], written)
    return Stored(properties, entity.metadata["etag"] or "", key)
