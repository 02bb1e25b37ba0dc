"""What a fresh process is told to do, and how it says where it is."""

import sys
from typing import Any

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement; `folder` is scratch disk, `warm_url` a Graph of one small page.

    A first round there pays for what every client imports and builds when first used.
    """

    variant: str
    base_url: str
    warm_url: str = ""
    folder: str = ""
    storage: str = ""
    rows: int = 0
    ticker: bool = False
    tenants: int = 0
    workers: int = 0
    spacing: float = 0.0


def read_job() -> Job:
    return msgspec.json.decode(sys.argv[1], type=Job)


def mark(name: str) -> None:
    """Waits until the parent has read clock and memory: who measures is not who is measured."""
    print(name, flush=True)
    sys.stdin.readline()


def finish(result: Any) -> None:  # noqa: ANN401 - whatever JSON can say
    print(f"={msgspec.json.encode(result).decode()}", flush=True)
