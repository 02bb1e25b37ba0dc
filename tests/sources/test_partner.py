"""What the partner keeps comes from the partner, for every tenant; the rest from the tenant."""

from datetime import UTC, datetime

from shared_code.core.assessment import Assessment, Recommendation
from shared_code.core.ports import Source
from shared_code.core.tenant import TenantId
from shared_code.datasets.assessments import ASSESSMENTS
from shared_code.datasets.guests import GUESTS, Guest
from shared_code.sources.partner import PartnerSource
from tests.fakes import FakeAssessments, FakeSource

CONTOSO = TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01")
FABRIKAM = TenantId("fab21ca3-7d42-4c1a-9e55-2b8d4e9f6a02")

CHECK_IT = Assessment(
    id="MC900101",
    de="Prüfen Sie es.",
    en="Check it.",
    recommendation=Recommendation.CHECK,
    written=datetime(2026, 11, 22, 12, tzinfo=UTC),
)


async def test_every_tenant_gets_the_same_assessments_and_none_is_asked() -> None:
    tenants = FakeSource({})
    source: Source = PartnerSource(tenants, FakeAssessments({CHECK_IT.id: CHECK_IT}))
    for tenant_id in (CONTOSO, FABRIKAM):
        [page] = [page async for page in source.pages(tenant_id, ASSESSMENTS)]
        assert (page.rows, page.cursor) == ([CHECK_IT], None)
    assert tenants.served == []


async def test_everything_else_is_read_from_the_tenant_page_by_page() -> None:
    ada, ben = Guest(id="ada"), Guest(id="ben")
    tenants = FakeSource({GUESTS.name: [[ada], [ben]]})
    source: Source = PartnerSource(tenants, FakeAssessments())
    found = [page async for page in source.pages(CONTOSO, GUESTS)]
    assert [row for page in found for row in page.rows] == [ada, ben]
    assert [(page.rows, page.cursor) async for page in source.pages(CONTOSO, GUESTS, "1")] == [
        ([ben], None)
    ]
