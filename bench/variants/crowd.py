"""Reads many small tenants, each in its turn by one of many workers: `... crowd JOB`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import httpx
import msgspec

from bench.job import Job, finish, mark, read_job
from bench.variants.ours import graph
from shared_code.core.dataset import Dataset, Limit, Origin, Workload
from shared_code.core.tenant import TenantId
from shared_code.datasets.guests import GUESTS
from shared_code.datasets.workloads import DIRECTORY
from shared_code.reports import registry
from shared_code.sources.graph.limits import Limiter

REQUESTS = 17
LIMITED_PAGES = 3

type Read = Callable[[TenantId], Awaitable[int]]
"""Everything of one tenant; the number of rows."""


def needs(spacing: float) -> tuple[Dataset[Any], ...]:
    """What the report types read, filled up to so many requests, and the listing with a narrow limit.

    Limits that Microsoft counts over all tenants are left out: they take as long for any client.
    """
    asked = {d.name: d for report in registry().values() for d in report.needs if _is_listing(d)}
    free = REQUESTS - LIMITED_PAGES
    ours = [replace(d, workload=DIRECTORY, path="/small") for d in asked.values()][:free]
    fill = [replace(GUESTS, path="/small", name=f"small-{n}") for n in range(free - len(ours))]
    limits = (Limit(requests=1, seconds=spacing),) if spacing else ()
    narrow = replace(GUESTS, path="/limited", workload=Workload(name="narrow", limits=limits))
    return (*ours, *fill, narrow)


def _is_listing(dataset: Dataset[Any]) -> bool:
    """Of one request: no file behind a redirect, nothing asked per object; and rows that the stub's
    small listing can stand for."""
    fields = msgspec.structs.fields(dataset.row)
    is_alike = all(field.name == "id" or not field.required for field in fields)
    is_plain = dataset.selects and not dataset.key and not dataset.parents
    return is_alike and is_plain and dataset.origin is Origin.TENANT


async def run(job: Job) -> None:
    tenants = iter([TenantId(f"{n:08}-0000-4000-8000-000000000000") for n in range(job.tenants)])
    crowds = {"ours": _ours, "httpx": _httpx}
    await crowds[job.variant](job, iter(()))
    mark("ready")
    rows = await crowds[job.variant](job, tenants)
    mark("done")
    finish({"rows": rows})


async def _ours(job: Job, tenants: Iterator[TenantId]) -> int:
    asked = needs(job.spacing)
    async with graph(job.base_url) as source:

        async def read(tenant_id: TenantId) -> int:
            rows = 0
            for dataset in asked:
                async for page in source.pages(tenant_id, dataset):
                    rows += len(page.rows)
            return rows

        return await _shared(job.workers, tenants, read)


async def _httpx(job: Job, tenants: Iterator[TenantId]) -> int:
    """Our pacing, another client: what is compared is the client."""
    asked, limiter = needs(job.spacing), Limiter()
    origin = job.base_url.removesuffix("/v1.0")
    limits = httpx.Limits(max_connections=job.workers)
    async with httpx.AsyncClient(timeout=60, limits=limits) as client:

        async def read(tenant_id: TenantId) -> int:
            answer = await client.post(f"{origin}/{tenant_id}/oauth2/v2.0/token", data={"a": "b"})
            headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            rows = 0
            for dataset in asked:
                url = str(httpx.URL(f"{job.base_url}{dataset.path}", params=dataset.query()))
                while url:
                    await limiter.slot(tenant_id, dataset.workload)
                    answer = await client.get(url, headers=headers)
                    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                        # It sends so late that our pacing is not always enough.
                        await asyncio.sleep(float(answer.headers["Retry-After"]))
                        continue
                    page = json.loads(answer.raise_for_status().content)
                    rows, url = rows + len(page["value"]), page.get("@odata.nextLink", "")
            return rows

        return await _shared(job.workers, tenants, read)


async def _shared(workers: int, tenants: Iterator[TenantId], read: Read) -> int:
    async def worker() -> int:
        return sum([await read(tenant_id) for tenant_id in tenants])

    return sum(await asyncio.gather(*(worker() for _ in range(workers))))


if __name__ == "__main__":
    asyncio.run(run(read_job()))
