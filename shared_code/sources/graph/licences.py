"""Which licences a tenant owns, from the service plans of its subscriptions."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime, timedelta

from shared_code.core.dataset import Dataset, Part, Row
from shared_code.core.errors import ContractBroken, DatasetError
from shared_code.core.ports import Clock, Page
from shared_code.core.tenant import TenantId
from shared_code.core.text import Text
from shared_code.datasets.workloads import DIRECTORY

# Any one of the plans carries the licence: P2 contains P1.
PLANS = {
    "Microsoft Entra ID P1": frozenset(
        {"41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"}
    ),
    "Microsoft Entra ID P2": frozenset({"eec0eb4f-6444-4f95-aba0-50c24d67f998"}),
    "Microsoft Entra ID P2 (min. P1)": frozenset(
        {"41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"}
    ),
    "Microsoft Entra ID Governance": frozenset({"e866a266-3cff-43a3-acca-0c90a7e00c8b"}),
    "Microsoft Entra Workload ID": frozenset(
        {"84c289f0-efcb-486f-8581-07f44fc9efad", "7dc0e92d-bf15-401d-907e-0884efe7c760"}
    ),
}
_LIVE = frozenset({"enabled", "warning"})
_REMEMBERED = timedelta(minutes=10)


class ServicePlan(Part, frozen=True, kw_only=True):
    service_plan_id: str


class SubscribedSku(Row, frozen=True, kw_only=True):
    capability_status: str | None = None
    service_plans: tuple[ServicePlan, ...] = ()


SUBSCRIBED_SKUS = Dataset(
    name="subscribed-skus",
    title=Text(de="Lizenzen", en="Licences"),
    path="/subscribedSkus",
    row=SubscribedSku,
    permissions=("Directory.Read.All",),
    workload=DIRECTORY,
)

type Skus = Callable[[TenantId, Dataset[SubscribedSku]], AsyncIterator[Page[SubscribedSku]]]


def plans(skus: Sequence[SubscribedSku]) -> frozenset[str]:
    """Ids of the service plans in subscriptions that still serve."""
    live = (sku for sku in skus if (sku.capability_status or "").lower() in _LIVE)
    return frozenset(plan.service_plan_id.lower() for sku in live for plan in sku.service_plans)


class Licences:
    """Asks a tenant once and remembers it for some minutes: one denial brings on the next."""

    def __init__(self, pages: Skus, *, clock: Clock) -> None:
        self._pages = pages
        self._clock = clock
        self._known = dict[TenantId, tuple[frozenset[str] | None, datetime]]()

    async def includes(self, tenant_id: TenantId, licence: str) -> bool:
        """False also when it cannot be known. Raises UpstreamError: silence proves nothing."""
        plans = await self._plans(tenant_id) if licence in PLANS else None
        return plans is not None and not plans.isdisjoint(PLANS[licence])

    async def lacks(self, tenant_id: TenantId, licence: str) -> bool:
        """False also when it cannot be known. Raises UpstreamError."""
        plans = await self._plans(tenant_id) if licence in PLANS else None
        return plans is not None and plans.isdisjoint(PLANS[licence])

    async def lacking(
        self, tenant_id: TenantId, licences: Collection[str]
    ) -> frozenset[str] | None:
        """Asks anew: what was bought or ended just now shows at once. None if it cannot be known."""
        plans = await self._read(tenant_id)
        if plans is None:
            return None
        judged = (each for each in licences if each in PLANS)
        return frozenset(each for each in judged if plans.isdisjoint(PLANS[each]))

    async def _plans(self, tenant_id: TenantId) -> frozenset[str] | None:
        """None if it cannot be known."""
        now = self._clock()
        self._known = {t: k for t, k in self._known.items() if now < k[1]}
        if tenant_id not in self._known:
            self._known[tenant_id] = (await self._read(tenant_id), now + _REMEMBERED)
        return self._known[tenant_id][0]

    async def _read(self, tenant_id: TenantId) -> frozenset[str] | None:
        try:
            return plans([s async for p in self._pages(tenant_id, SUBSCRIBED_SKUS) for s in p.rows])
        except (DatasetError, ContractBroken):
            return None
