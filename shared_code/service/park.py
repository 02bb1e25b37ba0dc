"""Parks a run that cannot be produced: recorded as failed, for an engineer to look at."""

from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from shared_code.core.errors import DatasetError, MessageMalformed, Reason, RunHeld
from shared_code.core.ports import Clock, DeadLetters, Held, Ledger
from shared_code.core.run import RunState, decode_request
from shared_code.rendering.wording import refusal

_LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Parking:
    ledger: Ledger
    dead_letters: DeadLetters
    clock: Clock

    async def park(self, message_id: str, body: bytes) -> None:
        """The run of a message that failed too often; a message that is none is kept as it is.

        Raises RunHeld while a worker still tries.
        """
        try:
            request = decode_request(body)
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
