"""What the partner thinks of Microsoft's announcements; the same for every tenant."""

from shared_code.core.assessment import Assessment
from shared_code.core.dataset import Dataset, Origin, Workload
from shared_code.core.text import Text

ASSESSMENTS = Dataset(
    name="assessments",
    title=Text(de="Einschätzungen des Partners", en="The partner's assessments"),
    path="assessments",
    row=Assessment,
    permissions=(),
    workload=Workload(name="partner"),
    selects=False,
    origin=Origin.PARTNER,
)
