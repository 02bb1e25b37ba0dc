"""The register of links: which were issued, and what became of each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared_code.core.link import Link, Opening, Outcome
from shared_code.core.ports import Clock, Links
from shared_code.core.tenant import Tenant

_LOOK_BACK = timedelta(days=90)
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """`opens` are deliveries of a file, not mere questions."""

    link: Link
    opens: int
    refusals: int
    last_opened: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRegister:
    links: Links
    clock: Clock

    async def of(self, tenant: Tenant) -> Sequence[Use]:
        """Links of the last ninety days, newest first; they expire when the tenant wants them to."""
        issued = await self.links.issued(tenant.id, since=self.clock() - _LOOK_BACK)
        by_link: dict[str, list[Opening]] = defaultdict(list)
        for opening in await self.links.log(tenant.id):
            by_link[opening.jti].append(opening)
        return [
            _use(replace(link, expires=link.end(tenant.links)), by_link[link.jti])
            for link in issued[:_MOST]
        ]


def _use(link: Link, openings: Sequence[Opening]) -> Use:
    opened = [opening.at for opening in openings if opening.is_read]
    return Use(
        link=link,
        opens=len(opened),
        refusals=sum(o.outcome is not Outcome.OPENED for o in openings),
        last_opened=max(opened, default=None),
    )
