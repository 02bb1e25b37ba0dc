"""Fakes of the ports: they keep state and keep the same promises as the adapters do."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from msgspec.structs import replace

from shared_code.core.assessment import Assessment
from shared_code.core.audit import Entry
from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import (
    LeaseLost,
    LinkInvalid,
    MessageMalformed,
    NotPermitted,
    TenantGone,
)
from shared_code.core.gdap import Delegation, Relationship
from shared_code.core.invitation import Invitation, InvitationId, InvitationState
from shared_code.core.link import Link, Opening
from shared_code.core.metric import Point
from shared_code.core.period import Period
from shared_code.core.ports import Claim, Enterprise, Filed, Held, Page, Progress, Spool
from shared_code.core.proof import Found, Proof
from shared_code.core.readiness import ProbeRequest, Readiness
from shared_code.core.run import Run, RunId, RunRequest, RunState
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.core.upkeep import UpkeepRequest
from shared_code.core.waiting import DeadLetter, Depth, Message
from shared_code.storage.keys import is_key
from shared_code.storage.ledger_rows import lease_key
from shared_code.storage.spool import LocalSpool, open_spool

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class FakeClock:
    """Stands still until it is told otherwise."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class FakeTenants:
    kept: dict[TenantId, Tenant] = field(default_factory=dict[TenantId, Tenant])

    @classmethod
    def of(cls, *tenants: Tenant) -> "FakeTenants":
        return cls({tenant.id: tenant for tenant in tenants})

    async def get(self, tenant_id: TenantId) -> Tenant | None:
        return self.kept.get(tenant_id)

    async def all(self) -> Sequence[Tenant]:
        return list(self.kept.values())

    async def save(self, tenant: Tenant) -> None:
        known = self.kept.get(tenant.id)
        if known and known.state is TenantState.OFFBOARDING is not tenant.state:
            raise NotPermitted(f"{tenant.id} is being offboarded")
        self.kept[tenant.id] = tenant

    async def set_state(
        self, tenant_id: TenantId, state: TenantState, *, was: TenantState | None = None
    ) -> bool:
        known = self.kept.get(tenant_id)
        if known is None or (was and known.state is not was):
            return False
        self.kept[tenant_id] = replace(known, state=state)
        return True

    async def change(
        self, tenant_id: TenantId, to: Callable[[Tenant], Tenant]
    ) -> tuple[Tenant, Tenant] | None:
        before = self.kept.get(tenant_id)
        if before is None:
            return None
        self.kept[tenant_id] = after = to(before)
        return before, after

    async def remove(self, tenant_id: TenantId, *, was: TenantState) -> bool:
        known = self.kept.get(tenant_id)
        if known is None or known.state is not was:
            return False
        del self.kept[tenant_id]
        return True


@dataclass
class FakeAssessments:
    kept: dict[str, Assessment] = field(default_factory=dict[str, Assessment])

    async def all(self) -> Sequence[Assessment]:
        return list(self.kept.values())

    async def get(self, announcement: str) -> Assessment | None:
        return self.kept.get(announcement)

    async def put(self, assessment: Assessment) -> None:
        self.kept[assessment.id] = assessment

    async def delete(self, announcement: str) -> bool:
        return self.kept.pop(announcement, None) is not None


@dataclass(frozen=True)
class _Lease:
    token: str
    until: datetime


class FakeLedger:
    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.kept: dict[RunId, Run] = {}
        self.leases: dict[RunId, _Lease] = {}
        self.measured: dict[tuple[TenantId, str, str, datetime], Point] = {}
        self._settled: dict[RunId, str] = {}

    async def plan(self, run: Run) -> None:
        self.kept.setdefault(run.id, run)

    async def find(self, tenant_id: TenantId, report: str, end: datetime) -> Run | None:
        return next((r for r in await self.runs(tenant_id, report=report) if r.end == end), None)

    async def claim(self, request: RunRequest, *, lease: timedelta) -> Claim | Held | None:
        if not (is_key(request.tenant_id) and is_key(lease_key(request.report, request.end))):
            raise MessageMalformed("names no tenant or report there could be")
        now = self.clock()
        known = self.kept.get(request.run_id) or Run.planned(request, now)
        if known.state.is_final:
            return None
        held = self.leases.get(request.run_id)
        if held and held.until > now:
            return Held(held.until)
        run = replace(known, state=RunState.RUNNING, attempt=request.attempt, updated=now)
        self.kept[run.id] = run
        return self._leased(run, uuid4().hex, lease)

    async def reopen(self, run: Run, *, at: datetime) -> Run | None:
        if self.kept.get(run.id) != run or not run.state.is_refused:
            return None
        self.kept[run.id] = planned = run.planned_again(at)
        return planned

    async def renew(self, claim: Claim, *, lease: timedelta) -> Claim:
        self._hold(claim)
        return self._leased(claim.run, claim.token, lease)

    async def settle(self, claim: Claim, run: Run, points: Sequence[Point] = ()) -> None:
        if self._settled.get(run.id) == claim.token and self.kept[run.id] == run:
            return
        self._hold(claim)
        self.kept[run.id] = run
        for point in points:
            self.measured[run.tenant_id, run.report, point.metric, point.end] = point
        self._settled[run.id] = claim.token
        del self.leases[run.id]

    async def runs(
        self,
        tenant_id: TenantId,
        *,
        report: str | None = None,
        within: Period | None = None,
        limit: int = 100,
    ) -> Sequence[Run]:
        found = [r for r in self.kept.values() if r.tenant_id == tenant_id]
        if within:
            found = [r for r in found if within.start <= r.end < within.end]
        newest = sorted(found, key=lambda run: run.end, reverse=True)
        reports = [report] if report else sorted({run.report for run in found})
        return [r for name in reports for r in [n for n in newest if n.report == name][:limit]]

    async def points(self, tenant_id: TenantId, report: str) -> Sequence[Point]:
        found = (p for key, p in self.measured.items() if key[:2] == (tenant_id, report))
        return sorted(found, key=lambda point: (point.end, point.metric))

    async def forget(self, run: Run) -> bool:
        known = self.kept.get(run.id)
        if known is None or not known.state.is_final:
            return False
        del self.kept[run.id]
        return True

    async def forget_points(self, tenant_id: TenantId, *, before: datetime) -> int:
        old = [key for key in self.measured if key[0] == tenant_id and key[3] < before]
        for key in old:
            del self.measured[key]
        return len(old)

    def _leased(self, run: Run, token: str, lease: timedelta) -> Claim:
        self.leases[run.id] = _Lease(token, self.clock() + lease)
        return Claim(run, token, uuid4().hex)

    def _hold(self, claim: Claim) -> None:
        held = self.leases.get(claim.run.id)
        if held is None or held.token != claim.token:
            raise LeaseLost(claim.run.id)


@dataclass
class FakeQueue:
    """`sent` with the delay of each message, oldest first."""

    sent: list[tuple[RunRequest, timedelta]] = field(
        default_factory=list[tuple[RunRequest, timedelta]]
    )

    async def send(self, request: RunRequest, *, delay: timedelta = timedelta()) -> None:
        self.sent.append((request, delay))

    @property
    def requests(self) -> list[RunRequest]:
        return [request for request, _ in self.sent]


@dataclass
class FakeUpkeepQueue:
    """`sent` with the delay of each message, oldest first."""

    sent: list[tuple[UpkeepRequest, timedelta]] = field(
        default_factory=list[tuple[UpkeepRequest, timedelta]]
    )

    async def send(self, request: UpkeepRequest, *, delay: timedelta = timedelta()) -> None:
        self.sent.append((request, delay))


@dataclass
class FakeHoldings:
    """How many things of each kind each tenant has."""

    kept: dict[str, dict[TenantId, int]] = field(default_factory=dict[str, dict[TenantId, int]])

    @property
    def kinds(self) -> Sequence[str]:
        return tuple(self.kept)

    async def found(self, kind: str, tenant_id: TenantId) -> Found:
        count = self.kept[kind].get(tenant_id, 0)
        return Found(count=count, oldest=NOON, newest=NOON) if count else Found()

    async def purge(self, kind: str, tenant_id: TenantId, *, until: datetime) -> None:
        assert until == NOON
        self.kept[kind].pop(tenant_id, None)


@dataclass
class FakeProofs:
    """Newest last."""

    kept: dict[TenantId, list[Proof]] = field(default_factory=dict[TenantId, list[Proof]])

    async def newest(self, tenant_id: TenantId) -> Proof | None:
        return self.kept[tenant_id][-1] if tenant_id in self.kept else None

    async def open(self, proof: Proof) -> bool:
        known = self.kept.setdefault(proof.tenant_id, [])
        if any(each.number == proof.number for each in known):
            return False
        known.append(proof)
        return True

    async def change(self, tenant_id: TenantId, to: Callable[[Proof], Proof]) -> Proof:
        if tenant_id not in self.kept:
            raise LookupError(tenant_id)
        self.kept[tenant_id][-1] = to(self.kept[tenant_id][-1])
        return self.kept[tenant_id][-1]


@dataclass
class FakeDeadLetters:
    kept: dict[str, bytes] = field(default_factory=dict[str, bytes])

    async def keep(self, message_id: str, body: bytes) -> None:
        self.kept[message_id] = body

    async def all(self) -> Sequence[DeadLetter]:
        return [DeadLetter(id=name, kept=NOON) for name in self.kept]

    async def read(self, message_id: str) -> bytes | None:
        return self.kept.get(message_id)

    async def drop(self, message_id: str) -> None:
        self.kept.pop(message_id, None)


@dataclass
class FakeQueues:
    """Messages by queue, oldest first; all are visible."""

    kept: dict[str, list[Message]] = field(default_factory=dict[str, list[Message]])

    async def depths(self) -> Sequence[Depth]:
        return [
            Depth(queue=name, count=len(found), oldest=found[0].queued if found else None)
            for name, found in self.kept.items()
        ]

    async def peek(self, queue: str) -> Sequence[Message]:
        return self.kept[queue][:32]

    async def send(self, queue: str, body: bytes) -> None:
        name = f"sent-{len(self.kept[queue])}"
        self.kept[queue].append(Message(id=name, queue=queue, body=body, queued=NOON, tries=0))

    async def move(self, message: Message, *, to: str) -> bool:
        if not await self.drop(message):
            return False
        self.kept[to].append(replace(message, queue=to))
        return True

    async def drop(self, message: Message) -> bool:
        found = message in self.kept[message.queue]
        if found:
            self.kept[message.queue].remove(message)
        return found


@dataclass
class FakeArchive:
    """`host`: where large files are fetched from; None as where readers cannot reach it."""

    host: str | None = None
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    media_types: dict[str, str] = field(default_factory=dict[str, str])

    async def put(self, path: str, file: Path, *, media_type: str) -> None:
        self.files[path] = file.read_bytes()  # noqa: ASYNC240
        self.media_types[path] = media_type

    async def fetch(self, path: str, target: BinaryIO) -> None:
        target.write(await self.read(path))

    async def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    async def redirect(self, path: str, *, file_name: str, media_type: str) -> str | None:
        return f"{self.host}/reports/{path}?file={file_name}" if self.host else None

    async def keep_only(self, folder: str, attempt: str) -> None:
        others = [
            path
            for path in self.files
            if path.startswith(f"{folder}/") and not path.startswith(f"{folder}/{attempt}/")
        ]
        for path in others:
            del self.files[path]


@dataclass
class FakeLinks:
    kept: dict[tuple[TenantId, str], Link] = field(default_factory=dict[tuple[TenantId, str], Link])
    opened: list[Opening] = field(default_factory=list[Opening])
    uses: dict[tuple[TenantId, str, int], datetime] = field(
        default_factory=dict[tuple[TenantId, str, int], datetime]
    )

    async def add(self, links: Sequence[Link]) -> None:
        for link in links:
            known = self.kept.get((link.tenant_id, link.jti))
            revoked = link.revoked or (known.revoked if known else None)
            self.kept[link.tenant_id, link.jti] = replace(link, revoked=revoked)

    async def get(self, tenant_id: TenantId, jti: str) -> Link | None:
        return self.kept.get((tenant_id, jti))

    async def find(self, jti: str) -> Link | None:
        return next((link for link in self.kept.values() if link.jti == jti), None)

    async def starting(self, tenant_id: TenantId, prefix: str) -> Sequence[Link]:
        return [
            o for (t, j), o in self.kept.items() if t == tenant_id and j.startswith(f"{prefix}-")
        ]

    async def revoke(self, tenant_id: TenantId, jti: str, *, at: datetime) -> None:
        link = self.kept.get((tenant_id, jti))
        if link is None:
            raise LinkInvalid("unknown link")
        self.kept[tenant_id, jti] = replace(link, revoked=link.revoked or at)

    async def record(self, opening: Opening) -> None:
        self.opened.append(opening)

    async def openings(self, tenant_id: TenantId, jti: str) -> Sequence[Opening]:
        found = [o for o in self.opened if o.tenant_id == tenant_id and o.jti == jti]
        return sorted(found, key=lambda opening: opening.at, reverse=True)

    async def issued(self, tenant_id: TenantId, *, since: datetime) -> Sequence[Link]:
        found = [x for x in self.kept.values() if x.tenant_id == tenant_id and x.created >= since]
        return sorted(found, key=lambda link: link.created, reverse=True)

    async def used(self, tenant_id: TenantId, jti: str) -> Sequence[datetime]:
        return [at for key, at in sorted(self.uses.items()) if key[:2] == (tenant_id, jti)]

    async def use(self, link: Link, number: int, *, at: datetime) -> bool:
        if (link.tenant_id, link.jti, number) in self.uses:
            return False
        self.uses[link.tenant_id, link.jti, number] = at
        return True

    async def log(self, tenant_id: TenantId, *, limit: int | None = None) -> Sequence[Opening]:
        found = [o for o in self.opened if o.tenant_id == tenant_id]
        return sorted(found, key=lambda o: o.at, reverse=True)[:limit]

    async def forget(self, tenant_id: TenantId, *, expired_before: datetime) -> int:
        old = [k for k, o in self.kept.items() if k[0] == tenant_id and o.expires < expired_before]
        uses = [key for key in self.uses if key[:2] in old]
        for key in old:
            del self.kept[key]
        for use in uses:
            del self.uses[use]
        return len(old) + len(uses)

    async def forget_openings(self, tenant_id: TenantId, *, before: datetime) -> int:
        left = [o for o in self.opened if o.tenant_id != tenant_id or o.at >= before]
        gone, self.opened = len(self.opened) - len(left), left
        return gone


@dataclass
class FakeAudit:
    kept: list[Entry] = field(default_factory=list[Entry])

    async def record(self, entry: Entry) -> None:
        self.kept.append(entry)

    async def entries(self, tenant_id: TenantId, *, limit: int = 200) -> Sequence[Entry]:
        found = [entry for entry in self.kept if entry.tenant_id == tenant_id]
        return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]

    async def forget(self, tenant_id: TenantId, *, before: datetime) -> int:
        left = [e for e in self.kept if e.tenant_id != tenant_id or e.at >= before]
        gone, self.kept = len(self.kept) - len(left), left
        return gone


@dataclass
class FakeInvitations:
    kept: dict[tuple[TenantId, InvitationId], Filed] = field(
        default_factory=dict[tuple[TenantId, InvitationId], Filed]
    )

    async def add(self, invitation: Invitation) -> None:
        self._file(invitation)

    async def get(self, tenant_id: TenantId, invitation: InvitationId) -> Filed | None:
        return self.kept.get((tenant_id, invitation))

    async def of(self, tenant_id: TenantId) -> Sequence[Filed]:
        return [f for f in self.kept.values() if f.invitation.tenant_id == tenant_id]

    async def in_state(self, state: InvitationState) -> Sequence[Filed]:
        return [f for f in self.kept.values() if f.invitation.state is state]

    async def move(self, filed: Filed, state: InvitationState, *, at: datetime) -> Filed | None:
        known = filed.invitation
        current = self.kept.get((known.tenant_id, known.id))
        if current is None or current.etag != filed.etag:
            return None
        return self._file(replace(known, state=state, used=known.used or at))

    async def forget(self, tenant_id: TenantId, *, expired_before: datetime) -> int:
        filed = await self.of(tenant_id)
        old = [f.invitation.id for f in filed if f.invitation.expires < expired_before]
        for each in old:
            del self.kept[tenant_id, each]
        return len(old)

    def _file(self, invitation: Invitation) -> Filed:
        filed = Filed(invitation, uuid4().hex)
        self.kept[invitation.tenant_id, invitation.id] = filed
        return filed


@dataclass
class FakeDomains:
    """Tenants by domain; each knows its own id as well."""

    tenants: dict[str, TenantId] = field(default_factory=dict[str, TenantId])

    async def tenant_of(self, domain: str) -> TenantId | None:
        return self.tenants.get(domain) or next(
            (each for each in self.tenants.values() if each == domain), None
        )


class FakeSource:
    """Serves pages by dataset name, or `name/parent`; a cursor is the number of the next page."""

    def __init__(self, pages: Mapping[str, Sequence[Sequence[Row]]]) -> None:
        self.listings = dict(pages)
        self.served: list[tuple[TenantId, str, int]] = []
        self._failures: dict[str, list[tuple[int, Exception]]] = {}

    def fail(self, dataset: str, error: Exception, *, before_page: int = 0, times: int = 1) -> None:
        """Raise instead of serving that page, the next so many times; errors take turns."""
        self._failures.setdefault(dataset, []).extend([(before_page, error)] * times)

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        name = dataset.name if parent is None else f"{dataset.name}/{parent}"
        listing = self.listings[name]
        for number in range(int(cursor or 0), max(len(listing), 1)):
            self._raise_failure(name, number)
            rows = [_typed(dataset, row) for row in listing[number]] if listing else []
            self.served.append((tenant_id, name, number))
            yield Page(rows, str(number + 1) if number + 1 < len(listing) else None)

    def _raise_failure(self, dataset: str, page: int) -> None:
        failures = self._failures.get(dataset, [])
        if failures and failures[0][0] == page:
            raise failures.pop(0)[1]


def _typed[R: Row](dataset: Dataset[R], row: Row) -> R:
    assert isinstance(row, dataset.row), f"{dataset.name} does not list {type(row).__name__}"
    return row


@dataclass
class FakeDirectory:
    enterprises: dict[TenantId, Enterprise] = field(default_factory=dict[TenantId, Enterprise])
    failures: dict[TenantId, Exception] = field(default_factory=dict[TenantId, Exception])

    async def enterprise(self, tenant_id: TenantId) -> Enterprise:
        if tenant_id in self.failures:
            raise self.failures[tenant_id]
        if tenant_id not in self.enterprises:
            raise TenantGone(f"{tenant_id}: not found")
        return self.enterprises[tenant_id]


@dataclass
class FakeLicensing:
    """`owned` licences of every tenant; None where they cannot be known."""

    owned: frozenset[str] | None = frozenset()

    async def lacking(
        self, tenant_id: TenantId, licences: Collection[str]
    ) -> frozenset[str] | None:
        return None if self.owned is None else frozenset(licences) - self.owned


@dataclass
class FakeReadinesses:
    kept: dict[TenantId, Readiness] = field(default_factory=dict[TenantId, Readiness])

    async def get(self, tenant_id: TenantId) -> Readiness | None:
        return self.kept.get(tenant_id)

    async def all(self) -> Sequence[Readiness]:
        return list(self.kept.values())

    async def put(self, readiness: Readiness) -> None:
        self.kept[readiness.tenant_id] = readiness


@dataclass
class FakeDelegations:
    kept: dict[TenantId, Delegation] = field(default_factory=dict[TenantId, Delegation])

    async def get(self, tenant_id: TenantId) -> Delegation | None:
        return self.kept.get(tenant_id)

    async def put(self, delegation: Delegation) -> None:
        self.kept[delegation.tenant_id] = delegation


@dataclass
class FakePartnership:
    found: list[Relationship] = field(default_factory=list[Relationship])
    failure: Exception | None = None

    async def relationships(self) -> Sequence[Relationship]:
        if self.failure:
            raise self.failure
        return list(self.found)


@dataclass
class FakeProbes:
    """`sent` with the delay of each message, oldest first."""

    sent: list[tuple[TenantId, timedelta]] = field(default_factory=list[tuple[TenantId, timedelta]])

    async def send(self, request: ProbeRequest, *, delay: timedelta = timedelta()) -> None:
        self.sent.append((request.tenant_id, delay))


class FakeSpoolFolder:
    """Real spools below `root`; what is saved stays in memory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.saved: dict[RunId, tuple[dict[str, bytes], dict[str, Progress]]] = {}

    def open(self) -> AbstractContextManager[LocalSpool]:
        return open_spool(self.root)

    async def save(
        self, request: RunRequest, spool: Spool, progress: Mapping[str, Progress]
    ) -> None:
        assert isinstance(spool, LocalSpool)
        files = {name: file.read_bytes() for name, file in spool.collected().items()}
        self.saved[request.run_id] = files, dict(progress)

    async def load(self, request: RunRequest, spool: Spool) -> dict[str, Progress]:
        assert isinstance(spool, LocalSpool)
        files, progress = self.saved.get(request.run_id, ({}, {}))
        for name, content in files.items():
            file = spool.path(f"{name}.saved")
            file.write_bytes(content)
            spool.restore(name, file)
        return dict(progress)

    async def drop(self, request: RunRequest) -> None:
        self.saved.pop(request.run_id, None)


def paged[R: Row](listing: Iterable[R], size: int = 2) -> list[list[R]]:
    """Pages of that many rows."""
    rows = list(listing)
    return [rows[start : start + size] for start in range(0, len(rows), size)]
