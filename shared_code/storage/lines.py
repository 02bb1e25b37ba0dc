"""Lines of a report's table in the spool: ordered by rank once, read by every rendering."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import msgspec

from shared_code.core.table import NEVER, Cell, Line
from shared_code.storage.frames import Frames

# Lines per block, and lines of all ranks together that may wait for their block to fill.
_BLOCK = 256
_MOST_WAITING = 4096

# msgspec cannot tell the word NEVER from a text of the same letters.
_NEVER = msgspec.msgpack.Ext(1, b"")

type _Written = tuple[str, tuple[Any, ...], int, tuple[str, ...], bytes | None, str]


def _extension(_code: int, _content: memoryview) -> Cell:
    return NEVER


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(
    list[tuple[str, tuple[Any, ...], int, tuple[str, ...], bytes | None, str]], ext_hook=_extension
).decode


class SpooledLines:
    """One file; its blocks are sorted by rank, and within a rank the lines keep their order."""

    def __init__(self, frames: Frames, lines: Iterable[Line]) -> None:
        self._frames = frames
        self._blocks: list[tuple[int, int, int]] = []  # rank, position, size
        self._counts = Counter[str]()
        self._total = 0
        self._write(lines)
        self._blocks.sort()

    @property
    def total(self) -> int:
        return self._total

    @property
    def counts(self) -> Mapping[str, int]:
        """0 for a filter that no line belongs to."""
        return self._counts

    def __iter__(self) -> Iterator[Line]:
        for _, position, size in self._blocks:
            for written in _decode(self._frames.read(position, size)):
                yield _line(written)

    def _write(self, lines: Iterable[Line]) -> None:
        waiting: dict[int, list[_Written]] = {}
        is_checked = False
        for line in lines:
            if line.memory is not None and not is_checked:
                _check(line.memory)
                is_checked = True
            of_rank = waiting.setdefault(line.rank, [])
            of_rank.append(_written(line))
            self._total += 1
            self._counts.update(line.filters)
            if len(of_rank) == _BLOCK:
                self._put(line.rank, waiting.pop(line.rank))
            elif self._total % _MOST_WAITING == 0:
                self._put_all(waiting)
        self._put_all(waiting)

    def _put_all(self, waiting: dict[int, list[_Written]]) -> None:
        for rank, lines in waiting.items():
            self._put(rank, lines)
        waiting.clear()

    def _put(self, rank: int, lines: list[_Written]) -> None:
        block = _encode(lines)
        self._blocks.append((rank, self._frames.append(block), len(block)))


def _check(memory: msgspec.Raw) -> None:
    """Raises ValueError in the run that writes it, not weeks later in the one that reads it."""
    try:
        msgspec.msgpack.decode(memory)
    except msgspec.DecodeError as error:
        raise ValueError("the memory of a line must be encoded msgpack") from error


def _written(line: Line) -> _Written:
    cells = line.cells
    if NEVER in cells:
        cells = tuple(_NEVER if cell is NEVER else cell for cell in cells)
    memory = None if line.memory is None else bytes(line.memory)
    return line.key, cells, line.rank, line.filters, memory, line.article


def _line(written: _Written) -> Line:
    key, cells, rank, filters, memory, article = written
    if list in map(type, cells):
        cells = tuple(
            tuple(cast("list[str]", cell)) if type(cell) is list else cell for cell in cells
        )
    kept = None if memory is None else msgspec.Raw(memory)
    return Line(key, cells, rank, filters, kept, article)
