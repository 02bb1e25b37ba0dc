"""What a run took: counts, seconds by phase, and an estimate of what they cost."""

from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """`READ` is one dataset, within `COLLECT`; `RENDER` and `FILE` are one file each."""

    COLLECT = "collect"
    READ = "read"
    BUILD = "build"
    RENDER = "render"
    FILE = "file"


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds are those of the clock, on an instance that other runs share meanwhile.

    `requests` go to Graph, `operations` to storage. `received` are bytes as decoded, `throttled`
    answers 429, `cost` US dollars (core/cost.py).
    """

    rows: int = 0
    pages: int = 0
    requests: int = 0
    retries: int = 0
    throttled: int = 0
    received: int = 0
    operations: int = 0
    seconds: float = 0.0
    collect: float = 0.0
    build: float = 0.0
    render: float = 0.0
    file: float = 0.0
    cost: float = 0.0

    def __add__(self, other: "Effort") -> "Effort":
        return Effort(
            **{name: getattr(self, name) + getattr(other, name) for name in _FIELDS},
        )


_FIELDS = Effort.__struct_fields__
