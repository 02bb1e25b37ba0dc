"""SharedWindow: a limit that all processes of the app keep together, in table `limits`."""

from shared_code.core.ports import Clock
from shared_code.storage.document import Document
from shared_code.storage.keys import row_key
from shared_code.storage.table import Table

_ROW = "window"
_TAKEN = Document("taken", list[float])


class SharedWindow:
    """At most `requests` in any `seconds`. For narrow limits: a row holds one instant each.

    Exact by the clock: for clocks that differ and requests that travel, ask for more seconds.
    """

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def take(self, key: str, *, requests: int, seconds: float) -> float:
        """0 if a slot was taken now, else seconds to wait before asking again."""
        partition = row_key(key)
        # Losing the race means that another one took a slot, so the window fills up meanwhile.
        for _ in range(requests + 1):
            taken, etag = await self._read(partition)
            now = self._clock().timestamp()
            recent = [instant for instant in taken if instant > now - seconds]
            if len(recent) >= requests:
                return recent[-requests] + seconds - now
            if await self._write(partition, sorted([*recent, now]), etag):
                return 0.0
        return seconds / requests

    async def _read(self, key: str) -> tuple[list[float], str | None]:
        stored = await self._table.get(key, _ROW)
        if stored is None:
            return [], None
        return _TAKEN.read(stored.properties), stored.etag

    async def _write(self, key: str, taken: list[float], etag: str | None) -> bool:
        row = {"PartitionKey": key, "RowKey": _ROW, **_TAKEN.written(taken)}
        if etag is None:
            return await self._table.insert(row)
        return await self._table.replace(row, etag=etag) is not None
