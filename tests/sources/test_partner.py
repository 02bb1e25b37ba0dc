"""What the partner keeps is read from the partner; everything else is read from the tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared_code.core.assessment import Assessment, Recommendation
from shared_code.core.dataset import Child, Dataset
from shared_code.core.tenant import TenantId
from shared_code.core.text import Text
from shared_code.datasets.assessments import ASSESSMENTS
from shared_code.datasets.workloads import DIRECTORY
from shared_code.sources.partner import PartnerSource
from tests.fakes import FakeSource

TENANT = TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01")
CHILDREN = Dataset(
    name="children",
    title=Text(de="Kinder", en="Children"),
    path="/parents/{parent}/children",
    row=Child,
    permissions=(),
    workload=DIRECTORY,
)


@dataclass
class FakeAssessments:
    kept: list[Assessment]

    async def all(self) -> Sequence[Assessment]:
        return self.kept

    async def get(self, announcement: str) -> Assessment | None:
        return next((each for each in self.kept if each.id == announcement), None)

    async def put(self, assessment: Assessment) -> None:
        self.kept.append(assessment)

    async def delete(self, announcement: str) -> bool:
        before = len(self.kept)
        self.kept = [each for each in self.kept if each.id != announcement]
        return len(self.kept) < before


async def test_the_tenant_is_asked_for_one_parent_where_it_keeps_on() -> None:
    first, second = Child(id="a", parent="p"), Child(id="b", parent="p")
    tenant = FakeSource({"children/p": [[first], [second]]})
    source = PartnerSource(tenant, FakeAssessments([]))
    pages = [page async for page in source.pages(TENANT, CHILDREN, "1", parent="p")]
    assert [list(page.rows) for page in pages] == [[second]]


async def test_assessments_come_from_the_partner_alone() -> None:
    kept = Assessment(
        id="MC1",
        de="Warten",
        en="Wait",
        recommendation=next(iter(Recommendation)),
        written=datetime(2026, 11, 22, tzinfo=UTC),
    )
    source = PartnerSource(FakeSource({}), FakeAssessments([kept]))
    pages = [page async for page in source.pages(TENANT, ASSESSMENTS)]
    assert [list(page.rows) for page in pages] == [[kept]]
