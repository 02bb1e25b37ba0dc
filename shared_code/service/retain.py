"""Retention: deletes what of a tenant's reports, links and records was kept long enough."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from shared_code.core.audit import SERVICE, Act, Entry
from shared_code.core.month import month_of
from shared_code.core.period import Period
from shared_code.core.ports import (
    Archive,
    Audit,
    Clock,
    DeadLetters,
    Deliveries,
    Invitations,
    Ledger,
    Links,
    SpoolFolder,
    Tenants,
    UpkeepQueue,
)
from shared_code.core.run import Run, RunRequest
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.core.upkeep import Chore, UpkeepRequest
from shared_code.service.files import MEMORY, folder_of

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

# A dead link or invitation says the same for ever; this long we can tell whose it was.
_AFTER_EXPIRY = timedelta(days=30)

# What an engineer has not looked at by then nobody will; logs are gone then, too.
_LETTERS = timedelta(days=90)

# One message stays short even where years have piled up; the next day goes on.
_MOST_RUNS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How many of each were deleted."""

    runs: int
    points: int
    links: int
    invitations: int
    contacts: int
    openings: int
    deliveries: int
    records: int

    def __bool__(self) -> bool:
        return any(astuple(self))

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in asdict(self).items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Retaining:
    """`partner` is the tenant whose audit has what names no customer."""

    tenants: Tenants
    ledger: Ledger
    archive: Archive
    folder: SpoolFolder
    links: Links
    invitations: Invitations
    deliveries: Deliveries
    dead_letters: DeadLetters
    audit: Audit
    queue: UpkeepQueue
    clock: Clock
    partner: TenantId

    async def plan(self) -> int:
        """A message per tenant, also of those who are not served: what they have grows old too."""
        known = [tenant.id for tenant in await self.tenants.all() if not tenant.state.is_gone]
        for tenant_id in dict.fromkeys([*known, self.partner]):
            await self.queue.send(UpkeepRequest(chore=Chore.RETENTION, tenant_id=tenant_id))
        await self._forget_letters()
        return len(known)

    async def _forget_letters(self) -> None:
        """They are nobody's: none could be read."""
        for letter in await self.dead_letters.all():
            if letter.kept < self.clock() - _LETTERS:
                await self.dead_letters.drop(letter.id)

    async def apply(self, tenant_id: TenantId) -> Removed | None:
        """None for a tenant there is not, or no longer. Interrupted, the next day goes on."""
        tenant = await self.tenants.get(tenant_id)
        if tenant is None and tenant_id == self.partner:
            tenant = Tenant(id=tenant_id, customer="", domain="")
        if tenant is None or tenant.state.is_gone:
            return None
        now = self.clock()
        records = months_before(now, tenant.retention.records)
        removed = Removed(
            runs=await self._runs(tenant, now),
            points=await self.ledger.forget_points(
                tenant_id, before=months_before(now, tenant.retention.points)
            ),
            links=await self.links.forget(tenant_id, expired_before=now - _AFTER_EXPIRY),
            invitations=await self.invitations.forget(
                tenant_id, expired_before=now - _AFTER_EXPIRY
            ),
            contacts=await self._contacts(tenant),
            openings=await self.links.forget_openings(tenant_id, before=records),
            deliveries=await self._deliveries(tenant_id, before=records),
            records=await self.audit.forget(tenant_id, before=records),
        )
        if removed:
            await self.audit.record(
                Entry(
                    tenant_id=tenant_id,
                    at=now,
                    act=Act.RETENTION_APPLIED,
                    actor=SERVICE,
                    detail=str(removed),
                )
            )
        return removed

    async def _contacts(self, tenant: Tenant) -> int:
        """Of who was invited and never consented: without an invitation nobody can any more."""
        if tenant.state is not TenantState.INVITED or await self.invitations.of(tenant.id):
            return 0
        bare = replace(tenant, contacts=(), privacy={})
        if bare != tenant:
            # Whoever is invited again in this moment keeps what was agreed anew.
            await self.tenants.change(tenant.id, lambda known: bare if known == tenant else known)
        return len(tenant.contacts)

    async def _deliveries(self, tenant_id: TenantId, *, before: datetime) -> int:
        """Never the newest, which the planner goes on from, nor the newest that went out: the next
        digest begins where it ended."""
        known = await self.deliveries.recent(tenant_id)
        newest = [known[:1], [each for each in known if each.was_opened][:1]]
        kept = [each.due for some in newest for each in some]
        return await self.deliveries.forget(tenant_id, before=min([before, *kept]))

    async def _runs(self, tenant: Tenant, now: datetime) -> int:
        newest = await self.ledger.runs(tenant.id, limit=1)
        reports = {run.report for run in newest}
        return sum([await self._runs_of(tenant, report, now) for report in sorted(reports)])

    async def _runs_of(self, tenant: Tenant, report: str, now: datetime) -> int:
        until = months_before(now, tenant.months_of(report))
        old = await self.ledger.runs(
            tenant.id, report=report, within=Period(_BEGINNING, until), limit=_MOST_RUNS
        )
        if not old:
            return 0
        known = await self.ledger.runs(tenant.id, report=report, limit=_MOST_RUNS)
        kept = set(_needed([*known, *old]))
        return sum([await self._forget(r) for r in old if r.state.is_final and r.id not in kept])

    async def _forget(self, run: Run) -> bool:
        """Files first: whoever is killed in between finds the row, and the rest of them, again."""
        await self.archive.keep_only(folder_of(run), "")
        await self.folder.drop(RunRequest.due(run.tenant_id, run.report, run.period))
        return await self.ledger.forget(run)


def _needed(runs: Sequence[Run]) -> Iterator[str]:
    """Newest first: what the planner goes on from, and what the next run is compared with."""
    delivered = [run for run in runs if run.state.is_delivered]
    remembering = [run for run in delivered if run.artifact(MEMORY)]
    whole = [run for run in remembering if not run.gaps]
    for some in (runs, delivered, remembering, whole):
        yield from (run.id for run in some[:1])


def months_before(moment: datetime, months: int) -> datetime:
    """The same day of that month, or its last one."""
    month = month_of(moment, later=-months)
    _, last = monthrange(month.year, month.month)
    return moment.replace(year=month.year, month=month.month, day=min(moment.day, last))
