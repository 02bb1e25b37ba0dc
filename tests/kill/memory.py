"""An account in memory, as far as the adapters use the SDK: for what is tried hundreds of times.

test_offboard.py asks it and Azurite the same and compares what is left.
"""

import base64
import copy
import operator
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableEntity, UpdateMode

from shared_code.storage.accounts import CONTAINERS, QUEUES, TABLES, Accounts

type Row = Mapping[str, Any]

_TERM = re.compile(r"(\w+) (eq|ne|gt|ge|lt|le) (?:@(\w+)|'([^']*)')")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    name: getattr(operator, name) for name in ("eq", "ne", "gt", "ge", "lt", "le")
}
_THEN = datetime(2026, 11, 23, 5, tzinfo=UTC)


def memory_accounts() -> Accounts:
    services = (_Tables(), _Containers(), _Queues())
    return Accounts(*cast("Any", services), is_keyless=False)


def copied(accounts: Accounts) -> Accounts:
    """What is done with one is not done with the other."""
    services = (accounts.tables, accounts.blobs, accounts.queues)
    return Accounts(*copy.deepcopy(services), is_keyless=False)


def _failure(status: int) -> HttpResponseError:
    kinds: Mapping[int, type[HttpResponseError]] = {
        404: ResourceNotFoundError,
        409: ResourceExistsError,
    }
    error = kinds.get(status, HttpResponseError)(message=str(status))
    error.status_code = status
    return error


@dataclass
class _Stored:
    row: dict[str, Any]
    etag: str

    @property
    def entity(self) -> TableEntity:
        entity = TableEntity(self.row)
        written = _THEN + timedelta(seconds=int(self.etag))
        entity._metadata = cast("Any", {"etag": self.etag, "timestamp": written})
        return entity


def _key(row: Row) -> tuple[str, str]:
    return row["PartitionKey"], row["RowKey"]


def _condition(where: str, parameters: Mapping[str, str]) -> Callable[[Row], bool]:
    terms = [_TERM.fullmatch(term) for term in where.split(" and ")]
    assert all(terms), where

    def holds(row: Row) -> bool:
        return all(
            t[1] in row and _COMPARE[t[2]](row[t[1]], parameters[t[3]] if t[3] else t[4])
            for t in terms
            if t
        )

    return holds


@dataclass
class _Table:
    """An operation is checked and done at once; of a transaction none or all are done."""

    rows: dict[tuple[str, str], _Stored] = field(default_factory=dict[tuple[str, str], _Stored])
    written: int = 0

    async def get_entity(self, partition: str, row: str) -> TableEntity:
        if (partition, row) not in self.rows:
            raise _failure(404)
        return self.rows[partition, row].entity

    async def query_entities(
        self, where: str, *, parameters: Mapping[str, str], **_: Any
    ) -> AsyncIterator[TableEntity]:
        holds = _condition(where, parameters)
        for key in sorted(key for key, stored in self.rows.items() if holds(stored.row)):
            # Somebody else may delete rows while a listing goes on.
            if key in self.rows:
                yield self.rows[key].entity

    async def list_entities(self) -> AsyncIterator[TableEntity]:
        for key in sorted(self.rows):
            yield self.rows[key].entity

    async def create_entity(self, row: Row, **_: Any) -> None:
        self._do("create", row)

    async def upsert_entity(self, row: Row, mode: UpdateMode, **_: Any) -> None:
        self._do("upsert", row, mode=mode)

    async def update_entity(self, row: Row, mode: UpdateMode, **options: Any) -> Mapping[str, str]:
        return {"etag": self._do("update", row, mode=mode, etag=options.get("etag"))}

    async def delete_entity(self, partition: str, row: str) -> None:
        self.rows.pop((partition, row), None)

    async def submit_transaction(
        self, operations: Sequence[tuple[str, Row, Mapping[str, Any]]], **_: Any
    ) -> list[Mapping[str, str]]:
        before = copy.deepcopy(self.rows)
        try:
            return [
                {"etag": self._do(kind, row, mode=o.get("mode"), etag=o.get("etag"))}
                for kind, row, o in operations
            ]
        except HttpResponseError:
            self.rows = before
            raise

    def _do(
        self, kind: str, row: Row, *, mode: UpdateMode | None = None, etag: str | None = None
    ) -> str:
        key = _key(row)
        known = self.rows.get(key)
        if kind == "create" and known:
            raise _failure(409)
        if kind in ("update", "delete") and known is None:
            raise _failure(404)
        if known and etag and etag != known.etag:
            raise _failure(412)
        if kind == "delete":
            del self.rows[key]
            return ""
        self.written += 1
        kept = known.row if known and mode is UpdateMode.MERGE else {}
        self.rows[key] = _Stored(kept | dict(row), str(self.written))
        return self.rows[key].etag


@dataclass
class _Download:
    body: bytes

    async def readall(self) -> bytes:
        return self.body

    async def readinto(self, target: BinaryIO) -> None:
        target.write(self.body)


@dataclass
class _Container:
    blobs: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def upload_blob(self, name: str, content: bytes | BinaryIO, **_: Any) -> None:
        self.blobs[name] = content if isinstance(content, bytes) else content.read()

    async def download_blob(self, name: str) -> _Download:
        if name not in self.blobs:
            raise _failure(404)
        return _Download(self.blobs[name])

    async def list_blob_names(self, name_starts_with: str = "") -> AsyncIterator[str]:
        for name in sorted(name for name in self.blobs if name.startswith(name_starts_with)):
            yield name

    async def list_blobs(self, name_starts_with: str = "") -> AsyncIterator[SimpleNamespace]:
        async for name in self.list_blob_names(name_starts_with):
            yield SimpleNamespace(name=name, last_modified=_THEN)

    async def delete_blob(self, name: str) -> None:
        if self.blobs.pop(name, None) is None:
            raise _failure(404)


@dataclass
class _Queue:
    """Messages with their delay, in the order they were sent."""

    messages: list[SimpleNamespace] = field(default_factory=list[SimpleNamespace])

    async def send_message(self, text: str, *, visibility_timeout: int, **_: Any) -> None:
        content = base64.b64encode(text.encode()).decode()
        self.messages.append(SimpleNamespace(content=content, delay=visibility_timeout))

    async def peek_messages(self, max_messages: int) -> list[SimpleNamespace]:
        return self.messages[:max_messages]

    async def clear_messages(self) -> None:
        self.messages.clear()


@dataclass
class _Tables:
    kept: dict[str, _Table] = field(default_factory=lambda: {name: _Table() for name in TABLES})

    def get_table_client(self, name: str) -> _Table:
        return self.kept[name]

    async def list_tables(self) -> AsyncIterator[SimpleNamespace]:
        for name in self.kept:
            yield SimpleNamespace(name=name)


@dataclass
class _Containers:
    kept: dict[str, _Container] = field(
        default_factory=lambda: {name: _Container() for name in CONTAINERS}
    )

    def get_container_client(self, name: str) -> _Container:
        return self.kept[name]

    async def list_containers(self) -> AsyncIterator[SimpleNamespace]:
        for name in self.kept:
            yield SimpleNamespace(name=name)


@dataclass
class _Queues:
    kept: dict[str, _Queue] = field(default_factory=lambda: {name: _Queue() for name in QUEUES})

    def get_queue_client(self, name: str, **_: Any) -> _Queue:
        return self.kept[name]

    async def list_queues(self) -> AsyncIterator[SimpleNamespace]:
        for name in self.kept:
            yield SimpleNamespace(name=name)
