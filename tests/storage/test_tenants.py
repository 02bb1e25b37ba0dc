"""Tenants: saved whole, their state changed alone."""

from msgspec.structs import replace

from shared_code.core.ports import Tenants
from shared_code.core.tenant import Subscription, TenantId, TenantState
from tests.storage import MONDAY, contoso


async def test_what_was_saved_is_found_again(tenants: Tenants) -> None:
    tenant = replace(contoso(), subscriptions={"guest-users": Subscription(since=MONDAY)})

    await tenants.save(tenant)

    assert await tenants.get(tenant.id) == tenant
    assert tenant in await tenants.all()


async def test_an_unknown_tenant_is_none(tenants: Tenants) -> None:
    assert await tenants.get(contoso().id) is None
    assert await tenants.get(TenantId("../no id")) is None


async def test_a_state_is_set_and_nothing_else_is_touched(tenants: Tenants) -> None:
    tenant = contoso()
    await tenants.save(tenant)
    renamed = replace(tenant, customer="Contoso AG", domain="ä" * 40_000)
    await tenants.save(renamed)

    await tenants.set_state(tenant.id, TenantState.CONSENT_WITHDRAWN)

    found = await tenants.get(tenant.id)
    assert found == replace(renamed, state=TenantState.CONSENT_WITHDRAWN)


async def test_a_removed_tenant_does_not_come_back_with_a_state(tenants: Tenants) -> None:
    tenant = contoso()

    await tenants.set_state(tenant.id, TenantState.ACTIVE)

    assert await tenants.get(tenant.id) is None
