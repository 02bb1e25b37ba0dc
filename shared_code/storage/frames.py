"""Frames: a file of length-prefixed blocks, appended to by one and read from anywhere."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

_PREFIX = 4


class Frames:
    """Iterating gives (position, block); a block cut short by a crash is not there."""

    def __init__(self, path: Path) -> None:
        # Unbuffered: what was appended can be read at once, through any descriptor.
        self._file = path.open("a+b", buffering=0)
        self._end = os.fstat(self._file.fileno()).st_size
        self._end = self._end_of_last_whole_block()
        self._file.truncate(self._end)

    def append(self, block: bytes) -> int:
        """The position of the block."""
        framed = len(block).to_bytes(_PREFIX, "little") + block
        written = self._file.write(framed)
        if written != len(framed):
            self._file.truncate(self._end)
            raise OSError(errno.ENOSPC, "the local disk is full")
        position = self._end + _PREFIX
        self._end += written
        return position

    def read(self, position: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, position)

    def clear(self) -> None:
        self._file.truncate(0)
        self._end = 0

    def close(self) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for position, size in self._spans():
            yield position, self.read(position, size)

    def _spans(self) -> Iterator[tuple[int, int]]:
        position = _PREFIX
        while position <= self._end:
            size = int.from_bytes(self.read(position - _PREFIX, _PREFIX), "little")
            if position + size > self._end:
                return
            yield position, size
            position += size + _PREFIX

    def _end_of_last_whole_block(self) -> int:
        end = 0
        for position, size in self._spans():
            end = position + size
        return end
