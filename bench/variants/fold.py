"""What every way of collecting computes, and the rows it leaves on disk, for comparing."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from shared_code.datasets.guests import Guest


class Fold:
    """The aggregates of a listing of guests."""

    def __init__(self) -> None:
        self.count = 0
        self.disabled = 0
        self.domains = Counter[str]()

    def add(self, mail: str | None, is_enabled: bool | None) -> None:  # noqa: FBT001 - a million times
        self.count += 1
        if is_enabled is False:
            self.disabled += 1
        if mail:
            self.domains[mail.rpartition("@")[2]] += 1

    def outcome(self, rows: Iterable[Guest]) -> dict[str, Any]:
        """`rows` as they were read back from disk."""
        domains = msgspec.json.encode(self.domains, order="sorted")
        return {
            "count": self.count,
            "disabled": self.disabled,
            "domains": hashlib.sha256(domains).hexdigest(),
            "rows": _digest(rows),
        }


def _digest(rows: Iterable[Guest]) -> str:
    encode = msgspec.json.Encoder().encode
    digest = hashlib.sha256()
    for row in rows:
        digest.update(encode(row) + b"\n")
    return digest.hexdigest()


def read_lines(path: Path) -> Iterable[Guest]:
    """JSON lines as the other clients write them."""
    decode = msgspec.json.Decoder(Guest).decode
    with path.open("rb") as lines:
        for line in lines:
            yield decode(line)
