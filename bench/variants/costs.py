"""Two weeks of all reports of one sandbox tenant over Azurite, what the second uses: `... costs JOB`.

Graph and storage are other processes, so this one's processor time is the service's alone.
"""

import asyncio
import logging
import resource
from collections import Counter
from datetime import UTC, datetime, timedelta
from logging.handlers import QueueHandler
from math import inf
from queue import SimpleQueue
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from bench.job import Job, finish, mark, read_job
from bench.variants.stage import TENANT, settings
from dev.history import Waiting
from dev.timepiece import Calendar, Stopwatch
from shared_code.core.run import RunRequest
from shared_code.core.tenant import Subscription, Tenant, TenantState
from shared_code.sources.graph.limits import Limiter
from shared_code.wiring.app import Services
from shared_code.wiring.build import build

_WEEK = timedelta(days=7)


class Uses(msgspec.Struct, kw_only=True):
    """`seconds` of processor time, typesetter included; `requests` by port and kind of method."""

    report: str
    state: str
    seconds: float
    filed: int  # bytes
    requests: dict[str, int]


class Week(msgspec.Struct, kw_only=True):
    uses: list[Uses]
    lines: int  # logged


async def run(job: Job) -> None:
    seen = _counted()
    logged: SimpleQueue[logging.LogRecord] = SimpleQueue()
    logging.basicConfig(level=logging.INFO, handlers=[QueueHandler(logged)])
    stopwatch, calendar, waiting = Stopwatch(), Calendar(datetime.now(UTC) - _WEEK), Waiting()
    limiter = Limiter(clock=stopwatch, sleep=stopwatch.sleep, patience=inf)
    services = build(
        settings(job.base_url, job.storage), clock=calendar, limiter=limiter, queue=waiting
    )
    await services.prepare()
    await services.tenants.save(_tenant(services, calendar() - _WEEK))
    await _week(services, waiting, seen)
    calendar.turn_to(datetime.now(UTC))
    mark("ready")
    before = logged.qsize()
    uses = await _week(services, waiting, seen)
    lines = logged.qsize() - before
    mark("done")
    await services.close()
    finish(Week(uses=uses, lines=lines))


def _tenant(services: Services, since: datetime) -> Tenant:
    return Tenant(
        id=TENANT,
        customer="Contoso",
        domain="contoso.com",
        state=TenantState.ACTIVE,
        subscriptions={name: Subscription(since=since) for name in services.reports},
    )


async def _week(services: Services, waiting: Waiting, seen: Counter[str]) -> list[Uses]:
    for report in services.reports.values():
        await services.planner.plan(report)
    uses: list[Uses] = []
    while waiting.requests:
        uses.append(await _used(services, waiting.requests.pop(0), seen))
    return uses


async def _used(services: Services, request: RunRequest, seen: Counter[str]) -> Uses:
    seen.clear()
    begin = _processor()
    done = await services.produce(request)
    if done is None or not done.state.is_delivered:
        raise RuntimeError(f"{request.report}: {done and done.headline}")
    return Uses(
        report=request.report,
        state=done.state,
        seconds=_processor() - begin,
        filed=sum(artifact.size for artifact in done.artifacts),
        requests=dict(seen),
    )


def _processor() -> float:
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _counted() -> Counter[str]:
    """Requests from now on: Azure's SDKs and our own client all go through aiohttp."""
    seen: Counter[str] = Counter()
    request = aiohttp.ClientSession._request  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    async def counted(session: aiohttp.ClientSession, method: str, url: Any, **options: Any) -> Any:  # noqa: ANN401
        seen[f"{URL(url).port} {'reads' if method in {'GET', 'HEAD'} else 'writes'}"] += 1
        return await request(session, method, url, **options)

    setattr(aiohttp.ClientSession, "_request", counted)  # noqa: B010
    return seen


if __name__ == "__main__":
    asyncio.run(run(read_job()))
