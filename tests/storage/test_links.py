"""Links: added in bulk, revoked for good, every opening written down."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from shared_code.core.errors import LinkInvalid
from shared_code.core.link import Link, Opening, Outcome
from shared_code.core.ports import Links
from shared_code.core.run import RunRequest
from shared_code.core.tenant import TenantId
from tests.storage import MONDAY, contoso, request

LATER = MONDAY + timedelta(days=30)


def _link(asked: RunRequest) -> Link:
    return Link(
        jti=uuid4().hex,
        tenant_id=asked.tenant_id,
        run_id=asked.run_id,
        report=asked.report,
        period_end=asked.end,
        expires=LATER,
        created=MONDAY,
        created_by="c5d6",
    )


def _opening(link: Link, minutes: int) -> Opening:
    return Opening(
        jti=link.jti,
        tenant_id=link.tenant_id,
        run_id=link.run_id,
        at=MONDAY + timedelta(minutes=minutes),
        method="GET",
        file="report.de.html",
        outcome=Outcome.OPENED,
    )


async def test_more_links_than_a_transaction_takes_are_all_added(links: Links) -> None:
    asked = request()
    added = [_link(asked) for _ in range(101)]

    await links.add(added)

    for link in (added[0], added[99], added[100]):
        assert await links.get(link.tenant_id, link.jti) == link
        assert await links.find(link.jti) == link


async def test_a_link_is_not_found_in_another_tenant(links: Links) -> None:
    link = _link(request())
    await links.add([link])

    assert await links.get(contoso().id, link.jti) is None
    assert await links.get(link.tenant_id, "no/jti") is None
    assert await links.find("nobody's") is None


async def test_the_first_revocation_stands_even_if_the_link_is_added_again(links: Links) -> None:
    link = _link(request())
    await links.add([link])

    await links.revoke(link.tenant_id, link.jti, at=MONDAY)
    await links.revoke(link.tenant_id, link.jti, at=LATER)
    await links.add([link])

    found = await links.get(link.tenant_id, link.jti)
    assert found
    assert found.revoked == MONDAY


async def test_revoking_what_does_not_exist_says_so(links: Links) -> None:
    with pytest.raises(LinkInvalid):
        await links.revoke(contoso().id, uuid4().hex, at=MONDAY)


async def test_openings_are_newest_first_and_of_one_link(links: Links) -> None:
    asked = request()
    link, other = _link(asked), _link(asked)
    openings = [_opening(link, minutes) for minutes in (0, 2, 1, 1)]

    for opening in (*openings, _opening(other, 5)):
        await links.record(opening)

    found = await links.openings(link.tenant_id, link.jti)
    assert [o.at for o in found] == sorted((o.at for o in openings), reverse=True)
    assert found[0] == openings[1]


async def test_each_use_of_a_link_is_somebodys_and_nobody_elses(links: Links) -> None:
    asked = request()
    link, other = _link(asked), _link(asked)
    await links.add([link, other])
    assert list(await links.used(link.tenant_id, link.jti)) == []

    taken = await asyncio.gather(*(links.use(link, 0, at=MONDAY) for _ in range(8)))

    assert sum(taken) == 1
    assert await links.use(link, 1, at=LATER)
    assert list(await links.used(link.tenant_id, link.jti)) == [MONDAY, LATER]
    assert list(await links.used(other.tenant_id, other.jti)) == []
    assert await links.find(link.jti) == link


async def test_issued_links_are_listed_newest_first_since_a_moment(links: Links) -> None:
    tenant_id = TenantId(str(uuid4()))
    old, older, new = (
        replace(_link(request()), tenant_id=tenant_id, created=MONDAY + timedelta(days=days))
        for days in (1, 0, 2)
    )
    await links.add([old, older, new])
    await links.use(new, 0, at=LATER)

    assert list(await links.issued(tenant_id, since=old.created)) == [new, old]


async def test_links_that_expired_go_with_their_uses_and_nothing_else(links: Links) -> None:
    asked, other = request(), _link(request())
    dead, living = _link(asked), replace(_link(asked), expires=LATER + timedelta(seconds=1))
    await links.add([dead, living])
    await links.add([other])
    for link in (dead, living, other):
        await links.use(link, 0, at=MONDAY)
        await links.use(link, 1, at=MONDAY)

    before = LATER + timedelta(seconds=1)
    assert await links.forget(asked.tenant_id, expired_before=LATER) == 0
    assert await links.forget(asked.tenant_id, expired_before=before) == 3

    assert await links.get(asked.tenant_id, dead.jti) is None
    assert list(await links.used(asked.tenant_id, dead.jti)) == []
    for link in (living, other):
        assert await links.get(link.tenant_id, link.jti) == link
        assert len(await links.used(link.tenant_id, link.jti)) == 2


async def test_links_are_found_by_what_their_names_begin_with(links: Links) -> None:
    asked = request()
    named = [replace(_link(asked), jti=jti) for jti in ("ab-1", "ab-2", "ab", "abc-1", "aa-1")]
    await links.add(named)
    await links.add([replace(_link(request()), jti="ab-1")])
    await links.use(named[0], 0, at=MONDAY)

    assert list(await links.starting(asked.tenant_id, "ab")) == named[:2]


async def test_the_log_is_newest_first_and_as_long_as_asked(links: Links) -> None:
    link = _link(request())
    openings = [_opening(link, minutes) for minutes in (1, 0, 2)]
    for opening in openings:
        await links.record(opening)

    newest = sorted(openings, key=lambda opening: opening.at, reverse=True)
    assert list(await links.log(link.tenant_id)) == newest
    assert list(await links.log(link.tenant_id, limit=2)) == newest[:2]


async def test_openings_before_a_moment_are_forgotten(links: Links) -> None:
    link = _link(request())
    for minutes in (0, 0, 1, 2):
        await links.record(_opening(link, minutes))

    before = MONDAY + timedelta(minutes=1)
    assert await links.forget_openings(link.tenant_id, before=before) == 2

    left = await links.log(link.tenant_id)
    assert {opening.at for opening in left} == {before, MONDAY + timedelta(minutes=2)}
