"""Reads datasets of tenants from Graph: pages in order, the next one on its way, nothing half read."""

import asyncio
import random as chance
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from http import HTTPStatus
from typing import Any

from msgspec.structs import replace
from yarl import URL

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import ContractBroken
from shared_code.core.ports import Clock, Page
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.addresses import first_url, next_url
from shared_code.sources.graph.bodies import decode_page
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.downloads import Download
from shared_code.sources.graph.licences import Licences
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.requests import Requests, Wanted
from shared_code.sources.graph.retrying import Retrying, Sleep
from shared_code.sources.graph.tokens import Tokens


class GraphSource:
    """The port Source over Microsoft Graph. `base_url` such as https://graph.microsoft.com/v1.0."""

    def __init__(
        self,
        session: Connections,
        tokens: Tokens,
        limiter: Limiter,
        *,
        base_url: str,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        random: Callable[[], float] = chance.random,
        patience: float = 20.0,
        budget: float = 60.0,
    ) -> None:
        self._base_url = base_url
        self._retrying = Retrying(
            clock=clock, sleep=sleep, random=random, patience=patience, budget=budget
        )
        self._requests = Requests(
            connections=session,
            tokens=tokens,
            limiter=limiter,
            licences=Licences(self.pages, clock=clock),
            retrying=self._retrying,
            clock=clock,
        )

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        """One page ahead, never more: the next request is on its way while the caller works."""
        wanted = Wanted(tenant_id, dataset, parent)
        if dataset.key is not None:
            async with aclosing(self._file_pages(wanted)) as file_pages:
                async for page in file_pages:
                    yield page
            return
        url = (
            next_url(self._base_url, dataset, cursor)
            if cursor
            else first_url(self._base_url, dataset, parent)
        )
        seen: set[str] = set()
        upcoming: asyncio.Task[Page[R]] | None = _started(self._page(wanted, url))
        try:
            while upcoming is not None:
                seen.add(str(url))
                page = await upcoming
                upcoming = None
                if page.cursor is not None:
                    url = self._next(dataset, page.cursor, seen)
                    upcoming = _started(self._page(wanted, url))
                yield page
        finally:
            await _abandon(upcoming)

    async def _file_pages[R: Row](self, wanted: Wanted[R]) -> AsyncGenerator[Page[R]]:
        download = Download(self._requests, wanted, self._base_url)
        with await self._retrying.until_it_passes(download.once) as file:
            for rows in file.pages():
                yield Page(rows, None)
                await asyncio.sleep(0)  # hundreds of pages, and nothing else here waits

    def _next(self, dataset: Dataset[Any], link: str, seen: set[str]) -> URL:
        url = next_url(self._base_url, dataset, link)
        if str(url) in seen:
            raise ContractBroken(dataset.name, "the next link leads in a circle")
        return url

    async def _page[R: Row](self, wanted: Wanted[R], url: URL) -> Page[R]:
        return await self._retrying.until_it_passes(partial(self._once, wanted, url))

    async def _once[R: Row](self, wanted: Wanted[R], url: URL, attempt: int) -> Page[R]:
        answer = await self._requests.get(wanted, url, attempt)
        if answer.status == HTTPStatus.OK:
            return _belonging(decode_page(wanted.dataset, answer.body), wanted.parent)
        if answer.status == HTTPStatus.NOT_FOUND and wanted.parent is not None:
            # The parent was deleted after it was listed.
            return Page((), None)
        raise await self._requests.refused(wanted, answer, attempt)


def _belonging[R: Row](page: Page[R], parent: str | None) -> Page[R]:
    if parent is None:
        return page
    return Page([replace(row, parent=parent) for row in page.rows], page.cursor)


def _started[T](page: Coroutine[None, None, T]) -> asyncio.Task[T]:
    # Eager: the request leaves now, not when the caller, who is busy with the page before, awaits.
    return asyncio.Task(page, loop=asyncio.get_running_loop(), eager_start=True)


async def _abandon[T](upcoming: asyncio.Task[T] | None) -> None:
    if upcoming is None:
        return
    upcoming.cancel()
    await asyncio.wait([upcoming])
    if not upcoming.cancelled():
        upcoming.exception()  # nobody will ask for it; asyncio would complain
