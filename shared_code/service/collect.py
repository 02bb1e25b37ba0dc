"""Collects the datasets of a run into its spool, resumable from where an earlier attempt stopped."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import (
    BudgetSpent,
    ContractBroken,
    DatasetError,
    PageTokenExpired,
    Reason,
    Throttled,
    UpstreamDown,
    UpstreamError,
)
from shared_code.core.ports import Clock, Progress, Source, Spool, SpoolFolder
from shared_code.core.privacy import Pseudonyms
from shared_code.core.run import RunRequest

# An expired page token restarts the listing; a listing that outlives its tokens this often
# does so for a reason, and waiting is better.
_MOST_RESTARTS = 3

type GivesUp = Callable[[UpstreamError], bool]
"""Whether this failure becomes a gap, because waiting once more would be once too often."""


@dataclass(slots=True)
class _Collection:
    """One invocation's work on one run; `progress` by dataset name."""

    request: RunRequest
    spool: Spool
    progress: dict[str, Progress]
    stop: datetime
    pseudonyms: Pseudonyms | None

    def kept(self, rows: Sequence[Row]) -> Sequence[Row]:
        masked = self.pseudonyms
        return [masked.masked(row) for row in rows] if masked else rows


@dataclass(frozen=True, slots=True)
class Collector:
    """`budget` bounds one invocation; what is left goes on in the next."""

    source: Source
    folder: SpoolFolder
    clock: Clock
    budget: timedelta

    async def collect(
        self,
        request: RunRequest,
        needs: tuple[Dataset[Row], ...],
        spool: Spool,
        *,
        gives_up: GivesUp,
        pseudonyms: Pseudonyms | None = None,
    ) -> Mapping[str, DatasetError]:
        """What could not be read, by dataset name. Saves the spool before UpstreamError leaves.

        With `pseudonyms`, nobody's name reaches the disk.
        """
        progress = await self.folder.load(request, spool)
        stop = self.clock() + self.budget
        collection = _Collection(request, spool, progress, stop, pseudonyms)
        for dataset in needs:
            if not progress.get(dataset.name, Progress()).is_complete:
                try:
                    progress[dataset.name] = await self._listing(collection, dataset)
                except UpstreamError as error:
                    if not gives_up(error):
                        await self.folder.save(request, spool, progress)
                        raise
                    progress[dataset.name] = _unreadable(_gap(dataset, error))
        return {
            name: DatasetError(name, p.reason, p.detail)
            for name, p in progress.items()
            if p.reason is not None
        }

    async def _listing(self, collection: _Collection, dataset: Dataset[Row]) -> Progress:
        for _ in range(_MOST_RESTARTS):
            try:
                return await self._pages(collection, dataset)
            except PageTokenExpired:
                # A cursor that died cannot be retried: all pages read so far are read again.
                collection.spool.dataset(dataset).clear()
                collection.progress[dataset.name] = Progress()
            except DatasetError as error:
                return _unreadable(error)
            except ContractBroken as error:
                return _unreadable(DatasetError(dataset.name, Reason.CONTRACT, str(error)))
        raise UpstreamDown(f"{dataset.name}: page tokens expired {_MOST_RESTARTS} times")

    async def _pages(self, collection: _Collection, dataset: Dataset[Row]) -> Progress:
        so_far = collection.progress.get(dataset.name, Progress())
        rows = collection.spool.dataset(dataset)
        tenant_id = collection.request.tenant_id
        # Closed here, so that a page asked for ahead is not waited for by the garbage collector.
        async with aclosing(self.source.pages(tenant_id, dataset, so_far.cursor)) as pages:
            async for page in pages:
                rows.append(collection.kept(page.rows))
                so_far = Progress(cursor=page.cursor, pages=so_far.pages + 1)
                collection.progress[dataset.name] = so_far
                if page.cursor and self.clock() > collection.stop:
                    raise BudgetSpent(f"{dataset.name}: the time budget is spent", retry_after=0)
        return Progress(is_complete=True, pages=so_far.pages)


def _gap(dataset: Dataset[Row], error: UpstreamError) -> DatasetError:
    throttled = isinstance(error, Throttled)
    return DatasetError(dataset.name, Reason.THROTTLED if throttled else Reason.UNREACHABLE)


def _unreadable(error: DatasetError) -> Progress:
    return Progress(is_complete=True, reason=error.reason, detail=error.detail)
