"""What a tenant may want of its links: a shorter life, a sign-in, so many opens and no more."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from shared_code.core.audit import Act
from shared_code.core.errors import LinkClosed, LinkError, LinkExpired, LinkUsedUp, NotSignedIn
from shared_code.core.link import LinkState, Outcome
from shared_code.core.run import Artifact
from shared_code.core.tenant import LinkOptions, Tenant
from shared_code.service.link_register import LinkRegister
from tests.service.stage import CONTOSO, FABRIKAM, tenant
from tests.service.test_links import PAGE, Desk, caller, token_of

FILE = "report.de.xlsx"


async def opened(desk: Desk, **options: object) -> str:
    """The token of a link to a page and a file beside it."""
    await desk.tenants.save(replace(tenant(), links=msgspec.convert(options, LinkOptions)))
    run = desk.deliver()
    path = f"{run.id}/{FILE}"
    desk.archive.files[path] = b"cells"
    beside = Artifact(name=FILE, path=path, media_type="x/y", size=5, sha256="")
    desk.ledger.kept[run.id] = replace(run, artifacts=(*run.artifacts, beside))
    return token_of(await desk.issue(run))


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_shorter_life_counts_for_links_that_are_out_there(desk: Desk) -> None:
    token = await opened(desk, lifetime_days=3)
    desk.clock.advance(timedelta(days=3, seconds=-1))
    assert await desk.open(token)
    desk.clock.advance(timedelta(seconds=1))
    with pytest.raises(LinkExpired):
        await desk.open(token)


async def test_a_longer_life_does_not_wake_a_link_that_ended(desk: Desk) -> None:
    token = await opened(desk, lifetime_days=366)
    desk.clock.advance(timedelta(days=30))
    with pytest.raises(LinkExpired):
        await desk.open(token)


async def test_links_on_request_live_as_long_as_the_tenant_wants(desk: Desk) -> None:
    await opened(desk, lifetime_days=7)
    [run] = desk.ledger.kept.values()
    issued = await desk.portal.link(
        CONTOSO, run.id, lifetime=timedelta(days=30), created_by="admin"
    )
    assert issued
    assert issued.link.expires - issued.link.created == timedelta(days=7)


async def test_a_sign_in_is_asked_for_and_nothing_but_that(desk: Desk) -> None:
    token = await opened(desk, sign_in_required=True)
    for method in ("GET", "HEAD"):
        with pytest.raises(NotSignedIn):
            await desk.reader.open(token, PAGE, method)
        with pytest.raises(NotSignedIn):
            await desk.reader.front_page(token, method)
    assert desk.links.opened == []


async def test_those_who_may_read_the_tenant_get_in_and_others_see_a_dead_link(desk: Desk) -> None:
    token = await opened(desk, sign_in_required=True)
    for reader in (caller(is_reader=True), caller(FABRIKAM, is_engineer=True)):
        assert (await desk.reader.open(token, PAGE, "GET", reader)).body
    for other in (caller(FABRIKAM, is_reader=True), caller()):
        with pytest.raises(LinkClosed):
            await desk.reader.open(token, PAGE, "GET", other)
    assert desk.links.opened[-1].outcome is Outcome.NOT_ALLOWED


async def test_a_dead_link_is_dead_before_anybody_signs_in(desk: Desk) -> None:
    token = await opened(desk, sign_in_required=True)
    desk.clock.advance(timedelta(days=30))
    with pytest.raises(LinkExpired):
        await desk.reader.front_page(token, "GET")


async def test_a_link_opens_as_often_as_allowed(desk: Desk) -> None:
    token = await opened(desk, allowed_opens=2)
    for _ in range(5):
        await desk.open(token, method="HEAD")
        await desk.reader.front_page(token, "GET")
    for _ in range(2):
        assert await desk.open(token)
    for method in ("GET", "HEAD"):
        with pytest.raises(LinkUsedUp):
            await desk.open(token, method=method)
    with pytest.raises(LinkUsedUp):
        await desk.reader.front_page(token, "GET")
    assert desk.links.opened[-1].outcome is Outcome.USED_UP


async def test_a_file_beside_the_page_is_the_same_use_for_an_hour(desk: Desk) -> None:
    token = await opened(desk, allowed_opens=1)
    assert await desk.open(token)
    for _ in range(3):
        assert (await desk.open(token, FILE)).body == b"cells"
    desk.clock.advance(timedelta(hours=1))
    with pytest.raises(LinkUsedUp):
        await desk.open(token, FILE)


async def test_a_file_without_its_page_is_a_use(desk: Desk) -> None:
    token = await opened(desk, allowed_opens=1)
    assert await desk.open(token, FILE)
    with pytest.raises(LinkUsedUp):
        await desk.open(token, PAGE)


async def test_the_register_tells_which_links_still_open(desk: Desk) -> None:
    token = await opened(desk, allowed_opens=1)
    register = LinkRegister(links=desk.links, clock=desk.clock)
    [link] = desk.links.kept.values()

    async def state() -> LinkState:
        [use] = await register.of(replace(tenant(), links=LinkOptions(allowed_opens=1)))
        return use.state

    assert await state() is LinkState.VALID
    await desk.open(token)
    assert await state() is LinkState.USED_UP
    desk.clock.advance(link.expires - desk.clock())
    assert await state() is LinkState.EXPIRED
    await desk.links.revoke(CONTOSO, link.jti, at=desk.clock())
    assert await state() is LinkState.REVOKED


async def test_what_was_not_delivered_was_no_use(desk: Desk) -> None:
    token = await opened(desk, allowed_opens=1)
    with pytest.raises(LinkError):
        await desk.open(token, "no-such-file")
    assert await desk.open(token)


async def test_of_many_at_once_exactly_the_allowed_number_gets_in(desk: Desk) -> None:
    token = await opened(desk, allowed_opens=3)

    async def tried() -> bool:
        try:
            return bool(await desk.open(token))
        except LinkUsedUp:
            return False

    assert sum(await asyncio.gather(*(tried() for _ in range(20)))) == 3


@pytest.mark.parametrize(
    "options", [{"lifetime_days": 0}, {"lifetime_days": 367}, {"allowed_opens": 0}]
)
def test_options_there_cannot_be_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**msgspec.to_builtins(tenant()), "links": options}, Tenant)


async def test_issuing_and_revoking_stand_in_the_audit(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())
    desk.deliver(weeks=1)
    await desk.portal.listing(CONTOSO, created_by="admin")
    for _ in range(2):
        await desk.issuer.revoke(issued.link.jti, caller(is_engineer=True))

    written = [(e.tenant_id, e.act, e.actor, e.subject) for e in desk.audit.kept]
    assert written == [
        (CONTOSO, Act.LINK_ISSUED, "engineer", issued.link.jti),
        (CONTOSO, Act.LINK_ISSUED, "admin", "list"),
        (CONTOSO, Act.LINK_REVOKED, "object", issued.link.jti),
    ]
    assert token_of(issued) not in repr(desk.audit.kept)


async def test_a_link_is_named_so_that_no_command_takes_it_for_an_option(desk: Desk) -> None:
    names = [(await desk.issue(desk.deliver(weeks=n))).link.jti for n in range(20)]

    assert all(name.isalnum() for name in names)


async def test_the_register_tells_what_became_of_each_link(desk: Desk) -> None:
    token = await opened(desk)
    await desk.open(token)
    await desk.open(token, FILE)
    await desk.open(token, method="HEAD")
    with pytest.raises(LinkError):
        await desk.open(token, "no-such-file")
    await desk.issue(desk.deliver(FABRIKAM))

    [use] = await LinkRegister(links=desk.links, clock=desk.clock).of(tenant())

    assert (use.opens, use.refusals, use.last_opened) == (2, 1, desk.clock())
    desk.clock.advance(timedelta(days=91))
    assert await LinkRegister(links=desk.links, clock=desk.clock).of(tenant()) == []
