"""Reads datasets of tenants from Graph: pages in order, the next one on its way, nothing half read."""

import asyncio
import logging
import random as chance
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import aiohttp
from yarl import URL

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import ContractBroken, UpstreamError
from shared_code.core.ports import Clock, Page
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.addresses import first_url, next_url
from shared_code.sources.graph.bodies import decode_page
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.licences import Licences
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.refusals import Refusal, down, error_of, read_refusal
from shared_code.sources.graph.retrying import MayPass, Retrying, Sleep, may_pass
from shared_code.sources.graph.tokens import Tokens

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Listing[R: Row]:
    tenant_id: TenantId
    dataset: Dataset[R]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    retry_after: str | None
    body: bytes


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
        self._connections = session
        self._tokens = tokens
        self._limiter = limiter
        self._base_url = base_url
        self._clock = clock
        self._licences = Licences(self.pages, clock=clock)
        self._retrying = Retrying(
            clock=clock, sleep=sleep, random=random, patience=patience, budget=budget
        )

    async def pages[R: Row](
        self, tenant_id: TenantId, dataset: Dataset[R], cursor: str | None = None
    ) -> AsyncGenerator[Page[R]]:
        """One page ahead, never more: the next request is on its way while the caller works."""
        listing = _Listing(tenant_id, dataset)
        url = (
            next_url(self._base_url, dataset, cursor)
            if cursor
            else first_url(self._base_url, dataset)
        )
        seen: set[str] = set()
        upcoming: asyncio.Task[Page[R]] | None = _started(self._page(listing, url))
        try:
            while upcoming is not None:
                seen.add(str(url))
                page = await upcoming
                upcoming = None
                if page.cursor is not None:
                    url = self._next(dataset, page.cursor, seen)
                    upcoming = _started(self._page(listing, url))
                yield page
        finally:
            await _abandon(upcoming)

    def _next(self, dataset: Dataset[Any], link: str, seen: set[str]) -> URL:
        url = next_url(self._base_url, dataset, link)
        if str(url) in seen:
            raise ContractBroken(dataset.name, "the next link leads in a circle")
        return url

    async def _page[R: Row](self, listing: _Listing[R], url: URL) -> Page[R]:
        return await self._retrying.until_it_passes(partial(self._once, listing, url))

    async def _once[R: Row](self, listing: _Listing[R], url: URL, attempt: int) -> Page[R]:
        answer = await self._answer(listing, url, attempt)
        if answer.status == HTTPStatus.OK:
            return decode_page(listing.dataset, answer.body)
        refusal = read_refusal(answer.status, answer.retry_after, answer.body, now=self._clock())
        _LOG.warning(
            "graph refused tenant=%s dataset=%s attempt=%d: %s",
            *(listing.tenant_id, listing.dataset.name, attempt, refusal.words),
        )
        raise await self._error(listing, refusal, attempt)

    async def _error(self, listing: _Listing[Any], refusal: Refusal, attempt: int) -> Exception:
        tenant_id, dataset = listing.tenant_id, listing.dataset
        licence = dataset.licence if refusal.denies_premium else None
        if licence is not None and await self._licences.includes(tenant_id, licence):
            return down(f"{dataset.name} of {tenant_id}: premium licence denied and owned")
        error = error_of(refusal, tenant_id, dataset)
        if refusal.status == HTTPStatus.TOO_MANY_REQUESTS and isinstance(error, MayPass):
            if error.wait is None:
                error.wait = self._retrying.backoff(attempt)
            self._limiter.pause(tenant_id, dataset.workload, error.wait)
        return error

    async def _answer(self, listing: _Listing[Any], url: URL, attempt: int) -> _Answer:
        token = await self._token(listing.tenant_id)
        answer = await self._get(listing, url, token, attempt)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._tokens.drop(listing.tenant_id, token)
            token = await self._token(listing.tenant_id)
            answer = await self._get(listing, url, token, attempt)
        return answer

    async def _token(self, tenant_id: TenantId) -> str:
        try:
            return await self._tokens.token(tenant_id)
        except UpstreamError as error:
            raise may_pass(error) from error

    async def _get(self, listing: _Listing[Any], url: URL, token: str, attempt: int) -> _Answer:
        await self._limiter.slot(listing.tenant_id, listing.dataset.workload)
        headers = {"Authorization": f"Bearer {token}"}
        begin = self._clock()
        try:
            async with self._connections.session().get(
                url, headers=headers, allow_redirects=False
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            words = f"{listing.dataset.name} of {listing.tenant_id}: {type(error).__name__}"
            raise down(words) from error
        _LOG.debug(
            "graph tenant=%s dataset=%s status=%d attempt=%d ms=%d",
            *(listing.tenant_id, listing.dataset.name, response.status, attempt),
            (self._clock() - begin).total_seconds() * 1000,
        )
        return _Answer(response.status, response.headers.get("Retry-After"), body)


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
