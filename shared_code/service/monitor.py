"""Says in the log what engineers are alerted of: messages that nobody takes, a certificate that ends."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared_code.core.ports import Clock, Queues
from shared_code.core.waiting import POISON

_log = logging.getLogger(__name__)

_LONG = timedelta(hours=2)
_REMINDERS = (60, 30, 14, 7, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """`certificate_end` is None where the application has no certificate."""

    queues: Queues
    certificate_end: datetime | None
    clock: Clock

    async def check_queues(self) -> None:
        """A message that was put off is seen once when its time has come; one that waits, each time."""
        for depth in await self.queues.depths():
            if depth.oldest is None or depth.queue.endswith(POISON):
                continue
            age = self.clock() - depth.oldest
            if age > _LONG:
                hours = age // timedelta(hours=1)
                _log.warning(
                    "backlog queue=%s hours=%d messages=%d", depth.queue, hours, depth.count
                )

    def check_certificate(self) -> None:
        """Once a day: on some days before it ends, and daily from the last one on."""
        if self.certificate_end is None:
            return
        days = (self.certificate_end - self.clock()) // timedelta(days=1)
        if days in _REMINDERS or days <= 1:
            _log.warning("certificate ends in %d days", days)
