"""Rows of a dataset in the spool: written page by page, read back lazily, in order or by id."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from shared_code.core.dataset import Child, CsvRow, Dataset, Row
from shared_code.core.errors import DatasetError, Reason
from shared_code.core.options import DEFAULTS, Options
from shared_code.storage.frames import Frames
from shared_code.storage.order import Order, Place, sorting_text

# Rows per block: a source may deliver a whole listing as one page, and a block is read at once.
_BLOCK = 1000

_encode = msgspec.msgpack.Encoder().encode
_split = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode

type OpenOrder = Callable[[Iterable[tuple[str | bytes, int, int]]], Order]


class RowFrames[R: Row]:
    """One dataset of one run, written."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames

    def append(self, rows: Sequence[R]) -> None:
        for start in range(0, len(rows), _BLOCK):
            self.frames.append(_encode(rows[start : start + _BLOCK]))

    def clear(self) -> None:
        self.frames.clear()


class RowReader[R: Row]:
    """One dataset of one run, read; side files are built when first asked for."""

    def __init__(self, dataset: Dataset[R], frames: Frames, order: OpenOrder) -> None:
        self._row = dataset.row
        self._frames = frames
        self._open_order = order
        self._orders: dict[str | None, Order] = {}
        self._block = msgspec.msgpack.Decoder(list[dataset.row]).decode
        self._one = msgspec.msgpack.Decoder(dataset.row).decode

    def __iter__(self) -> Iterator[R]:
        repeated = self._repeated
        for position, block in self._frames:
            rows = self._block(block)
            if repeated:
                yield from _without(repeated, rows, places(position, block))
            else:
                yield from rows

    def ordered(self, field: str) -> Iterator[R]:
        for position, size in self._order(field, sorting_text):
            if position not in self._repeated:
                yield self._one(self._frames.read(position, size))

    def get(self, key: str) -> R | None:
        place = self._order(None, str).find(key)
        return self._one(self._frames.read(*place)) if place else None

    @cached_property
    def _repeated(self) -> frozenset[int]:
        """Where objects stand again: Graph repeats some on a later page when others change meanwhile.

        A child may have several parents, and a file is no listing in pages.
        """
        if issubclass(self._row, Child | CsvRow):
            return frozenset()
        return self._order(None, str).repeated()

    def _order(self, field: str | None, text: Callable[[Any], str | bytes]) -> Order:
        order = self._orders.get(field)
        if order is None:
            places = self._places(field or "id", text)
            order = self._orders[field] = self._open_order(places)
        return order

    def _places(
        self, field: str, text: Callable[[Any], str | bytes]
    ) -> Iterator[tuple[str | bytes, int, int]]:
        read = msgspec.msgpack.Decoder(list[_only(self._row, field)]).decode
        for position, block in self._frames:
            for part, place in zip(read(block), places(position, block), strict=True):
                yield text(part.value), *place


def _without[R: Row](
    repeated: frozenset[int], rows: Iterable[R], where: Iterable[Place]
) -> Iterator[R]:
    for row, (position, _) in zip(rows, where, strict=True):
        if position not in repeated:
            yield row


def places(position: int, block: bytes) -> Iterator[Place]:
    """Where the elements of an encoded list stand, if the list stands at `position`."""
    sizes = [len(memoryview(part)) for part in _split(block)]
    position += len(block) - sum(sizes)
    for size in sizes:
        yield position, size
        position += size


def _only(row: type[Row], field: str) -> type[Any]:
    """A shape that reads one field of a row and skips the rest, which is several times faster."""
    names = {f.name: f.encode_name for f in msgspec.structs.fields(row)}
    return msgspec.defstruct("Only", [("value", str | None, None)], rename={"value": names[field]})


class SpooledSnapshot:
    """What a run read; a dataset that nobody asked for is unreachable, not empty."""

    def __init__(
        self,
        read: Callable[[str], Frames | None],
        missing: Mapping[str, DatasetError],
        order: OpenOrder,
        options: Options = DEFAULTS,
    ) -> None:
        self._read = read
        self._missing = missing
        self._order = order
        self._options = options
        self._readers: dict[str, RowReader[Any]] = {}

    def rows[R: Row](self, dataset: Dataset[R], order_by: str | None = None) -> Iterable[R]:
        reader = self._reader(dataset)
        return Again(lambda: reader.ordered(order_by)) if order_by else reader

    def get[R: Row](self, dataset: Dataset[R], key: str) -> R | None:
        return self._reader(dataset).get(key)

    def missing(self, dataset: Dataset[Row]) -> DatasetError | None:
        return self._error(dataset.name)

    def options[O: Options](self, shape: type[O]) -> O:
        if not isinstance(self._options, shape):
            raise TypeError(f"the report type does not declare {shape.__name__}")
        return self._options

    def _reader[R: Row](self, dataset: Dataset[R]) -> RowReader[R]:
        reader = self._readers.get(dataset.name)
        if reader is None:
            reader = self._readers[dataset.name] = self._open(dataset)
        return reader

    def _open[R: Row](self, dataset: Dataset[R]) -> RowReader[R]:
        frames, error = self._read(dataset.name), self._error(dataset.name)
        if frames is None or error:
            raise error or _not_collected(dataset.name)
        return RowReader(dataset, frames, self._order)

    def _error(self, name: str) -> DatasetError | None:
        error = self._missing.get(name)
        if error:
            # A new one each time: a raised exception keeps the stack it went through alive.
            return DatasetError(name, error.reason, error.detail)
        return None if self._read(name) else _not_collected(name)


def _not_collected(name: str) -> DatasetError:
    return DatasetError(name, Reason.UNREACHABLE, "not collected")


class Again[T]:
    """An iterable that starts anew each time."""

    def __init__(self, start: Callable[[], Iterator[T]]) -> None:
        self._start = start

    def __iter__(self) -> Iterator[T]:
        return self._start()
