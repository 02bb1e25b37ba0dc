"""Ledger in table `runs`: a tenant's runs, leases and points share a partition, so a transaction."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec

from shared_code.core.errors import LeaseLost, MessageMalformed
from shared_code.core.metric import Point
from shared_code.core.period import Period
from shared_code.core.ports import Claim, Clock, Held
from shared_code.core.run import Run, RunRequest, RunState
from shared_code.core.tenant import TenantId
from shared_code.storage.keys import below, is_key
from shared_code.storage.ledger_rows import (
    StoredLease,
    StoredRun,
    lease_key,
    lease_row,
    point_of,
    point_row,
    run_key,
    run_of,
    run_row,
    stored_lease,
    stored_run,
)
from shared_code.storage.table import Table, deleting, putting, writing

# A transaction takes 100 rows; two are the run and its lease.
_MOST_POINTS = 98

# A heartbeat may renew the lease between reading and writing it, but not again and again.
_MOST_TRIES = 3

_IN_PARTITION = "PartitionKey eq @tenant and "
_BETWEEN = "RowKey gt @low and RowKey lt @high"


class TableLedger:
    """Whoever writes a run holds its lease row, by ETag; nobody else can come in between."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def plan(self, run: Run) -> None:
        await self._table.insert(run_row(run))

    async def find(self, tenant_id: TenantId, report: str, end: datetime) -> Run | None:
        stored = await self._run(tenant_id, report, end)
        return stored.run if stored else None

    async def claim(self, request: RunRequest, *, lease: timedelta) -> Claim | Held | None:
        token = uuid4().hex
        place = request.tenant_id, request.report, request.end
        if not (is_key(request.tenant_id) and is_key(lease_key(*place[1:]))):
            raise MessageMalformed("queue runs: names no tenant or report there could be")
        # A turn fails only if another claim got through meanwhile, and the next one sees that.
        for _ in range(_MOST_TRIES):
            stored, held = await asyncio.gather(self._run(*place), self._lease(*place))
            if stored and stored.run.state.is_final:
                return None
            if stored and held and held.token == token:
                # The SDK retried a transaction that had gone through.
                return Claim(stored.run, token, held.etag)
            if held and held.until > self._clock():
                return Held(held.until)
            claim = await self._take(request, token, lease, stored=stored, held=held)
            if claim:
                return claim
        return Held(self._clock() + lease)

    async def reopen(self, run: Run, *, at: datetime) -> Run | None:
        planned = run.planned_again(at)
        stored = await self._run(run.tenant_id, run.report, run.end)
        if stored is None or stored.run != run or not run.state.is_refused:
            return None
        if await self._table.replace(run_row(planned), etag=stored.etag):
            return planned
        # The SDK retried a request that had gone through.
        stored = await self._run(run.tenant_id, run.report, run.end)
        return planned if stored and stored.run == planned else None

    async def renew(self, claim: Claim, *, lease: timedelta) -> Claim:
        etag = claim.etag
        for _ in range(_MOST_TRIES):
            row = lease_row(claim.run, token=claim.token, until=self._clock() + lease)
            written = await self._table.replace(row, etag=etag)
            if written:
                return Claim(claim.run, claim.token, written)
            etag = await self._etag(claim)
        raise LeaseLost(claim.run.id)

    async def settle(self, claim: Claim, run: Run, points: Sequence[Point] = ()) -> None:
        if len(points) > _MOST_POINTS:
            raise ValueError(f"{run.report}: more than {_MOST_POINTS} points in one run")
        lease = lease_row(claim.run, token=claim.token, until=self._clock())
        etag = claim.etag
        for _ in range(_MOST_TRIES):
            rows = (run_row(run, token=claim.token), *(point_row(run, p) for p in points))
            operations = [deleting(lease, etag=etag), *(putting(row) for row in rows)]
            if await self._table.commit(operations) or await self._is_settled(claim, run):
                return
            etag = await self._etag(claim)
        raise LeaseLost(claim.run.id)

    async def runs(
        self,
        tenant_id: TenantId,
        *,
        report: str | None = None,
        within: Period | None = None,
        limit: int = 100,
    ) -> Sequence[Run]:
        """At most `limit` of each report."""
        reports = [report] if report else sorted(await self._reports(tenant_id))
        newest = [await self._newest(tenant_id, name, within, limit) for name in reports]
        return [run for runs in newest for run in runs]

    async def points(self, tenant_id: TenantId, report: str) -> Sequence[Point]:
        low, high = below("point", report)
        found = self._table.query(_IN_PARTITION + _BETWEEN, tenant=tenant_id, low=low, high=high)
        points = [point_of(stored.properties) async for stored in found]
        return sorted(points, key=lambda point: point.end)

    async def forget(self, run: Run) -> bool:
        stored = await self._run(run.tenant_id, run.report, run.end)
        if stored is None or not stored.run.state.is_final:
            return False
        return bool(await self._table.commit([deleting(run_row(run), etag=stored.etag)]))

    async def forget_points(self, tenant_id: TenantId, *, before: datetime) -> int:
        low, high = below("point")
        # ISO 8601 in UTC: the order of texts is that of time.
        return await self._table.sweep(
            f"{_IN_PARTITION}{_BETWEEN} and end lt @before",
            tenant=tenant_id,
            low=low,
            high=high,
            before=before.astimezone(UTC).isoformat(),
        )

    async def _newest(
        self, tenant_id: TenantId, report: str, within: Period | None, limit: int
    ) -> list[Run]:
        low, high = below("run", report)
        if within:
            # Newest first: the end, which does not belong to it, comes before all.
            low, high = run_key(report, within.end), run_key(report, within.start) + "~"
        found = self._table.query(
            _IN_PARTITION + _BETWEEN,
            limit=limit,
            tenant=tenant_id,
            low=low,
            high=high,
        )
        return [run_of(stored.properties) async for stored in found]

    async def _reports(self, tenant_id: TenantId) -> list[str]:
        """Jumps from report to report instead of reading all their runs."""
        reports: list[str] = []
        low, high = below("run")
        while True:
            found = self._table.query(
                _IN_PARTITION + _BETWEEN, limit=1, tenant=tenant_id, low=low, high=high
            )
            first = await anext(found, None)
            if first is None:
                return reports
            reports.append(run_of(first.properties).report)
            low = below("run", reports[-1])[1]

    async def _take(
        self,
        request: RunRequest,
        token: str,
        lease: timedelta,
        *,
        stored: StoredRun | None,
        held: StoredLease | None,
    ) -> Claim | None:
        now = self._clock()
        known = stored.run if stored else Run.planned(request, now)
        run = msgspec.structs.replace(
            known, state=RunState.RUNNING, attempt=request.attempt, updated=now
        )
        row = lease_row(run, token=token, until=now + lease)
        written = await self._table.commit(
            [
                writing(row, etag=held.etag if held else None),
                writing(run_row(run, token=token), etag=stored.etag if stored else None),
            ]
        )
        return Claim(run, token, written[0] or "") if written else None

    async def _is_settled(self, claim: Claim, run: Run) -> bool:
        """The SDK retries a transaction whose answer got lost; it went through the first time."""
        stored = await self._run(run.tenant_id, run.report, run.end)
        return stored is not None and stored.token == claim.token and stored.run == run

    async def _etag(self, claim: Claim) -> str:
        """Of our lease, as a heartbeat may have renewed it. Raises LeaseLost."""
        run = claim.run
        held = await self._lease(run.tenant_id, run.report, run.end)
        if held is None or held.token != claim.token:
            raise LeaseLost(run.id)
        return held.etag

    async def _run(self, tenant_id: TenantId, report: str, end: datetime) -> StoredRun | None:
        stored = await self._table.get(tenant_id, run_key(report, end))
        return stored_run(stored) if stored else None

    async def _lease(self, tenant_id: TenantId, report: str, end: datetime) -> StoredLease | None:
        stored = await self._table.get(tenant_id, lease_key(report, end))
        return stored_lease(stored) if stored else None
