"""Spool: the local scratch disk of one run. Memory stays flat however large the tenant is."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import DatasetError
from shared_code.core.metric import Point
from shared_code.core.options import DEFAULTS, Options
from shared_code.core.table import Line, Lines
from shared_code.storage.frames import Frames
from shared_code.storage.lines import SpooledLines
from shared_code.storage.memory import SpooledHistory, write_memory
from shared_code.storage.order import Order
from shared_code.storage.rows import RowFrames, SpooledSnapshot

_FOLDER = "spool-"
_ENDING = ".rows"

# Between being made and being locked, a folder looks like one that a killed process left.
_YOUNG = timedelta(minutes=1)


@contextmanager
def open_spool(root: Path) -> Generator["LocalSpool"]:
    """A folder below `root`, removed afterwards."""
    root.mkdir(parents=True, exist_ok=True)
    _sweep(root)
    with (
        tempfile.TemporaryDirectory(prefix=_FOLDER, dir=root) as folder,
        _locked(Path(folder)),
        ExitStack() as resources,
    ):
        yield LocalSpool(Path(folder), resources)


def _sweep(root: Path) -> None:
    """At once, not after a day: the disk is small, and a run that kills its worker comes back."""
    for folder in root.glob(f"{_FOLDER}*"):
        if _is_left_behind(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_left_behind(folder: Path) -> bool:
    try:
        with _locked(folder):
            return folder.stat().st_mtime < time.time() - _YOUNG.total_seconds()
    except (BlockingIOError, FileNotFoundError):
        return False


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    """Raises BlockingIOError if it is locked. A lock ends with its process, however that ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


class LocalSpool:
    """Files given out by `path` and those kept for ourselves live in two folders."""

    def __init__(self, folder: Path, resources: ExitStack) -> None:
        self._resources = resources
        self._files = folder / "files"
        self._own = folder / "own"
        self._files.mkdir()
        self._own.mkdir()
        self._numbers = count()
        self._collected: dict[str, Frames] = {}

    def dataset[R: Row](self, dataset: Dataset[R]) -> RowFrames[R]:
        return RowFrames(self._rows(dataset.name))

    def snapshot(
        self, missing: Mapping[str, DatasetError], options: Options = DEFAULTS
    ) -> SpooledSnapshot:
        return SpooledSnapshot(self._collected.get, dict(missing), self._order, options)

    def lines(self, lines: Iterable[Line]) -> SpooledLines:
        return SpooledLines(self._frames(), lines)

    def remember(self, lines: Lines) -> Path:
        path = self.path("memory.bin")
        write_memory(lines, path)
        return path

    def history(
        self, *, points: Sequence[Point], memory: Path | None, compared_with: datetime | None
    ) -> SpooledHistory:
        return SpooledHistory(
            points=points,
            memory=memory,
            compared_with=compared_with,
            frames=self._frames,
            order=self._order,
        )

    def path(self, name: str) -> Path:
        return self._files / _plain(name)

    def collected(self) -> Mapping[str, Path]:
        """Files of the datasets, by name, for saving."""
        return {name: self._own / f"{name}{_ENDING}" for name in self._collected}

    def restore(self, name: str, saved: Path) -> None:
        """Take over a file that `collected` named in an earlier invocation."""
        saved.replace(self._own / f"{_plain(name)}{_ENDING}")
        self._rows(name)

    def _rows(self, name: str) -> Frames:
        frames = self._collected.get(name)
        if frames is None:
            frames = Frames(self._own / f"{_plain(name)}{_ENDING}")
            self._collected[name] = self._resources.enter_context(closing(frames))
        return frames

    def _frames(self) -> Frames:
        frames = Frames(self._own / f"{next(self._numbers)}.frames")
        return self._resources.enter_context(closing(frames))

    def _order(self, entries: Iterable[tuple[str | bytes, int, int]]) -> Order:
        order = Order(self._own / f"{next(self._numbers)}.order", entries)
        return self._resources.enter_context(closing(order))


def _plain(name: str) -> str:
    if not name or name != Path(name).name or "\\" in name or name.startswith("."):
        raise ValueError("a file of the spool is named without folders")
    return name
