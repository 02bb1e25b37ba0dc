"""Collects the datasets of a run into its spool, resumable from where an earlier attempt stopped."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared_code.core.dataset import Dataset, Row, Snapshot, form_of
from shared_code.core.effort import Phase
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
from shared_code.core.meter import meter, step
from shared_code.core.ports import Clock, Progress, Source, Spool, SpoolFolder
from shared_code.core.privacy import Pseudonyms
from shared_code.core.run import RunRequest

# An expired page token restarts the listing; a listing that outlives its tokens this often
# does so for a reason, and waiting is better.
_MOST_RESTARTS = 3

# They become part of an address: one id, or several in quotes for a filter.
_IDS = re.compile(r"[A-Za-z0-9_-]+|'[A-Za-z0-9_-]+'(,'[A-Za-z0-9_-]+')*")

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

    def pages(self, dataset: Dataset[Row]) -> int:
        """Read so far."""
        return self.progress.get(dataset.name, Progress()).pages

    def missing(self) -> dict[str, DatasetError]:
        """What could not be read, by name."""
        return {
            name: DatasetError(name, p.reason, p.detail)
            for name, p in self.progress.items()
            if p.reason is not None
        }

    def snapshot(self) -> Snapshot:
        return self.spool.snapshot(self.missing())

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
        forms = {each.name: _form(each, is_masked=pseudonyms is not None) for each in needs}
        progress = await self._resumed(request, needs, spool, forms)
        stop = self.clock() + self.budget
        collection = _Collection(request, spool, progress, stop, pseudonyms)
        for dataset in needs:
            if not progress.get(dataset.name, Progress()).is_complete:
                try:
                    with step(Phase.READ, dataset.name):
                        progress[dataset.name] = await self._listing(collection, dataset)
                except UpstreamError as error:
                    if not gives_up(error):
                        formed = {n: replace(p, form=forms[n]) for n, p in progress.items()}
                        await self.folder.save(request, spool, formed)
                        raise
                    progress[dataset.name] = _unreadable(_gap(dataset, error))
        return collection.missing()

    async def _resumed(
        self,
        request: RunRequest,
        needs: tuple[Dataset[Row], ...],
        spool: Spool,
        forms: Mapping[str, str],
    ) -> dict[str, Progress]:
        """How far an earlier attempt got. Rows of another form leave the disk at once."""
        saved = await self.folder.load(request, spool)
        for dataset in needs:
            if dataset.name in saved and saved[dataset.name].form != forms[dataset.name]:
                spool.dataset(dataset).clear()
                del saved[dataset.name]
        return {name: progress for name, progress in saved.items() if name in forms}

    async def _listing(self, collection: _Collection, dataset: Dataset[Row]) -> Progress:
        for _ in range(_MOST_RESTARTS):
            try:
                return await self._pages(collection, dataset)
            except PageTokenExpired:
                # A cursor that died cannot be retried: all pages read so far are read again.
                collection.spool.dataset(dataset).clear()
                collection.progress[dataset.name] = Progress()
            except DatasetError as error:
                # Its own or that of its parents: for the same reason.
                return _unreadable(error)
            except ContractBroken as error:
                return _unreadable(DatasetError(dataset.name, Reason.CONTRACT, str(error)))
        raise UpstreamDown(f"{dataset.name}: page tokens expired {_MOST_RESTARTS} times")

    async def _pages(self, collection: _Collection, dataset: Dataset[Row]) -> Progress:
        so_far = collection.progress.get(dataset.name, Progress())
        if so_far.parent is None and so_far.cursor is None:
            # From the start: a file has no cursor, however far it was read.
            collection.spool.dataset(dataset).clear()
        for parent in _parents(collection, dataset, so_far):
            await self._listed(collection, dataset, parent)
        return Progress(is_complete=True, pages=collection.pages(dataset))

    async def _listed(
        self, collection: _Collection, dataset: Dataset[Row], parent: str | None
    ) -> None:
        so_far = collection.progress.get(dataset.name, Progress())
        cursor = so_far.cursor if so_far.parent == parent else None
        rows = collection.spool.dataset(dataset)
        listing = self.source.pages(collection.request.tenant_id, dataset, cursor, parent=parent)
        # Closed here, so that a page asked for ahead is not waited for by the garbage collector.
        async with aclosing(listing) as pages:
            async for page in pages:
                rows.append(collection.kept(page.rows))
                if current := meter():
                    current.pages += 1
                    current.rows += len(page.rows)
                number = collection.pages(dataset) + 1
                collection.progress[dataset.name] = Progress(
                    parent=parent, cursor=page.cursor, pages=number
                )
                if (page.cursor or parent) and self.clock() > collection.stop:
                    raise BudgetSpent(f"{dataset.name}: the time budget is spent", retry_after=0)


def _form(dataset: Dataset[Row], *, is_masked: bool) -> str:
    """What another release saved would lack fields, which reads as a fact; and what was saved
    before people had to be hidden shows them."""
    return f"{form_of(dataset)}{'-masked' if is_masked else ''}"


def _parents(
    collection: _Collection, dataset: Dataset[Row], so_far: Progress
) -> Iterable[str | None]:
    """Those not read to their end, in order; None alone for what belongs to nothing else.

    Raises DatasetError if their own dataset could not be read.
    """
    if dataset.parents is None:
        return (None,)
    known = sorted(set(dataset.parents.of(collection.snapshot())))
    if not all(map(_IDS.fullmatch, known)):
        raise ContractBroken(dataset.name, "a parent's id is not one to ask for")
    if so_far.parent is None:
        return known
    at = so_far.parent
    return [each for each in known if each > at or (each == at and so_far.cursor)]


def _gap(dataset: Dataset[Row], error: UpstreamError) -> DatasetError:
    throttled = isinstance(error, Throttled)
    return DatasetError(dataset.name, Reason.THROTTLED if throttled else Reason.UNREACHABLE)


def _unreadable(error: DatasetError) -> Progress:
    return Progress(is_complete=True, reason=error.reason, detail=error.detail)
