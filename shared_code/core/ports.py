"""What the use cases need from the outside world; adapters in sources, storage, links keep these promises."""

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from shared_code.core.assessment import Assessment
from shared_code.core.audit import Entry
from shared_code.core.caller import Caller
from shared_code.core.dataset import Dataset, Row, Snapshot
from shared_code.core.delivery import Delivery, DeliveryRequest, Dispatch, Mail
from shared_code.core.errors import DatasetError, Reason
from shared_code.core.gdap import Delegation, Relationship
from shared_code.core.invitation import (
    Invitation,
    InvitationId,
    InvitationState,
    StateClaims,
)
from shared_code.core.link import Link, LinkClaims, Opening
from shared_code.core.metric import Point
from shared_code.core.options import DEFAULTS, Options
from shared_code.core.period import Period
from shared_code.core.proof import Found, Proof
from shared_code.core.readiness import ProbeRequest, Readiness
from shared_code.core.report import History
from shared_code.core.run import Run, RunRequest
from shared_code.core.table import Line, Lines
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.core.upkeep import UpkeepRequest
from shared_code.core.waiting import DeadLetter, Depth, Message

Clock = Callable[[], datetime]
"""Now, aware UTC."""


@dataclass(frozen=True, slots=True)
class Page[R: Row]:
    """One page of a listing; `cursor` asks for the next one, None after the last.

    A file has no cursors: its pages follow each other, and only the first can be asked for.
    """

    rows: Sequence[R]
    cursor: str | None


class Source(Protocol):
    """Reads datasets of tenants. Paging, throttling and short retries live behind it."""

    def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        """All pages from `cursor` on, or an exception; of one parent where the dataset has them.

        Raises TenantError, DatasetError, ContractBroken, PageTokenExpired (ask again without a
        cursor) or UpstreamError (come back after `retry_after` seconds).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """What onboarding verifies: the directory behind a tenant id and what it granted us.

    `pending`: of these a fresh token shows nothing yet, so they are not effective.
    """

    tenant_id: TenantId
    name: str
    domain: str
    permissions: frozenset[str]  # names of granted application permissions
    pending: frozenset[str] = frozenset()


class Directory(Protocol):
    """Control-plane questions to a tenant."""

    async def enterprise(self, tenant_id: TenantId) -> Enterprise: ...


class Licensing(Protocol):
    async def lacking(
        self, tenant_id: TenantId, licences: Collection[str]
    ) -> frozenset[str] | None:
        """Those that the tenant does not own, as it is now; None if it cannot be known.

        Raises TenantError or UpstreamError.
        """
        ...


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the collection of one dataset got; `reason` set: it could not be read.

    `parent` is the last one of which something was read: up to `cursor`, or all without one.
    `form` is that of the rows that were saved: with another one they are of no use.
    """

    form: str = ""
    is_complete: bool = False
    parent: str | None = None
    cursor: str | None = None
    pages: int = 0
    reason: Reason | None = None
    detail: str = ""


class DatasetSpool[R: Row](Protocol):
    def append(self, rows: Sequence[R]) -> None: ...

    def clear(self) -> None: ...


class Spool(Protocol):
    """Local scratch disk of one run. Calls block; long ones belong in a thread."""

    def dataset[R: Row](self, dataset: Dataset[R]) -> DatasetSpool[R]: ...

    def snapshot(
        self, missing: Mapping[str, DatasetError], options: Options = DEFAULTS
    ) -> Snapshot:
        """Everything appended so far; `missing` by dataset name."""
        ...

    def lines(self, lines: Iterable[Line]) -> Lines:
        """Write the lines down in order of rank, stable."""
        ...

    def remember(self, lines: Lines) -> Path:
        """The memory of all lines as one file, for the next run."""
        ...

    def history(
        self, *, points: Sequence[Point], memory: Path | None, compared_with: datetime | None
    ) -> History: ...

    def path(self, name: str) -> Path:
        """Where to put one more file; it goes with the spool."""
        ...


class Typesetter(Protocol):
    """What typesets PDFs, where it is not installed."""

    @property
    def folder(self) -> Path:
        """Where Python finds it, once it was fetched."""
        ...

    async def fetch(self) -> None:
        """Does nothing if it is there. Raises TypesetterMissing."""
        ...


class SpoolFolder(Protocol):
    """Gives a run its spool and saves an unfinished one between invocations."""

    def open(self) -> AbstractContextManager[Spool]: ...

    async def save(
        self, request: RunRequest, spool: Spool, progress: Mapping[str, Progress]
    ) -> None: ...

    async def load(self, request: RunRequest, spool: Spool) -> dict[str, Progress]:
        """What was saved for this run; empty if nothing was."""
        ...

    async def drop(self, request: RunRequest) -> None: ...


class Tenants(Protocol):
    async def get(self, tenant_id: TenantId) -> Tenant | None: ...

    async def all(self) -> Sequence[Tenant]: ...

    async def save(self, tenant: Tenant) -> None:
        """Raises NotPermitted for one that is being offboarded."""
        ...

    async def set_state(
        self, tenant_id: TenantId, state: TenantState, *, was: TenantState | None = None
    ) -> bool:
        """Touches nothing else: an engineer may be changing the rest.

        False if the tenant is not, or no longer, in the state that it `was`.
        """
        ...

    async def change(
        self, tenant_id: TenantId, to: Callable[[Tenant], Tenant]
    ) -> tuple[Tenant, Tenant] | None:
        """Before and after. `to` is asked again when somebody else was faster, so nobody's change
        is overwritten; what it raises ends it. None if there is no such tenant."""
        ...

    async def remove(self, tenant_id: TenantId, *, was: TenantState) -> bool:
        """False if the tenant is not, or no longer, in that state."""
        ...


class Assessments(Protocol):
    """What the partner thinks of announcements, for all tenants alike."""

    async def all(self) -> Sequence[Assessment]: ...

    async def get(self, announcement: str) -> Assessment | None: ...

    async def put(self, assessment: Assessment) -> None: ...

    async def delete(self, announcement: str) -> bool:
        """False if there was none."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to produce a run, until the lease ends; `token` tells two claims apart."""

    run: Run
    token: str
    etag: str


@dataclass(frozen=True, slots=True)
class Held:
    """Another worker produces the run, at least until then."""

    until: datetime


class Ledger(Protocol):
    """Runs and metric points of all tenants, one partition per tenant."""

    async def plan(self, run: Run) -> None:
        """Write the row unless the run is known already."""
        ...

    async def find(self, tenant_id: TenantId, report: str, end: datetime) -> Run | None: ...

    async def claim(self, request: RunRequest, *, lease: timedelta) -> Claim | Held | None:
        """None: the run is final already. Raises MessageMalformed for a run there cannot be."""
        ...

    async def reopen(self, run: Run, *, at: datetime) -> Run | None:
        """Planned again, if it is blocked or failed and still as given; None otherwise."""
        ...

    async def renew(self, claim: Claim, *, lease: timedelta) -> Claim:
        """Raises LeaseLost."""
        ...

    async def settle(self, claim: Claim, run: Run, points: Sequence[Point] = ()) -> None:
        """Run row, points and the end of the lease in ONE transaction. Raises LeaseLost."""
        ...

    async def runs(
        self,
        tenant_id: TenantId,
        *,
        report: str | None = None,
        within: Period | None = None,
        limit: int = 100,
    ) -> Sequence[Run]:
        """Newest period first within each report; only those that end `within`."""
        ...

    async def points(self, tenant_id: TenantId, report: str) -> Sequence[Point]:
        """Oldest first."""
        ...

    async def forget(self, run: Run) -> bool:
        """Delete the row of a final run; its points stay. False if there was none."""
        ...

    async def forget_points(self, tenant_id: TenantId, *, before: datetime) -> int:
        """How many, of all reports."""
        ...


class Holdings(Protocol):
    """Everything stored of tenants but their own rows, by kind."""

    @property
    def kinds(self) -> Sequence[str]: ...

    async def found(self, kind: str, tenant_id: TenantId) -> Found: ...

    async def purge(self, kind: str, tenant_id: TenantId, *, until: datetime) -> None:
        """Delete all that was written until then; what is gone already is no error."""
        ...


class Proofs(Protocol):
    """Proofs of deletion."""

    async def newest(self, tenant_id: TenantId) -> Proof | None: ...

    async def open(self, proof: Proof) -> bool:
        """False if there is one of that number."""
        ...

    async def change(self, tenant_id: TenantId, to: Callable[[Proof], Proof]) -> Proof:
        """The newest one; `to` is asked again when somebody else was faster. Raises LookupError."""
        ...


class UpkeepQueue(Protocol):
    async def send(self, request: UpkeepRequest, *, delay: timedelta = timedelta()) -> None: ...


class Readinesses(Protocol):
    async def get(self, tenant_id: TenantId) -> Readiness | None: ...

    async def all(self) -> Sequence[Readiness]: ...

    async def put(self, readiness: Readiness) -> None: ...


class Delegations(Protocol):
    async def get(self, tenant_id: TenantId) -> Delegation | None: ...

    async def put(self, delegation: Delegation) -> None: ...


class Partnership(Protocol):
    async def relationships(self) -> Sequence[Relationship]:
        """All that the partner has, also those that ended. Raises as Source.pages."""
        ...


class ProbeQueue(Protocol):
    async def send(self, request: ProbeRequest, *, delay: timedelta = timedelta()) -> None: ...


class RunQueue(Protocol):
    async def send(self, request: RunRequest, *, delay: timedelta = timedelta()) -> None: ...


class DeadLetters(Protocol):
    """Messages nobody can read, kept for an engineer."""

    async def keep(self, message_id: str, body: bytes) -> None: ...

    async def all(self) -> Sequence[DeadLetter]:
        """Oldest first."""
        ...

    async def read(self, message_id: str) -> bytes | None: ...

    async def drop(self, message_id: str) -> None: ...


class Queues(Protocol):
    """All queues, for engineers; those for poison end in POISON."""

    async def depths(self) -> Sequence[Depth]: ...

    async def peek(self, queue: str) -> Sequence[Message]:
        """The first ones that are visible, 32 at most; nobody else notices."""
        ...

    async def send(self, queue: str, body: bytes) -> None: ...

    async def move(self, message: Message, *, to: str) -> bool:
        """False if it is not among the first ones any more."""
        ...

    async def drop(self, message: Message) -> bool:
        """False as above."""
        ...


class Archive(Protocol):
    """Filed artifacts."""

    async def put(self, path: str, file: Path, *, media_type: str) -> None: ...

    async def fetch(self, path: str, target: BinaryIO) -> None: ...

    async def read(self, path: str) -> bytes:
        """For files small enough to pass through a function."""
        ...

    async def redirect(self, path: str, *, file_name: str, media_type: str) -> str | None:
        """An address good for a few minutes, for files too large to pass through a function."""
        ...

    async def keep_only(self, folder: str, attempt: str) -> None:
        """Delete what other attempts left in a run's folder."""
        ...


class Links(Protocol):
    async def add(self, links: Sequence[Link]) -> None:
        """All of one tenant."""
        ...

    async def get(self, tenant_id: TenantId, jti: str) -> Link | None: ...

    async def find(self, jti: str) -> Link | None:
        """Over all tenants, slow: for engineers."""
        ...

    async def starting(self, tenant_id: TenantId, prefix: str) -> Sequence[Link]:
        """Those whose `jti` is the prefix, a hyphen and more."""
        ...

    async def revoke(self, tenant_id: TenantId, jti: str, *, at: datetime) -> None: ...

    async def record(self, opening: Opening) -> None:
        """Append to the open log."""
        ...

    async def openings(self, tenant_id: TenantId, jti: str) -> Sequence[Opening]: ...

    async def issued(self, tenant_id: TenantId, *, since: datetime) -> Sequence[Link]:
        """Newest first."""
        ...

    async def used(self, tenant_id: TenantId, jti: str) -> Sequence[datetime]:
        """When each use was, of links whose uses are counted; oldest first."""
        ...

    async def use(self, link: Link, number: int, *, at: datetime) -> bool:
        """Be that use, the first being 0. False if another request already is."""
        ...

    async def log(self, tenant_id: TenantId, *, limit: int | None = None) -> Sequence[Opening]:
        """The tenant's open log, newest first."""
        ...

    async def forget(self, tenant_id: TenantId, *, expired_before: datetime) -> int:
        """With their uses."""
        ...

    async def forget_openings(self, tenant_id: TenantId, *, before: datetime) -> int: ...


class Audit(Protocol):
    """What was done, newest first; customers may see their own tenant's."""

    async def record(self, entry: Entry) -> None: ...

    async def entries(self, tenant_id: TenantId, *, limit: int = 200) -> Sequence[Entry]: ...

    async def forget(self, tenant_id: TenantId, *, before: datetime) -> int: ...


class LinkSigner(Protocol):
    def sign(self, link: Link) -> str:
        """The token that opens it."""
        ...

    def verify(self, token: str) -> LinkClaims:
        """What the token says, whether or not it is expired or revoked. Raises LinkInvalid."""
        ...


class Seal(Protocol):
    """For what a browser keeps: whoever holds it may read it, nobody but us can have written it."""

    def close(self, content: object, *, lifetime: timedelta) -> str: ...

    def open[T](self, sealed: str, kind: type[T]) -> T:
        """Raises NotSignedIn, whatever is wrong, and after its lifetime."""
        ...


class SignInCodes(Protocol):
    async def redeem(self, code: str, *, verifier: str) -> str:
        """The ID token that Entra gives for it, once. Raises NotSignedIn and UpstreamError."""
        ...


class IdTokens(Protocol):
    async def signed_in(self, token: str, *, nonce: str) -> Caller:
        """Who it speaks of. Raises NotSignedIn and UpstreamError."""
        ...


@dataclass(frozen=True, slots=True)
class Filed:
    """An invitation as it was read; `etag` tells whether it changed since."""

    invitation: Invitation
    etag: str


class Invitations(Protocol):
    async def add(self, invitation: Invitation) -> None: ...

    async def get(self, tenant_id: TenantId, invitation: InvitationId) -> Filed | None: ...

    async def of(self, tenant_id: TenantId) -> Sequence[Filed]: ...

    async def in_state(self, state: InvitationState) -> Sequence[Filed]:
        """Over all tenants, slow: for timers."""
        ...

    async def move(self, filed: Filed, state: InvitationState, *, at: datetime) -> Filed | None:
        """None: somebody else moved it since it was read."""
        ...

    async def forget(self, tenant_id: TenantId, *, expired_before: datetime) -> int: ...


class StateSigner(Protocol):
    def sign(self, invitation: Invitation) -> str:
        """The `state` that goes to Microsoft and comes back."""
        ...

    def verify(self, state: str) -> StateClaims:
        """What it says, whether or not it is expired or used. Raises LinkInvalid."""
        ...


class Domains(Protocol):
    async def tenant_of(self, domain: str) -> TenantId | None:
        """Whose directory it is, by one of its domains or its own id; None: nobody's.

        Raises UpstreamError.
        """
        ...


class SignIn(Protocol):
    async def caller(self, authorization: str | None) -> Caller:
        """Who sends this Authorization header. Raises NotSignedIn."""
        ...


class Deliveries(Protocol):
    """Digests and their mails, one partition per tenant; a row changes only if nobody else did it."""

    async def plan(self, delivery: Delivery) -> None:
        """Write the row unless the delivery is known already."""
        ...

    async def recent(self, tenant_id: TenantId, *, limit: int = 60) -> Sequence[Delivery]:
        """Newest first."""
        ...

    async def find(self, tenant_id: TenantId, due: datetime) -> tuple[Delivery, str] | None:
        """With its ETag."""
        ...

    async def change(self, delivery: Delivery, *, etag: str) -> bool:
        """False if somebody else changed it since."""
        ...

    async def dispatch(
        self, tenant_id: TenantId, due: datetime, contact: str
    ) -> tuple[Dispatch, str] | None:
        """With its ETag."""
        ...

    async def put(self, dispatch: Dispatch, *, etag: str | None) -> str | None:
        """The new ETag; insert without one. None if somebody else was faster."""
        ...

    async def dispatches(self, tenant_id: TenantId, due: datetime) -> Sequence[Dispatch]: ...

    async def forget(self, tenant_id: TenantId, *, before: datetime) -> int:
        """Those that were due before, with their mails."""
        ...


class DeliveryQueue(Protocol):
    async def send(self, request: DeliveryRequest, *, delay: timedelta = timedelta()) -> None: ...


class Mailer(Protocol):
    """The partner's mailbox."""

    async def send(self, mail: Mail) -> None:
        """Returns once it was accepted. Raises MailRefused, MailUnclear, or UpstreamError if it
        was certainly not accepted and may be tried again."""
        ...

    async def was_sent(self, marker: str) -> bool:
        """Whether a mail with this marker is among the sent ones. Raises UpstreamError."""
        ...
