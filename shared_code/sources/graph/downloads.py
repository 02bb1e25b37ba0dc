"""Reads a usage report: Graph names a place, and there it is fetched without the tenant's token."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO

import aiohttp
from aiohttp import ClientResponse
from yarl import URL

from shared_code.core.dataset import Row
from shared_code.core.errors import ContractBroken, Throttled
from shared_code.sources.graph.addresses import download_url, first_url
from shared_code.sources.graph.csv_files import CsvFile
from shared_code.sources.graph.files import FILE_HEADERS, FILE_TIMEOUT, saved
from shared_code.sources.graph.refusals import PASSING, down, seconds_to_wait
from shared_code.sources.graph.requests import Answer, Requests, Wanted, count_answer, count_request
from shared_code.sources.graph.retrying import MayPass

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_DEAD = frozenset({400, 401, 403, 404, 410})


@dataclass(slots=True)
class Download[R: Row]:
    """One report of one tenant. `place` is kept while it is good: asking Graph again costs quota.

    The place is as good as the report itself: it stands in no log and in no error.
    """

    requests: Requests
    wanted: Wanted[R]
    base_url: str
    place: URL | None = field(default=None, repr=False)

    async def once(self, attempt: int) -> CsvFile[R]:
        """Raises MayPass or a lasting error."""
        file = await self._file(attempt)
        try:
            return CsvFile(self.wanted.dataset, file)
        except BaseException:
            file.close()
            raise

    async def _file(self, attempt: int) -> BinaryIO:
        if self.place is None:
            url = first_url(self.base_url, self.wanted.dataset)
            answer = await self.requests.get(self.wanted, url, attempt)
            if answer.file is not None:
                return answer.file
            if answer.status not in _REDIRECTS:
                raise await self.requests.refused(self.wanted, answer, attempt)
            self.place = self._following(url, answer.location)
        return await self._fetched(self.place, attempt)

    async def _fetched(self, place: URL, attempt: int) -> BinaryIO:
        for _ in range(_MOST_REDIRECTS):
            count_request(attempt)
            answer = await self._get(place)
            count_answer(answer)
            if answer.file is not None:
                return answer.file
            if answer.status not in _REDIRECTS:
                raise self._refused(answer)
            place = self._following(place, answer.location)
        raise ContractBroken(self.wanted.dataset.name, "the download leads nowhere")

    async def _get(self, place: URL) -> Answer:
        session = self.requests.connections.session()
        try:
            async with session.get(
                place, headers=FILE_HEADERS, allow_redirects=False, timeout=FILE_TIMEOUT
            ) as response:
                return await _read(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            # `from None`: what went wrong may quote the place.
            raise down(f"download of {self.wanted.words}: {type(error).__name__}") from None

    def _following(self, here: URL, location: str | None) -> URL:
        return download_url(self.base_url, self.wanted.dataset, here, location)

    def _refused(self, answer: Answer) -> Exception:
        words = f"download of {self.wanted.words}: {answer.status}"
        wait = seconds_to_wait(answer.retry_after, self.requests.clock())
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            return MayPass(lambda seconds: Throttled(words, retry_after=seconds), wait=wait)
        if answer.status in PASSING:
            return down(words, wait=wait)
        if answer.status in _DEAD:
            # It lives for minutes; Graph names another one.
            self.place = None
            return down(words)
        return ContractBroken(self.wanted.dataset.name, f"the download answered {answer.status}")


async def _read(response: ClientResponse) -> Answer:
    is_good = response.status == HTTPStatus.OK
    return Answer(
        response.status,
        response.headers.get("Retry-After"),
        response.headers.get("Location"),
        b"",
        await saved(response) if is_good else None,
    )
