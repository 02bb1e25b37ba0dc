"""Incidents and advisories that Microsoft reports about its services."""

from datetime import datetime

from shared_code.core.dataset import Dataset, Part, Row
from shared_code.core.text import Text
from shared_code.datasets.foreign_text import ForeignText
from shared_code.datasets.workloads import SERVICE_COMMUNICATIONS


class Post(Part, frozen=True, kw_only=True):
    created_date_time: datetime | None = None
    description: ForeignText | None = None


class Issue(Row, frozen=True, kw_only=True):
    title: str | None = None
    service: str | None = None
    feature: str | None = None
    classification: str | None = None
    origin: str | None = None
    status: str | None = None
    is_resolved: bool | None = None
    impact_description: str | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    last_modified_date_time: datetime | None = None
    posts: tuple[Post, ...] | None = None


ISSUES = Dataset(
    name="service-issues",
    title=Text(de="Störungen und Hinweise der Dienste", en="Incidents and advisories of services"),
    path="/admin/serviceAnnouncement/issues",
    row=Issue,
    permissions=("ServiceHealth.Read.All",),
    workload=SERVICE_COMMUNICATIONS,
    page_size=100,
)
