"""Tenants: saved whole, their state changed alone."""

import asyncio

import pytest
from msgspec.structs import replace

from shared_code.core.errors import NotPermitted
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


async def test_a_state_is_only_changed_from_what_it_was(tenants: Tenants) -> None:
    tenant = contoso()
    await tenants.save(replace(tenant, state=TenantState.OFFBOARDING))

    changed = await tenants.set_state(tenant.id, TenantState.ACTIVE, was=TenantState.SUSPENDED)
    gone = await tenants.remove(tenant.id, was=TenantState.ACTIVE)

    found = await tenants.get(tenant.id)
    assert (changed, gone) == (False, False)
    assert found
    assert found.state is TenantState.OFFBOARDING
    assert await tenants.remove(tenant.id, was=TenantState.OFFBOARDING)
    assert await tenants.get(tenant.id) is None
    assert not await tenants.remove(tenant.id, was=TenantState.OFFBOARDING)


async def test_two_changes_at_once_are_both_made(tenants: Tenants) -> None:
    tenant = contoso()
    await tenants.save(tenant)

    async def change(field: str) -> None:
        await tenants.change(tenant.id, lambda t: replace(t, **{field: "changed"}))

    await asyncio.gather(*(change(field) for field in ("customer", "domain", "digest")))

    found = await tenants.get(tenant.id)
    assert found
    assert (found.customer, found.domain, found.digest) == ("changed",) * 3


async def test_of_two_who_change_the_same_state_one_learns_that_it_is_too_late(
    tenants: Tenants,
) -> None:
    tenant = replace(contoso(), state=TenantState.ACTIVE)
    await tenants.save(tenant)

    changed = await asyncio.gather(
        *(
            tenants.set_state(tenant.id, to, was=TenantState.ACTIVE)
            for to in (TenantState.SUSPENDED, TenantState.OFFBOARDING)
        )
    )

    assert sorted(changed) == [False, True]


async def test_nobody_who_is_unknown_is_changed(tenants: Tenants) -> None:
    assert await tenants.change(contoso().id, lambda tenant: tenant) is None
    assert not await tenants.set_state(contoso().id, TenantState.ACTIVE, was=TenantState.ACTIVE)
    assert await tenants.get(contoso().id) is None


async def test_whoever_is_being_offboarded_is_not_saved_back_into_service(
    tenants: Tenants,
) -> None:
    tenant = replace(contoso(), state=TenantState.OFFBOARDING)
    await tenants.save(tenant)

    with pytest.raises(NotPermitted):
        await tenants.save(replace(tenant, state=TenantState.ACTIVE))

    assert await tenants.get(tenant.id) == tenant
