"""One request to Graph: a token, a slot within the limits, an answer, and what a refusal means."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, BinaryIO

import aiohttp
from yarl import URL

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import LicenceMissing
from shared_code.core.meter import meter
from shared_code.core.ports import Clock
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.files import FILE_HEADERS, FILE_TIMEOUT, held, saved, size_of
from shared_code.sources.graph.licences import Licences
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.refusals import Refusal, down, error_of, read_refusal
from shared_code.sources.graph.retrying import MayPass, Retrying
from shared_code.sources.graph.tokens import Tokens, token_or_wait

_LOG = logging.getLogger(__name__)

# What is refused for good must not ask Entra for a token each time.
_GRANTED_SINCE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Wanted[R: Row]:
    """What is read of whom; `parent` where the dataset has parents."""

    tenant_id: TenantId
    dataset: Dataset[R]
    parent: str | None = None

    @property
    def words(self) -> str:
        return f"{self.dataset.name} of {self.tenant_id}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`file` holds the body of a usage report; the caller closes it."""

    status: int
    retry_after: str | None
    location: str | None
    body: bytes
    file: BinaryIO | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """All of it but the reading of a good answer."""

    connections: Connections
    tokens: Tokens
    limiter: Limiter
    licences: Licences
    retrying: Retrying
    clock: Clock

    async def get(self, wanted: Wanted[Any], url: URL, attempt: int) -> Answer:
        """The answer to the tenant's token, renewed if it is not accepted."""
        token = await token_or_wait(self.tokens, wanted.tenant_id)
        answer = await self._get(wanted, url, token, attempt)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self.tokens.drop(wanted.tenant_id, token)
        elif answer.status == HTTPStatus.FORBIDDEN:
            # A token keeps the permissions of its birth.
            self.tokens.drop(wanted.tenant_id, token, older_than=_GRANTED_SINCE)
        else:
            return answer
        renewed = await token_or_wait(self.tokens, wanted.tenant_id)
        return answer if renewed == token else await self._get(wanted, url, renewed, attempt)

    async def refused(self, wanted: Wanted[Any], answer: Answer, attempt: int) -> Exception:
        """The error to raise."""
        refusal = read_refusal(answer.status, answer.retry_after, answer.body, now=self.clock())
        _LOG.warning(
            "graph refused tenant=%s dataset=%s attempt=%d: %s",
            *(wanted.tenant_id, wanted.dataset.name, attempt, refusal.words),
        )
        return await self._error(wanted, refusal, attempt)

    async def _error(self, wanted: Wanted[Any], refusal: Refusal, attempt: int) -> Exception:
        tenant_id, dataset = wanted.tenant_id, wanted.dataset
        if licence := dataset.licence:
            if refusal.denies_premium and await self.licences.includes(tenant_id, licence):
                return down(f"{wanted.words}: premium licence denied and owned")
            if refusal.denies_something and await self.licences.lacks(tenant_id, licence):
                return LicenceMissing(dataset.name, licence)
        error = error_of(refusal, tenant_id, dataset)
        if refusal.status == HTTPStatus.TOO_MANY_REQUESTS and isinstance(error, MayPass):
            if error.wait is None:
                error.wait = self.retrying.backoff(attempt)
            self.limiter.pause(tenant_id, dataset.workload, error.wait)
        return error

    async def _get(self, wanted: Wanted[Any], url: URL, token: str, attempt: int) -> Answer:
        await self.limiter.slot(wanted.tenant_id, wanted.dataset.workload)
        count_request(attempt)
        begin = self.clock()
        try:
            answer = await self._answer(wanted, url, token)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise down(f"{wanted.words}: {type(error).__name__}") from error
        count_answer(answer)
        _LOG.debug(
            "graph tenant=%s dataset=%s status=%d attempt=%d ms=%d",
            *(wanted.tenant_id, wanted.dataset.name, answer.status, attempt),
            (self.clock() - begin).total_seconds() * 1000,
        )
        return answer

    async def _answer(self, wanted: Wanted[Any], url: URL, token: str) -> Answer:
        is_file = wanted.dataset.key is not None
        headers = {"Authorization": f"Bearer {token}"} | (FILE_HEADERS if is_file else {})
        session = self.connections.session()
        timeout = FILE_TIMEOUT if is_file else session.timeout
        async with session.get(
            url, headers=headers, allow_redirects=False, timeout=timeout
        ) as response:
            is_good_file = is_file and response.status == HTTPStatus.OK
            return Answer(
                response.status,
                response.headers.get("Retry-After"),
                response.headers.get("Location"),
                b"" if is_good_file else await held(response),
                await saved(response) if is_good_file else None,
            )


def count_request(attempt: int) -> None:
    if current := meter():
        current.requests += 1
        current.retries += attempt > 1


def count_answer(answer: Answer) -> None:
    if current := meter():
        current.received += len(answer.body) + (size_of(answer.file) if answer.file else 0)
        current.throttled += answer.status == HTTPStatus.TOO_MANY_REQUESTS
