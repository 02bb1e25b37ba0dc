"""Collecting as the service does it: GraphSource into the spool."""

from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.variants.fold import Fold
from bench.variants.stage import TENANT
from shared_code.datasets.guests import GUESTS, Guest
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import SandboxIssuer
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.source import GraphSource
from shared_code.sources.graph.tokens import Tokens
from shared_code.storage.spool import LocalSpool


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def graph(base_url: str) -> AsyncIterator[GraphSource]:
    connections = Connections()
    issuer = SandboxIssuer(connections, base_url=base_url, app_id="app", secret="-", clock=now)  # noqa: S106
    tokens = Tokens(issuer, clock=now)
    try:
        yield GraphSource(connections, tokens, Limiter(), base_url=base_url, clock=now)
    finally:
        await connections.close()


class Streaming:
    """Folds while the pages arrive, as the others do."""

    def __init__(self, folder: Path) -> None:
        self.spool = LocalSpool(folder, ExitStack())

    async def collect(self, base_url: str) -> Fold:
        fold = Fold()
        rows = self.spool.dataset(GUESTS)
        async with graph(base_url) as source:
            async for page in source.pages(TENANT, GUESTS):
                rows.append(page.rows)
                _add(fold, page.rows)
        return fold

    def rows(self) -> Iterable[Guest]:
        return self.spool.snapshot({}).rows(GUESTS)


class ReadBack(Streaming):
    """Folds what it reads back from disk, as a report does."""

    async def collect(self, base_url: str) -> Fold:
        rows = self.spool.dataset(GUESTS)
        async with graph(base_url) as source:
            async for page in source.pages(TENANT, GUESTS):
                rows.append(page.rows)
        fold = Fold()
        _add(fold, self.rows())
        return fold


def _add(fold: Fold, rows: Iterable[Guest]) -> None:
    for row in rows:
        fold.add(row.mail, row.account_enabled)
