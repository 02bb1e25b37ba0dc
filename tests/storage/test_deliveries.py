"""Digests and their mails: known once, changed by one, newest first."""

from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from shared_code.core.delivery import Delivery, DeliveryState, Dispatch, DispatchState
from shared_code.core.ports import Deliveries
from shared_code.core.tenant import TenantId
from shared_code.storage.accounts import Accounts
from shared_code.storage.deliveries import TableDeliveries
from tests.fakes import NOON
from tests.service.digests import FakeDeliveries


@pytest.fixture
def deliveries(stage: Accounts | None) -> Deliveries:
    return TableDeliveries(stage.table("deliveries")) if stage else FakeDeliveries()


def delivery(tenant_id: TenantId, days: int = 0) -> Delivery:
    return Delivery(
        tenant_id=tenant_id, due=NOON + timedelta(days=days), planned=NOON, updated=NOON
    )


async def test_a_delivery_is_planned_once_and_changed_by_who_saw_it_last(
    deliveries: Deliveries,
) -> None:
    first = delivery(TenantId(str(uuid4())))
    await deliveries.plan(first)
    await deliveries.plan(replace(first, planned=NOON + timedelta(days=9)))
    found = await deliveries.find(first.tenant_id, first.due)
    assert found
    assert found[0] == first

    opened = replace(first, state=DeliveryState.OPEN, start=NOON, opened=NOON)
    assert await deliveries.change(opened, etag=found[1])
    assert not await deliveries.change(first, etag=found[1])

    assert await deliveries.recent(first.tenant_id) == [opened]


async def test_the_newest_come_first_and_mails_are_none_of_them(
    deliveries: Deliveries,
) -> None:
    tenant_id = TenantId(str(uuid4()))
    for days in (1, 3, 2):
        await deliveries.plan(delivery(tenant_id, days))
    mail = Dispatch(
        tenant_id=tenant_id,
        due=NOON,
        contact="a" * 32,
        state=DispatchState.SENDING,
        updated=NOON,
    )
    await deliveries.put(mail, etag=None)

    recent = await deliveries.recent(tenant_id, limit=2)

    assert [(each.due - NOON).days for each in recent] == [3, 2]
    assert await deliveries.dispatches(tenant_id, NOON) == [mail]
    assert await deliveries.dispatches(tenant_id, NOON + timedelta(days=1)) == []


async def test_of_two_who_want_to_send_the_same_mail_one_gets_the_row(
    deliveries: Deliveries,
) -> None:
    mail = Dispatch(
        tenant_id=TenantId(str(uuid4())),
        due=NOON,
        contact="b" * 32,
        state=DispatchState.SENDING,
        updated=NOON,
    )

    etag = await deliveries.put(mail, etag=None)
    assert etag
    assert await deliveries.put(mail, etag=None) is None
    sent = replace(mail, state=DispatchState.SENT, sent=NOON)
    assert await deliveries.put(sent, etag=etag)
    assert await deliveries.put(mail, etag=etag) is None

    found = await deliveries.dispatch(mail.tenant_id, NOON, mail.contact)
    assert found
    assert found[0] == sent


async def test_what_was_due_before_is_forgotten_with_its_mails(deliveries: Deliveries) -> None:
    ours, others = TenantId(str(uuid4())), TenantId(str(uuid4()))
    for tenant_id in (ours, others):
        for days in (0, 1, 2):
            known = delivery(tenant_id, days)
            await deliveries.plan(known)
            mail = Dispatch(
                tenant_id=tenant_id,
                due=known.due,
                contact="c" * 32,
                state=DispatchState.SENT,
                updated=NOON,
            )
            await deliveries.put(mail, etag=None)

    assert await deliveries.forget(ours, before=NOON) == 0
    assert await deliveries.forget(ours, before=NOON + timedelta(days=1)) == 2

    assert [(each.due - NOON).days for each in await deliveries.recent(ours)] == [2, 1]
    mails = [len(await deliveries.dispatches(ours, NOON + timedelta(days=n))) for n in range(3)]
    assert mails == [0, 1, 1]
    assert len(await deliveries.recent(others)) == 3
