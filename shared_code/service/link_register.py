"""The register of links: which were issued, and what became of each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from shared_code.core.link import Link, LinkState, Opening, Outcome
from shared_code.core.ports import Clock, Links
from shared_code.core.tenant import Tenant

_LOOK_BACK = timedelta(days=90)
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """`opens` are deliveries of a file, not mere questions."""

    link: Link
    state: LinkState
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
        known = [replace(link, expires=link.end(tenant.links)) for link in issued[:_MOST]]
        return [
            _use(link, await self._state(link, tenant, by_link[link.jti]), by_link[link.jti])
            for link in known
        ]

    async def _state(self, link: Link, tenant: Tenant, openings: Sequence[Opening]) -> LinkState:
        if link.revoked:
            return LinkState.REVOKED
        if link.expires <= self.clock():
            return LinkState.EXPIRED
        allowed = tenant.links.allowed_opens
        if allowed is None or not openings:
            return LinkState.VALID
        used = await self.links.used(tenant.id, link.jti)
        return LinkState.VALID if len(used) < allowed else LinkState.USED_UP


def _use(link: Link, state: LinkState, openings: Sequence[Opening]) -> Use:
    opened = [opening.at for opening in openings if opening.is_read]
    return Use(
        link=link,
        state=state,
        opens=len(opened),
        refusals=sum(o.outcome is not Outcome.OPENED for o in openings),
        last_opened=max(opened, default=None),
    )
