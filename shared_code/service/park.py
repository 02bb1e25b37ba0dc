"""Parks a run that cannot be produced: recorded as failed, for an engineer to look at."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from shared_code.core.delivery import decode_delivery
from shared_code.core.errors import DatasetError, MessageMalformed, Reason, RunHeld
from shared_code.core.ports import Clock, DeadLetters, Held, Ledger, Tenants
from shared_code.core.run import RunState, decode_request
from shared_code.rendering.wording import refusal
from shared_code.service.present import present

_LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Parking:
    tenants: Tenants
    ledger: Ledger
    dead_letters: DeadLetters
    clock: Clock

    async def park(self, message_id: str, body: bytes) -> None:
        """The run of a message that failed too often; a message that is none is kept as it is.

        Dropped for a tenant that is gone. Raises RunHeld while a worker still tries.
        """
        try:
            request = decode_request(body)
            if await present(self.tenants, request.tenant_id) is None:
                return
            claim = await self.ledger.claim(request, lease=_LEASE)
        except MessageMalformed:
            await self.dead_letters.keep(message_id, body)
            return
        if isinstance(claim, Held):
            raise RunHeld(claim.until)
        if claim:
            failed = replace(
                claim.run,
                state=RunState.FAILED,
                attempt=request.attempt,
                updated=self.clock(),
                headline=refusal(DatasetError(request.report, Reason.CONTRACT)),
                reason="Poison",
            )
            await self.ledger.settle(claim, failed)

    async def keep_delivery(self, message_id: str, body: bytes) -> None:
        """As it is; the planner sends it again by itself. Dropped for a tenant that is gone."""
        with suppress(MessageMalformed):
            if await present(self.tenants, decode_delivery(body).tenant_id) is None:
                return
        await self.dead_letters.keep(message_id, body)
