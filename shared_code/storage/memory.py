"""Memory: what a run remembers of each object as one file, and History, which reads it back."""

import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Any, cast

import msgspec
from isal import igzip
from isal.igzip_lib import IsalError

from shared_code.core.errors import ContractBroken
from shared_code.core.metric import Point
from shared_code.core.table import Line
from shared_code.storage.frames import Frames
from shared_code.storage.order import Order
from shared_code.storage.rows import Again, OpenOrder, places

# Files of earlier releases stay in the archive for years: a new layout needs a new mark.
_MARK = b"memory1\n"
_PREFIX = 4
_BLOCK = 1000

# isal's type stub calls its exception class an instance.
_DAMAGED = (gzip.BadGzipFile, EOFError, cast("type[Exception]", IsalError))

_encode = msgspec.msgpack.Encoder().encode
_entries = msgspec.msgpack.Decoder(list[tuple[str, msgspec.Raw]]).decode
_entry = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw]).decode


def write_memory(lines: Iterable[Line], path: Path) -> None:
    """Memories in order of the lines; each is an encoded msgpack value."""
    remembered = ((line.key, line.memory) for line in lines if line.memory is not None)
    with igzip.IGzipFile(path, "wb", compresslevel=1) as file:
        file.write(_MARK)
        for entries in batched(remembered, _BLOCK, strict=False):
            block = _encode(entries)
            file.write(len(block).to_bytes(_PREFIX, "little") + block)


def _blocks(path: Path) -> Iterator[bytes]:
    with igzip.IGzipFile(path, "rb") as file:
        try:
            if file.read(len(_MARK)) != _MARK:
                raise ContractBroken("memory", "not a file of this layout")
            while prefix := file.read(_PREFIX):
                yield file.read(int.from_bytes(prefix, "little"))
        except _DAMAGED as error:
            raise ContractBroken("memory", "a damaged file") from error


class SpooledHistory:
    """Metric points in memory, memories on disk: there are as many as the table has lines."""

    def __init__(
        self,
        *,
        points: Sequence[Point],
        memory: Path | None,
        compared_with: datetime | None,
        frames: Callable[[], Frames],
        order: OpenOrder,
    ) -> None:
        self._series = defaultdict[str, list[Point]](list)
        for point in points:
            self._series[point.metric].append(point)
        self._memory = memory
        self._compared_with = compared_with
        self._open_frames = frames
        self._open_order = order
        self._found: tuple[Frames, Order] | None = None
        self._decoders: dict[type[Any], Callable[[msgspec.Raw], Any]] = {}

    @property
    def compared_with(self) -> datetime | None:
        return self._compared_with

    def series(self, metric: str) -> Sequence[Point]:
        return tuple(self._series.get(metric, ()))

    def before[M](self, key: str, shape: type[M]) -> M | None:
        if self._memory is None:
            return None
        frames, order = self._found = self._found or self._unpack(self._memory)
        place = order.find(key)
        return self._shaped(_entry(frames.read(*place))[1], shape) if place else None

    def remembered[M](self, shape: type[M]) -> Iterable[tuple[str, M]]:
        memory = self._memory
        return Again(lambda: self._all(memory, shape)) if memory else ()

    def _all[M](self, memory: Path, shape: type[M]) -> Iterator[tuple[str, M]]:
        for block in _blocks(memory):
            for key, raw in _entries(block):
                yield key, self._shaped(raw, shape)

    def _shaped[M](self, raw: msgspec.Raw, shape: type[M]) -> M:
        decode = self._decoders.get(shape)
        if decode is None:
            decode = self._decoders[shape] = msgspec.msgpack.Decoder(shape).decode
        try:
            return decode(raw)
        except msgspec.DecodeError as error:
            raise ContractBroken("memory", f"does not fit {shape.__name__}") from error

    def _unpack(self, memory: Path) -> tuple[Frames, Order]:
        """Uncompressed, where single entries can be read."""
        frames = self._open_frames()
        for block in _blocks(memory):
            frames.append(block)
        return frames, self._open_order(_keyed(frames))


def _keyed(frames: Frames) -> Iterator[tuple[str, int, int]]:
    for position, block in frames:
        for (key, _), place in zip(_entries(block), places(position, block), strict=True):
            yield key, *place
