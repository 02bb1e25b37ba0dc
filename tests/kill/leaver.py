"""A process that offboards tenants and may be killed at it: python -m tests.kill.leaver.

As worker.py does: settings first, then a job a line, and a process for each.
"""

import asyncio
import base64
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

from shared_code.core.ports import UpkeepQueue
from shared_code.core.tenant import TenantId
from shared_code.core.upkeep import UpkeepRequest, decode_upkeep
from shared_code.service.retain import Retaining
from shared_code.service.upkeep import Upkeep
from shared_code.storage.accounts import Accounts
from shared_code.storage.deliveries import TableDeliveries
from shared_code.storage.invitations import TableInvitations
from shared_code.storage.queue import Messages
from tests.fakes import FakeClock
from tests.kill.breaks import Breaks, die
from tests.kill.leaving import ENGINEER, PARTNER, Place, offboarding_in
from tests.kill.steps import Side
from tests.kill.worker import Begun, Ended, say

# A message that was taken by whoever died comes back after that.
_HIDDEN_SECONDS = 1


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """Step 0: undisturbed. `days` have gone by since it began."""

    tenant_id: TenantId
    is_ordered: bool
    step: int = 0
    side: Side = Side.BEFORE
    days: int = 0


@dataclass
class Hurried:
    """Nothing is put off: the clock jumps instead."""

    queue: UpkeepQueue
    clock: FakeClock

    async def send(self, request: UpkeepRequest, *, delay: timedelta = timedelta()) -> None:
        await self.queue.send(request)
        self.clock.advance(delay)


async def _work(connection: str, job: Leave) -> Ended:
    """An engineer orders it, a timer comes by, and the host takes messages until there is none."""
    breaks = Breaks(job.step, job.side, stop=die)
    async with Accounts.of_connection_string(connection) as accounts:
        place = Place(Path(tempfile.gettempdir()), breaks.around(accounts))
        place.clock.advance(timedelta(days=job.days))
        upkeep = _upkeep(place)
        if job.is_ordered:
            await upkeep.offboarding.begin(job.tenant_id, by=ENGINEER)
        await upkeep.resume_offboardings()
        queue = place.accounts.queue("upkeep")
        while message := await queue.receive_message(visibility_timeout=_HIDDEN_SECONDS):
            await upkeep.do(decode_upkeep(base64.b64decode(message.content)))
            await queue.delete_message(message)
    return Ended(outcome="idle", steps=breaks.seen)


def _upkeep(place: Place) -> Upkeep:
    queue = Hurried(Messages[UpkeepRequest](place.accounts.queue("upkeep")), place.clock)
    return Upkeep(
        offboarding=offboarding_in(place.accounts, place.clock, queue),
        retaining=Retaining(
            tenants=place.tenants,
            ledger=place.ledger,
            archive=place.archive,
            folder=place.folder,
            links=place.links,
            invitations=TableInvitations(place.accounts.table("invitations")),
            deliveries=TableDeliveries(place.accounts.table("deliveries")),
            dead_letters=place.letters,
            audit=place.audit,
            queue=queue,
            clock=place.clock,
            partner=PARTNER,
        ),
        queue=queue,
    )


def _forked(connection: str, job: Leave) -> int:
    pid = os.fork()
    if pid:
        return pid
    say(asyncio.run(_work(connection, job)))
    os._exit(0)


def main() -> None:
    settings: Mapping[str, str] = msgspec.json.decode(sys.stdin.readline(), type=dict[str, str])
    connection = settings["REPORTS_STORAGE"]
    for line in sys.stdin:
        pid = _forked(connection, msgspec.json.decode(line, type=Leave))
        say(Begun(pid=pid))
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            say(Ended(signal=os.WTERMSIG(status)))
        elif status:
            say(Ended(outcome="crashed"))


if __name__ == "__main__":
    main()
