"""Collects one listing of guests: `python -m bench.variants.collecting JOB`."""

import asyncio
import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from bench.job import Job, finish, mark, read_job
from bench.variants.fold import Fold
from bench.variants.ticker import Ticker
from shared_code.datasets.guests import Guest

VARIANTS = {
    "ours": "ours:Streaming",
    "ours, read back": "ours:ReadBack",
    "httpx + json": "plain:Plain",
    "sdk raw": "sdk:Raw",
    "sdk typed": "sdk:Typed",
}


class Variant(Protocol):
    """Collects once: aggregates are returned, rows stay on disk."""

    async def collect(self, base_url: str) -> Fold: ...

    def rows(self) -> Iterable[Guest]: ...


def _variant(name: str) -> Callable[[Path], Variant]:
    # Nobody pays for what another variant imports.
    module, _, kind = VARIANTS[name].partition(":")
    return getattr(importlib.import_module(f"bench.variants.{module}"), kind)


async def run(job: Job) -> None:
    make = _variant(job.variant)
    await make(_folder(job, "warm")).collect(job.warm_url)
    variant, ticker = make(_folder(job, "rows")), Ticker()
    mark("ready")
    if job.ticker:
        async with ticker:
            fold = await variant.collect(job.base_url)
    else:
        fold = await variant.collect(job.base_url)
    mark("done")
    stall = {"wall": ticker.wall, "cpu": ticker.cpu}
    finish({"outcome": fold.outcome(variant.rows()), "stall": stall})


def _folder(job: Job, name: str) -> Path:
    folder = Path(job.folder) / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    asyncio.run(run(read_job()))
