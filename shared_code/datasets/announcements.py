"""What Microsoft announces in the message centre."""

from datetime import datetime

from shared_code.core.dataset import Dataset, Part, Row
from shared_code.core.text import Text
from shared_code.datasets.foreign_text import ForeignText
from shared_code.datasets.workloads import SERVICE_COMMUNICATIONS


class Detail(Part, frozen=True, kw_only=True):
    name: str | None = None
    value: str | None = None


class Announcement(Row, frozen=True, kw_only=True):
    """`viewPoint` belongs to a signed-in user and is null for applications: not read."""

    title: str | None = None
    category: str | None = None
    services: tuple[str | None, ...] | None = None
    tags: tuple[str | None, ...] | None = None
    is_major_change: bool | None = None
    action_required_by_date_time: datetime | None = None
    start_date_time: datetime | None = None
    end_date_time: datetime | None = None
    last_modified_date_time: datetime | None = None
    details: tuple[Detail, ...] | None = None
    body: ForeignText | None = None


# A page of a hundred bodies is about a megabyte.
ANNOUNCEMENTS = Dataset(
    name="announcements",
    title=Text(de="Meldungen im Nachrichtencenter", en="Messages of the message centre"),
    path="/admin/serviceAnnouncement/messages",
    row=Announcement,
    permissions=("ServiceMessage.Read.All",),
    workload=SERVICE_COMMUNICATIONS,
    page_size=100,
)
