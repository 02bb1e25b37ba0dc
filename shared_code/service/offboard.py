"""Deletes everything stored of a tenant whose service ended, and keeps a proof of it.

At no point is it known what other workers have under way. Whoever began before the tenant's state
changed cannot commit a run any more, because its lease is gone, but may still write down a planned
run, an opening or a file. So everything is deleted once at once, and once more when every
invocation of then has ended.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from shared_code.core.audit import SERVICE, Act, Entry
from shared_code.core.ports import Audit, Clock, Holdings, Proofs, Tenants, UpkeepQueue
from shared_code.core.proof import Found, Phase, Proof
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.core.upkeep import Chore, UpkeepRequest

_log = logging.getLogger(__name__)

# Longer than host.json lets an invocation run, and so longer than any lease is renewed.
QUIET = timedelta(minutes=45)

_OWN_ROW = "tenant"
_AUDIT = "table audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offboarding:
    """Each step may be done twice; `proceed` goes on where whoever died left it. `partner` may be
    a customer of its own; its audit, which names who signed in, is not that customer's."""

    tenants: Tenants
    holdings: Holdings
    proofs: Proofs
    audit: Audit
    queue: UpkeepQueue
    clock: Clock
    partner: TenantId

    async def begin(self, tenant_id: TenantId, *, by: str) -> Proof | None:
        """From here on nobody is served, and nothing brings the tenant back. Asking again goes on
        with what was begun, or gives what was proven. None for a tenant there never was."""
        tenant = await self.tenants.get(tenant_id)
        if tenant is None:
            return await self._closed_what_is_over(tenant_id)
        if tenant.state is not TenantState.OFFBOARDING:
            # While there is a row to write it to: it goes with the rest, the proof says it again.
            await self._closed_what_is_over(tenant_id)
            await self.audit.record(self._begun(tenant_id, by))
        await self.tenants.change(tenant_id, _bare)
        proof = await self._opened(tenant_id, by)
        await self.queue.send(_message(tenant_id))
        return proof

    async def proceed(self, tenant_id: TenantId) -> Proof | None:
        """One message's worth: a round of deletions, or the wait between the two."""
        proof = await self.proofs.newest(tenant_id)
        if proof is None or proof.is_closed:
            proof = await self._orphaned(tenant_id, proof)
        if proof is None or proof.is_closed:
            return proof
        if proof.phase is not Phase.CLOSING and not await self._is_leaving(tenant_id):
            _log.error("tenant %s: not deleted, it is in service again", tenant_id)
            return proof
        if proof.phase is Phase.FIRST:
            await self._purge(tenant_id, Phase.FIRST)
            proof = await self._turn(tenant_id, Phase.FIRST, Phase.WAITING)
        wait = (proof.resumes or self.clock()) - self.clock()
        if proof.phase is Phase.WAITING and wait > timedelta():
            await self.queue.send(_message(tenant_id), delay=wait)
            return proof
        return await self._finish(tenant_id)

    async def unfinished(self) -> list[TenantId]:
        """Whose message was lost, or failed too often."""
        return [t.id for t in await self.tenants.all() if t.state is TenantState.OFFBOARDING]

    async def _finish(self, tenant_id: TenantId) -> Proof:
        proof = await self._turn(tenant_id, Phase.WAITING, Phase.LAST)
        if proof.phase is Phase.LAST:
            await self._purge(tenant_id, Phase.LAST)
            proof = await self._turn(tenant_id, Phase.LAST, Phase.CLOSING)
        if proof.phase is Phase.CLOSING:
            # Once this row is gone the tenant may come back: nothing is deleted after it.
            await self.tenants.remove(tenant_id, was=TenantState.OFFBOARDING)
            proof = await self._turn(tenant_id, Phase.CLOSING, Phase.CLOSED)
            _log.info("tenant %s: everything is deleted", tenant_id)
        return proof

    async def _purge(self, tenant_id: TenantId, phase: Phase) -> None:
        for kind in self.holdings.kinds:
            if kind == _AUDIT and tenant_id == self.partner:
                continue
            found = await self.holdings.found(kind, tenant_id)
            proof = await self.proofs.newest(tenant_id)
            if proof is None or proof.phase is not phase:
                # Another worker was faster, and the tenant may have come back since.
                return
            if kind not in proof.counted:
                await self.proofs.change(tenant_id, _counting(phase, kind, found))
            if found.newest:
                # However long this takes: what a tenant that comes back meanwhile gets is newer.
                await self.holdings.purge(kind, tenant_id, until=found.newest)

    async def _turn(self, tenant_id: TenantId, was: Phase, phase: Phase) -> Proof:
        """To the next phase; what another worker did first stands."""
        now = self.clock()

        def turned(proof: Proof) -> Proof:
            if proof.phase is not was:
                return proof
            return replace(
                proof,
                phase=phase,
                resumes=now + QUIET if phase is Phase.WAITING else proof.resumes,
                closed=now if phase is Phase.CLOSED else None,
            )

        return await self.proofs.change(tenant_id, turned)

    async def _opened(self, tenant_id: TenantId, by: str) -> Proof:
        known = await self.proofs.newest(tenant_id)
        if known and not known.is_closed:
            return known
        proof = Proof(
            tenant_id=tenant_id,
            number=known.number + 1 if known else 1,
            begun=self.clock(),
            begun_by=by,
            deleted={_OWN_ROW: Found(count=1)},
        )
        if await self.proofs.open(proof):
            return proof
        return await self.proofs.newest(tenant_id) or proof

    async def _closed_what_is_over(self, tenant_id: TenantId) -> Proof | None:
        """Whoever removed the tenant's row may have died before it said so."""
        known = await self.proofs.newest(tenant_id)
        return await self._turn(tenant_id, Phase.CLOSING, Phase.CLOSED) if known else None

    async def _is_leaving(self, tenant_id: TenantId) -> bool:
        tenant = await self.tenants.get(tenant_id)
        return tenant is not None and tenant.state is TenantState.OFFBOARDING

    async def _orphaned(self, tenant_id: TenantId, proof: Proof | None) -> Proof | None:
        """Whoever set the state died before it opened the proof."""
        if not await self._is_leaving(tenant_id):
            return proof
        entries = await self.audit.entries(tenant_id)
        begun = (e.actor for e in entries if e.act is Act.OFFBOARDING_BEGUN)
        return await self._opened(tenant_id, next(begun, SERVICE))

    def _begun(self, tenant_id: TenantId, by: str) -> Entry:
        return Entry(tenant_id=tenant_id, at=self.clock(), act=Act.OFFBOARDING_BEGUN, actor=by)


def _bare(tenant: Tenant) -> Tenant:
    """Contacts and everything else go with the state."""
    return Tenant(
        id=tenant.id,
        customer=tenant.customer,
        domain=tenant.domain,
        state=TenantState.OFFBOARDING,
    )


def _counting(phase: Phase, kind: str, found: Found) -> Callable[[Proof], Proof]:
    return lambda proof: proof.counting(kind, found) if proof.phase is phase else proof


def _message(tenant_id: TenantId) -> UpkeepRequest:
    return UpkeepRequest(chore=Chore.OFFBOARD, tenant_id=tenant_id)
