"""Invented tenants, runs and lines for the tests of storage."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shared_code.core.dataset import Dataset, Part, Row, Workload
from shared_code.core.period import Period
from shared_code.core.run import RunRequest
from shared_code.core.tenant import Tenant, TenantId
from shared_code.core.text import Text

MONDAY = datetime(2026, 11, 16, 5, tzinfo=UTC)
LEASE = timedelta(minutes=5)


class Address(Part, frozen=True, kw_only=True):
    city: str | None = None


class Person(Row, frozen=True, kw_only=True):
    display_name: str | None = None
    created_date_time: datetime | None = None
    address: Address | None = None
    groups: tuple[str, ...] = ()


def listing(name: str) -> Dataset[Person]:
    return Dataset(
        name=name,
        title=Text(de="Personen", en="People"),
        path="/users",
        row=Person,
        permissions=("User.Read.All",),
        workload=Workload(name="directory"),
    )


PEOPLE = listing("people")


def contoso() -> Tenant:
    """A new one each time: the emulator is shared by all tests."""
    return Tenant(id=TenantId(str(uuid4())), customer="Contoso GmbH", domain="contoso.example")


def request(
    tenant: Tenant | None = None, *, report: str = "guest-users", end: datetime = MONDAY
) -> RunRequest:
    period = Period(end - timedelta(days=7), end)
    return RunRequest.due((tenant or contoso()).id, report, period)
