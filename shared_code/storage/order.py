"""Order: where things stand in a file, found or sorted by a text, in SQLite so that memory stays flat."""

import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

type Place = tuple[int, int]
"""Position and size."""

# A scratch file: a crash loses it together with everything it points to.
_PRAGMAS = (
    "journal_mode = OFF",
    "synchronous = OFF",
    "locking_mode = EXCLUSIVE",
    "cache_size = -4096",  # KiB; also bounds what sorting keeps in memory
)

# SQLite sorts blobs after all texts.
_LAST = b""


class Order:
    """Built once from (text, position, size); equal texts keep the order of their positions."""

    def __init__(self, path: Path, entries: Iterable[tuple[str | bytes, int, int]]) -> None:
        # Collecting runs on the event loop and building in a worker thread, never at once.
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            self._database.execute(f"PRAGMA {pragma}").close()
        self._database.execute("CREATE TABLE place (text, position INTEGER, size INTEGER)")
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO place VALUES (?, ?, ?)", entries)
        self._database.execute("COMMIT")
        # An index afterwards is sorted in one go; a primary key would be shuffled in row by row.
        self._database.execute("CREATE INDEX by_text ON place (text, position, size)")

    def find(self, text: str) -> Place | None:
        """The first one with this text."""
        query = "SELECT position, size FROM place WHERE text = ? ORDER BY position LIMIT 1"
        return self._database.execute(query, (text,)).fetchone()

    def repeated(self) -> frozenset[int]:
        """Positions of all but the first with the same text."""
        before = "LAG(text) OVER (ORDER BY text, position) AS before"
        query = (
            f"SELECT position FROM (SELECT text, position, {before} FROM place) WHERE text = before"  # noqa: S608
        )
        return frozenset(position for (position,) in self._database.execute(query))

    def __iter__(self) -> Iterator[Place]:
        return self._database.execute("SELECT position, size FROM place ORDER BY text, position")

    def close(self) -> None:
        self._database.close()


def sorting_text(text: str | None) -> str | bytes:
    """Upper case and accents do not count; what is empty comes last."""
    if not text:
        return _LAST
    if text.isascii():
        return text.casefold()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
