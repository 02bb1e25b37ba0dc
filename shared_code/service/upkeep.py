"""Does what a message on queue `upkeep` asks for, and sends again what was not finished."""

from dataclasses import dataclass

from shared_code.core.ports import UpkeepQueue
from shared_code.core.tenant import TenantId
from shared_code.core.upkeep import Chore, UpkeepRequest
from shared_code.service.offboard import Offboarding
from shared_code.service.retain import Retaining


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    offboarding: Offboarding
    retaining: Retaining
    queue: UpkeepQueue

    async def do(self, request: UpkeepRequest) -> None:
        if request.chore is Chore.OFFBOARD:
            await self.offboarding.proceed(request.tenant_id)
        else:
            await self.retaining.apply(request.tenant_id)

    async def resume_offboardings(self) -> list[TenantId]:
        """One more message each: of two, one finds nothing left to do."""
        unfinished = await self.offboarding.unfinished()
        for tenant_id in unfinished:
            await self.queue.send(UpkeepRequest(chore=Chore.OFFBOARD, tenant_id=tenant_id))
        return unfinished
