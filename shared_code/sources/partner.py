"""Reads what the partner keeps for all tenants; everything else is read from the tenant."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from shared_code.core.dataset import Dataset, Origin, Row
from shared_code.core.ports import Assessments, Page, Source
from shared_code.core.tenant import TenantId


@dataclass(frozen=True, slots=True)
class PartnerSource:
    """A Source: assessments are all that the partner keeps so far."""

    tenants: Source
    assessments: Assessments

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        if dataset.origin is Origin.PARTNER:
            yield Page(cast("list[R]", list(await self.assessments.all())), None)
            return
        listing = self.tenants.pages(tenant_id, dataset, cursor, parent=parent)
        async with aclosing(listing) as pages:
            async for page in pages:
                yield page
