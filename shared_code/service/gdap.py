"""Watches the partner's delegated access to tenants and warns before it ends, each time once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from shared_code.core.audit import SERVICE, Act, Entry
from shared_code.core.errors import ContractBroken, DatasetError, TenantError, UpstreamError
from shared_code.core.gdap import Delegation, Relationship, Stage, Warned
from shared_code.core.ports import Audit, Clock, Delegations, Partnership, Tenants
from shared_code.core.readiness import Cause, Problem
from shared_code.core.tenant import Tenant, TenantId
from shared_code.service.due import zone_of

_log = logging.getLogger(__name__)

# A timer comes every hour: once a day, and as soon as may be after a failure.
_FRESH = timedelta(hours=23)
_STAGES = tuple(Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class GdapMonitor:
    """What keeps the partner's tenant from answering is kept in a row of its own; nothing else
    depends on it. A warning is given before it is noted: after a crash twice, never not at all."""

    partnership: Partnership
    partner: TenantId
    tenants: Tenants
    delegations: Delegations
    audit: Audit
    clock: Clock

    async def check_due(self) -> None:
        """As `check`, unless it was done today; silence is asked again in an hour."""
        last = await self.delegations.get(self.partner)
        if last and not last.problem and self.clock() < last.checked + _FRESH:
            return
        try:
            await self.check()
        except UpstreamError as error:
            _log.info("gdap: %s, again in an hour", type(error).__name__)

    async def check(self) -> None:
        """Raises UpstreamError; what was known stays."""
        try:
            found = await self.partnership.relationships()
        except (TenantError, DatasetError, ContractBroken) as error:
            await self._unreadable(error)
            return
        for tenant in await self.tenants.all():
            if not tenant.state.is_gone:
                await self._tenant(tenant, [r for r in found if r.tenant_id == tenant.id])
        await self.delegations.put(Delegation(tenant_id=self.partner, checked=self.clock()))

    async def _unreadable(self, error: TenantError | DatasetError | ContractBroken) -> None:
        now = self.clock()
        if isinstance(error, TenantError):
            problem = Problem.of_tenant(error, now)
        elif isinstance(error, DatasetError):
            problem = Problem.of_dataset(error, now)
        else:
            problem = Problem(cause=Cause.CONTRACT, since=now)
        if problem is None:
            return
        last = await self.delegations.get(self.partner)
        if last is None or last.problem is not problem.cause:
            _log.warning("gdap not readable in the partner's tenant: %s", problem.words)
        await self.delegations.put(
            Delegation(
                tenant_id=self.partner, checked=now, problem=problem.cause, detail=problem.detail
            )
        )

    async def _tenant(self, tenant: Tenant, found: Sequence[Relationship]) -> None:
        known = await self.delegations.get(tenant.id)
        before = known or Delegation(tenant_id=tenant.id, checked=self.clock())
        warned = {each.id: each for each in before.warned}
        for relationship in found:
            stage = self._news(tenant, relationship, found, before)
            if stage is not None:
                await self._warn(tenant, relationship, stage)
                warned[relationship.id] = Warned(
                    id=relationship.id, stage=stage, ends=relationship.ends
                )
        listed = {relationship.id for relationship in found}
        after = replace(
            before,
            checked=self.clock(),
            relationships=tuple(found),
            warned=tuple(each for each in warned.values() if each.id in listed),
        )
        if found or known:
            await self.delegations.put(after)

    def _news(
        self,
        tenant: Tenant,
        relationship: Relationship,
        all_of_it: Sequence[Relationship],
        before: Delegation,
    ) -> Stage | None:
        """A stage that nobody was warned of, of access that nothing replaces."""
        stage = relationship.stage(self.clock(), zone_of(tenant.time_zone))
        if stage is None or relationship.is_covered(all_of_it):
            return None
        was_live = any(r.id == relationship.id and r.is_live for r in before.relationships)
        if relationship.is_over and not was_live:
            return None  # long over, or warned of when it ended
        given = [w.stage for w in before.warned if w.id == relationship.id]
        is_same = any(
            w.id == relationship.id and w.ends == relationship.ends for w in before.warned
        )
        later = not given or _STAGES.index(stage) > _STAGES.index(given[0])
        return stage if later or not is_same else None

    async def _warn(self, tenant: Tenant, relationship: Relationship, stage: Stage) -> None:
        ends = relationship.ends.date().isoformat() if relationship.ends else ""
        _log.warning("gdap tenant=%s stage=%s ends=%s", tenant.id, stage, ends)
        await self.audit.record(
            Entry(
                tenant_id=tenant.id,
                at=self.clock(),
                act=Act.DELEGATION_ENDING,
                actor=SERVICE,
                subject=relationship.id,
                detail=f"{stage} {ends}".strip(),
            )
        )
