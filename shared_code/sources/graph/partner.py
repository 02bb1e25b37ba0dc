"""The port Partnership: GDAP relationships, read in the partner's own tenant."""

import asyncio
import random as chance
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from shared_code.core.dataset import Dataset, Part, Row, Workload, wire_names
from shared_code.core.gdap import Relationship
from shared_code.core.ports import Clock
from shared_code.core.tenant import TenantId
from shared_code.core.text import Text
from shared_code.sources.graph.retrying import Retrying, Sleep
from shared_code.sources.graph.tokens import Tokens, token_or_wait


class Participant(Part, frozen=True, kw_only=True):
    tenant_id: str


class UnifiedRole(Part, frozen=True, kw_only=True):
    role_definition_id: str | None = None


class AccessDetails(Part, frozen=True, kw_only=True):
    unified_roles: tuple[UnifiedRole, ...] = ()


class DelegatedAdminRelationship(Row, frozen=True, kw_only=True):
    display_name: str | None = None
    customer: Participant | None = None
    status: str | None = None
    end_date_time: datetime | None = None
    auto_extend_duration: str | None = None
    access_details: AccessDetails | None = None


RELATIONSHIPS = Dataset(
    name="delegated-admin-relationships",
    title=Text(de="Delegierte Zugänge (GDAP)", en="Delegated access (GDAP)"),
    path="/tenantRelationships/delegatedAdminRelationships",
    row=DelegatedAdminRelationship,
    permissions=("DelegatedAdminRelationship.Read.All",),
    workload=Workload(name="control-plane"),
)

# An ISO 8601 duration without anything but zeros extends nothing.
_DIGITS = frozenset("123456789")


class GraphPartnership:
    """msgraph-sdk is imported on first use (cold start)."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        partner: TenantId,
        base_url: str,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self._tokens = tokens
        self._partner = partner
        self._base_url = base_url
        self._clock = clock
        self._retrying = Retrying(clock=clock, sleep=sleep, random=random)

    async def relationships(self) -> Sequence[Relationship]:
        from shared_code.sources.graph.enterprise import Asking  # noqa: PLC0415 - cold start
        from shared_code.sources.graph.sdk import open_sdk  # noqa: PLC0415 - cold start

        token = partial(token_or_wait, self._tokens, self._partner)
        async with open_sdk(token, self._base_url) as sdk:
            asking = Asking(
                sdk=sdk,
                tenant_id=self._partner,
                tokens=self._tokens,
                base_url=self._base_url,
                clock=self._clock,
                retrying=self._retrying,
            )
            request = sdk.relationships(wire_names(DelegatedAdminRelationship))
            rows = await asking.rows(RELATIONSHIPS, request)
        return [_relationship(row, row.customer) for row in rows if row.customer]


def _relationship(row: DelegatedAdminRelationship, customer: Participant) -> Relationship:
    roles = row.access_details.unified_roles if row.access_details else ()
    return Relationship(
        id=row.id,
        tenant_id=TenantId(customer.tenant_id.lower()),
        name=row.display_name or "",
        status=row.status or "",
        ends=row.end_date_time,
        extends=not _DIGITS.isdisjoint(row.auto_extend_duration or ""),
        roles=tuple(role.role_definition_id for role in roles if role.role_definition_id),
    )
