"""The audit: appended to, read back newest first, one tenant at a time."""

from datetime import timedelta

from shared_code.core.audit import Act, Entry
from shared_code.core.ports import Audit
from tests.storage import MONDAY, contoso

OBJECT = "3f2b0c9e-8f52-4d0a-9f4e-5a7c1d2e3f40"


async def test_entries_come_back_newest_first_and_of_one_tenant(audit: Audit) -> None:
    ours, others = contoso().id, contoso().id
    written = [
        Entry(tenant_id=ours, at=MONDAY + timedelta(hours=n), act=act, actor=OBJECT, subject="x")
        for n, act in enumerate((Act.INVITED, Act.CONSENT_GIVEN, Act.ACTIVATED))
    ]
    for entry in (written[1], written[0], written[2]):
        await audit.record(entry)
    await audit.record(Entry(tenant_id=others, at=MONDAY, act=Act.SUSPENDED, actor=OBJECT))

    assert await audit.entries(ours) == written[::-1]
    assert await audit.entries(ours, limit=1) == written[2:]


async def test_two_entries_of_one_instant_both_stay(audit: Audit) -> None:
    tenant_id = contoso().id
    entry = Entry(tenant_id=tenant_id, at=MONDAY, act=Act.LINK_ISSUED, actor=OBJECT)
    await audit.record(entry)
    await audit.record(entry)
    assert await audit.entries(tenant_id) == [entry, entry]


async def test_entries_before_a_moment_are_forgotten_and_nobody_elses(audit: Audit) -> None:
    ours, others = contoso().id, contoso().id
    for tenant_id in (ours, others):
        for seconds in (0, 0, 1, 2):
            at = MONDAY + timedelta(seconds=seconds)
            await audit.record(Entry(tenant_id=tenant_id, at=at, act=Act.SIGNED_IN, actor=OBJECT))

    assert await audit.forget(ours, before=MONDAY) == 0
    assert await audit.forget(ours, before=MONDAY + timedelta(seconds=1)) == 2

    assert [(e.at - MONDAY).seconds for e in await audit.entries(ours)] == [2, 1]
    assert len(await audit.entries(others)) == 4
