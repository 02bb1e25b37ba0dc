"""What probes found and delegated access stand next to the tenant's row and leave it alone."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared_code.core.gdap import Delegation, Relationship, Stage, Warned
from shared_code.core.ports import Delegations, Readinesses
from shared_code.core.readiness import Cause, Problem, Readiness
from shared_code.core.tenant import Tenant, TenantId
from shared_code.storage.accounts import Accounts
from shared_code.storage.delegations import TableDelegations
from shared_code.storage.readiness import TableReadinesses
from shared_code.storage.tenants import TableTenants
from tests.fakes import FakeDelegations, FakeReadinesses

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Of this module alone: other tests share the storage.
CONTOSO = TenantId(str(uuid4()))


@pytest.fixture
def readinesses(stage: Accounts | None) -> Readinesses:
    return TableReadinesses(stage.table("tenants")) if stage else FakeReadinesses()


@pytest.fixture
def delegations(stage: Accounts | None) -> Delegations:
    return TableDelegations(stage.table("tenants")) if stage else FakeDelegations()


def readiness(problems: int = 1) -> Readiness:
    found = (
        Problem(cause=Cause.PERMISSION, detail="User.Read.All", dataset=f"d{n}", since=NOON)
        for n in range(problems)
    )
    return Readiness(
        tenant_id=CONTOSO,
        due=NOON + timedelta(days=1),
        checked=NOON,
        problems=tuple(found),
        unreachable=Problem(cause=Cause.SILENT, since=NOON),
        known=("d0",),
    )


async def test_readiness_is_found_again_and_replaced(readinesses: Readinesses) -> None:
    assert await readinesses.get(CONTOSO) is None
    await readinesses.put(readiness(1000))
    assert await readinesses.get(CONTOSO) == readiness(1000)
    await readinesses.put(readiness())
    assert await readinesses.get(CONTOSO) == readiness()
    assert [each for each in await readinesses.all() if each.tenant_id == CONTOSO] == [readiness()]


async def test_delegated_access_is_found_again(delegations: Delegations) -> None:
    assert await delegations.get(CONTOSO) is None
    kept = Delegation(
        tenant_id=CONTOSO,
        checked=NOON,
        relationships=(Relationship(id="one", tenant_id=CONTOSO, ends=NOON, roles=("reader",)),),
        warned=(Warned(id="one", stage=Stage.THIRTY, ends=NOON),),
    )
    await delegations.put(kept)
    assert await delegations.get(CONTOSO) == kept


async def test_the_tenants_own_row_stays_as_it_is(accounts: Accounts) -> None:
    table = accounts.table("tenants")
    tenants = TableTenants(table)
    tenant = Tenant(id=CONTOSO, customer="Contoso", domain="contoso.com")
    await tenants.save(tenant)
    await TableReadinesses(table).put(readiness())
    await TableDelegations(table).put(Delegation(tenant_id=CONTOSO, checked=NOON))
    assert await tenants.get(CONTOSO) == tenant
    assert [each.id for each in await tenants.all()].count(CONTOSO) == 1
