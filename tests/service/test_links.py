"""Signed links: who may open what, what is written down, and that every refusal is a LinkError."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from shared_code.core.caller import Caller
from shared_code.core.errors import (
    LinkError,
    LinkExpired,
    LinkInvalid,
    LinkRevoked,
    NotAllowed,
)
from shared_code.core.link import Link, Outcome
from shared_code.core.run import Artifact, Run, RunState
from shared_code.core.tenant import LinkOptions, Tenant, TenantId, TenantState
from shared_code.core.text import Language
from shared_code.links.keys import KeyRing
from shared_code.links.token import HmacSigner
from shared_code.service.files import MEMORY
from shared_code.service.issue_links import Issued, Issuer
from shared_code.service.open_link import Opened, Reader
from shared_code.service.portal import Portal
from tests.fakes import FakeArchive, FakeAudit, FakeClock, FakeLedger, FakeLinks, FakeTenants
from tests.service.stage import CONTOSO, FABRIKAM, MONDAY, TINY, request, tenant

MONTH = timedelta(days=30)
PAGE = "report.de.html"


class Desk:
    """Delivered runs of two customers, and everybody who handles links."""

    def __init__(self) -> None:
        self.clock = FakeClock(MONDAY)
        self.links = FakeLinks()
        self.audit = FakeAudit()
        self.ledger = FakeLedger(self.clock)
        self.tenants = FakeTenants.of(tenant(), tenant(FABRIKAM))
        self.archive = FakeArchive()
        self.signer = HmacSigner(KeyRing("k1", {"k1": b"1" * 32}))

    @property
    def issuer(self) -> Issuer:
        return Issuer(
            signer=self.signer,
            links=self.links,
            audit=self.audit,
            clock=self.clock,
            public_url="https://reports.example",
        )

    @property
    def reader(self) -> Reader:
        return Reader(
            signer=self.signer,
            links=self.links,
            ledger=self.ledger,
            tenants=self.tenants,
            archive=self.archive,
            clock=self.clock,
        )

    @property
    def portal(self) -> Portal:
        return Portal(
            tenants=self.tenants,
            ledger=self.ledger,
            issuer=self.issuer,
            reports={TINY.name: TINY},
        )

    def deliver(
        self,
        tenant_id: TenantId = CONTOSO,
        *,
        weeks: int = 0,
        state: RunState = RunState.DELIVERED,
        size: int | None = None,
    ) -> Run:
        order = request(tenant_id=tenant_id, weeks=weeks)
        artifacts = [self._filed(order.run_id, name, size) for name in (PAGE, MEMORY)]
        run = replace(
            Run.planned(order, MONDAY), state=state, artifacts=tuple(artifacts), delivered=MONDAY
        )
        self.ledger.kept[run.id] = run
        return run

    def _filed(self, run_id: str, name: str, size: int | None) -> Artifact:
        path, body = f"{run_id}/{name}", f"{name} of {run_id}".encode()
        self.archive.files[path] = body
        return Artifact(
            name=name, path=path, media_type="text/html", size=size or len(body), sha256=""
        )

    async def issue(self, run: Run) -> Issued:
        [issued] = await self.issuer.issue([run], lifetime=MONTH, created_by="engineer")
        return issued

    async def open(self, token: str, file: str = PAGE, method: str = "GET") -> Opened:
        return await self.reader.open(token, file, method)


@dataclass
class TickingClock(FakeClock):
    """Goes on with every look at it, never for as long as before."""

    looks: int = 0

    def __call__(self) -> datetime:
        self.looks += 1
        self.advance(timedelta(microseconds=self.looks))
        return self.now


@dataclass
class SeenLinks(FakeLinks):
    """Says what was looked up."""

    looked_up: list[str] = field(default_factory=list[str])

    async def get(self, tenant_id: TenantId, jti: str) -> Link | None:
        self.looked_up.append("link")
        return await super().get(tenant_id, jti)


@dataclass
class SeenTenants(FakeTenants):
    looked_up: list[str] = field(default_factory=list[str])

    async def get(self, tenant_id: TenantId) -> Tenant | None:
        self.looked_up.append("tenant")
        return await super().get(tenant_id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def token_of(issued: Issued) -> str:
    return issued.address.rpartition("/")[2]


def caller(tenant_id: TenantId = CONTOSO, **roles: bool) -> Caller:
    said = {"is_reader": False, "is_engineer": False} | roles
    return Caller(tenant_id=tenant_id, object_id="object", **said)


async def test_a_link_opens_the_page_in_the_tenants_language(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())
    await desk.tenants.save(replace(tenant(), language=Language.EN))

    assert issued.address.startswith("https://reports.example/r/v1.k1.")
    assert await desk.reader.front_page(token_of(issued), "GET") == "report.en.html"


async def test_a_link_opens_the_files_of_its_run(desk: Desk) -> None:
    run = desk.deliver()
    opened = await desk.open(token_of(await desk.issue(run)))

    assert opened.body == f"{PAGE} of {run.id}".encode()
    assert opened.download_name == "2026-11-23_contoso-gmbh_tiny-report_de.html"
    assert opened.redirect is None


async def test_opening_uses_nothing_up(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))

    bodies = {(await desk.open(token)).body for _ in range(20)}

    assert len(bodies) == 1


async def test_a_head_request_reads_no_body(desk: Desk) -> None:
    run = desk.deliver()
    token = token_of(await desk.issue(run))
    desk.archive.files.clear()

    opened = await desk.open(token, method="HEAD")

    assert (opened.body, opened.redirect) == (None, None)


async def test_a_large_file_is_fetched_from_the_store(desk: Desk) -> None:
    desk.archive.host = "https://store.example"
    run = desk.deliver(size=17 * 2**20)

    opened = await desk.open(token_of(await desk.issue(run)))

    assert opened.body is None
    assert opened.redirect
    assert opened.redirect.startswith(f"https://store.example/reports/{run.id}/")


async def test_a_large_file_comes_through_us_where_readers_cannot_reach_the_store(
    desk: Desk,
) -> None:
    run = desk.deliver(size=17 * 2**20)

    assert (await desk.open(token_of(await desk.issue(run)))).body


async def test_each_use_of_a_genuine_link_is_written_down(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())
    token = token_of(issued)
    await desk.open(token)
    await desk.open(token, method="HEAD")
    with pytest.raises(LinkInvalid):
        await desk.open(token, "report.de.exe")
    await desk.issuer.revoke(issued.link.jti, caller(is_engineer=True))
    with pytest.raises(LinkRevoked):
        await desk.open(token)

    entries = [(o.method, o.file, o.outcome) for o in desk.links.opened]
    assert entries == [
        ("GET", PAGE, Outcome.OPENED),
        ("HEAD", PAGE, Outcome.OPENED),
        ("GET", "", Outcome.INVALID),
        ("GET", "", Outcome.REVOKED),
    ]


async def test_whoever_goes_on_asking_for_a_dead_link_fills_no_log(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())
    token, reader = token_of(issued), desk.reader
    await desk.issuer.revoke(issued.link.jti, caller(is_engineer=True))

    async def asked(file: str) -> None:
        with pytest.raises(LinkRevoked):
            await reader.open(token, file, "GET")

    for number in range(5):
        await asked(f"report-{number}.html")
    assert [o.outcome for o in desk.links.opened] == [Outcome.REVOKED]
    desk.clock.advance(timedelta(minutes=1))
    await asked(PAGE)
    assert [o.outcome for o in desk.links.opened] == [Outcome.REVOKED, Outcome.REVOKED]


async def test_the_log_holds_no_token_and_nothing_the_reader_typed(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))
    with pytest.raises(LinkInvalid):
        await desk.open(token, "ada.lovelace@contoso.example")

    written = repr(desk.links.opened)
    assert token not in written
    assert token.rpartition(".")[2] not in written
    assert "ada" not in written


async def test_what_remembers_objects_is_never_served(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))

    for name in (MEMORY, f"./{MEMORY}", f"x/../{MEMORY}", MEMORY.upper()):
        with pytest.raises(LinkInvalid):
            await desk.open(token, name)


@pytest.mark.parametrize(
    "state", [RunState.PLANNED, RunState.RUNNING, RunState.BLOCKED, RunState.FAILED]
)
async def test_a_run_that_was_not_delivered_shows_nothing(desk: Desk, state: RunState) -> None:
    run = desk.deliver(state=state)

    with pytest.raises(LinkInvalid):
        await desk.open(token_of(await desk.issue(run)))


async def test_a_link_ends_with_its_time(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))
    desk.clock.advance(MONTH - timedelta(seconds=1))
    assert await desk.open(token)

    desk.clock.advance(timedelta(seconds=1))

    with pytest.raises(LinkExpired):
        await desk.open(token)
    with pytest.raises(LinkExpired):
        await desk.reader.front_page(token, "GET")
    assert desk.links.opened[-1].outcome is Outcome.EXPIRED


async def test_a_revoked_link_is_dead_at_once(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())

    assert await desk.issuer.revoke(issued.link.jti, caller(is_reader=True))

    with pytest.raises(LinkRevoked):
        await desk.open(token_of(issued))
    with pytest.raises(LinkRevoked):
        await desk.reader.front_page(token_of(issued), "GET")


async def test_every_single_changed_character_makes_a_token_invalid(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))

    for position, letter in enumerate(token):
        other = "B" if letter != "B" else "C"
        with pytest.raises(LinkInvalid):
            await desk.open(token[:position] + other + token[position + 1 :])
    for damaged in (token + "=", token + " ", token[:-1], token.upper(), f"{token}.", "", "."):
        with pytest.raises(LinkInvalid):
            await desk.open(damaged)


async def test_a_token_signed_with_an_unknown_key_is_invalid(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())

    for forger in (KeyRing("k9", {"k9": b"1" * 32}), KeyRing("k1", {"k1": b"2" * 32})):
        with pytest.raises(LinkInvalid):
            await desk.open(HmacSigner(forger).sign(issued.link))


async def test_a_key_that_was_taken_out_closes_its_links(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))
    desk.signer = HmacSigner(KeyRing("k2", {"k2": b"2" * 32, "k1": b"1" * 32}))
    assert await desk.open(token)

    desk.signer = HmacSigner(KeyRing("k2", {"k2": b"2" * 32}))

    with pytest.raises(LinkInvalid):
        await desk.open(token)


async def test_a_genuine_token_without_its_row_is_invalid(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))
    desk.links.kept.clear()

    with pytest.raises(LinkInvalid):
        await desk.open(token)


async def test_a_token_for_another_run_or_tenant_than_its_row_is_invalid(desk: Desk) -> None:
    """Even we could not sign a link into one for something else."""
    mine, other = desk.deliver(), desk.deliver(weeks=1)
    foreign = desk.deliver(FABRIKAM)
    link = (await desk.issue(mine)).link

    for run_id, tenant_id in ((other.id, CONTOSO), (foreign.id, CONTOSO), (foreign.id, FABRIKAM)):
        token = desk.signer.sign(replace(link, run_id=run_id, tenant_id=tenant_id))
        with pytest.raises(LinkInvalid):
            await desk.open(token)


async def test_whatever_is_wrong_with_a_genuine_link_is_found_by_the_same_steps(desk: Desk) -> None:
    """Nobody can tell by the time it takes; and what was forged costs us nothing."""
    looked_up: list[str] = []
    desk.links = SeenLinks(looked_up=looked_up)
    desk.tenants = SeenTenants(kept=desk.tenants.kept, looked_up=looked_up)
    link = (await desk.issue(desk.deliver())).link
    revoked, expired, unknown = (
        replace(link, jti=jti) for jti in ("revoked", "expired", "unknown")
    )
    await desk.links.add([replace(revoked, revoked=MONDAY), replace(expired, expires=MONDAY)])
    others = [replace(link, run_id=desk.deliver(weeks=1).id), replace(link, tenant_id=FABRIKAM)]
    tokens = [desk.signer.sign(each) for each in (revoked, expired, unknown, *others)]
    for token in tokens:
        looked_up.clear()
        with pytest.raises(LinkError):
            await desk.open(token)
        assert looked_up == ["link", "tenant"]

    looked_up.clear()
    for forged in (f"{tokens[0]}A", tokens[1].replace("v1", "v2"), "x" * 9000, ""):
        with pytest.raises(LinkError):
            await desk.open(forged)
    assert looked_up == []


@pytest.mark.parametrize("state", [TenantState.OFFBOARDED, None])
async def test_the_links_of_a_tenant_that_left_are_dead(
    desk: Desk, state: TenantState | None
) -> None:
    token = token_of(await desk.issue(desk.deliver()))
    if state:
        await desk.tenants.set_state(CONTOSO, state)
    else:
        del desk.tenants.kept[CONTOSO]

    with pytest.raises(LinkInvalid):
        await desk.open(token)
    with pytest.raises(LinkInvalid):
        await desk.reader.front_page(token, "GET")


async def test_a_file_that_was_deleted_is_a_dead_link_and_no_failure(desk: Desk) -> None:
    token = token_of(await desk.issue(desk.deliver()))
    desk.archive.files.clear()

    with pytest.raises(LinkError):
        await desk.open(token)

    assert desk.links.opened[-1].outcome is Outcome.INVALID


async def test_customers_revoke_the_links_of_their_own_tenant_only(desk: Desk) -> None:
    foreign = await desk.issue(desk.deliver(FABRIKAM))

    assert not await desk.issuer.revoke(foreign.link.jti, caller(is_reader=True))
    assert await desk.open(token_of(foreign))

    assert await desk.issuer.revoke(foreign.link.jti, caller(is_engineer=True))
    with pytest.raises(LinkRevoked):
        await desk.open(token_of(foreign))


async def test_a_colleague_without_a_role_revokes_nothing(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())

    with pytest.raises(NotAllowed):
        await desk.issuer.revoke(issued.link.jti, caller())

    assert await desk.open(token_of(issued))


async def test_the_first_revocation_stands(desk: Desk) -> None:
    issued = await desk.issue(desk.deliver())
    await desk.issuer.revoke(issued.link.jti, caller(is_engineer=True))
    desk.clock.advance(timedelta(days=1))

    assert await desk.issuer.revoke(issued.link.jti, caller(is_engineer=True))

    kept = await desk.links.get(CONTOSO, issued.link.jti)
    assert kept
    assert kept.revoked == MONDAY


async def test_an_unknown_link_cannot_be_revoked(desk: Desk) -> None:
    for jti in ("nothing", "", "'", "%2F", "x" * 5000):
        assert not await desk.issuer.revoke(jti, caller(is_engineer=True))
        assert not await desk.issuer.revoke(jti, caller(is_reader=True))


async def test_the_shelf_lists_ordered_reports_and_links_what_was_delivered(desk: Desk) -> None:
    desk.deliver()
    desk.deliver(weeks=1, state=RunState.BLOCKED)
    desk.deliver(FABRIKAM)

    listing = await desk.portal.listing(CONTOSO, created_by="admin")

    assert listing
    blocked, delivered = listing.reports[TINY]
    assert (blocked.run.state, blocked.issued) == (RunState.BLOCKED, None)
    assert delivered.issued
    assert await desk.open(token_of(delivered.issued))
    assert {link.tenant_id for link in desk.links.kept.values()} == {CONTOSO}


async def test_who_lists_again_gets_the_same_links_and_nobody_else_does(desk: Desk) -> None:
    desk.clock = TickingClock(MONDAY)
    for weeks in range(3):
        desk.deliver(weeks=weeks)

    async def listed(by: str) -> list[str]:
        listing = await desk.portal.listing(CONTOSO, created_by=by)
        assert listing
        return [entry.issued.address for entry in listing.reports[TINY] if entry.issued]

    first = await listed("admin")
    desk.clock.advance(timedelta(minutes=29))
    assert await listed("admin") == first
    assert (len(desk.links.kept), len(desk.audit.kept)) == (3, 1)
    assert await desk.open(first[0].rpartition("/")[2])
    assert not set(await listed("somebody else")) & set(first)

    desk.clock.advance(timedelta(minutes=1))
    assert not set(await listed("admin")) & set(first)
    assert await desk.open(first[0].rpartition("/")[2])


async def test_a_run_that_came_since_gets_a_link_and_a_revoked_link_does_not_come_back(
    desk: Desk,
) -> None:
    desk.deliver()
    first = await desk.portal.listing(CONTOSO, created_by="admin")
    assert first
    [entry] = first.reports[TINY]
    assert entry.issued
    await desk.issuer.revoke(entry.issued.link.jti, caller(is_reader=True))
    desk.deliver(weeks=1)

    again = await desk.portal.listing(CONTOSO, created_by="admin")

    assert again
    for each in again.reports[TINY]:
        assert each.issued
        assert await desk.open(token_of(each.issued))


async def test_where_opens_are_counted_each_list_has_links_of_its_own(desk: Desk) -> None:
    desk.deliver()
    await desk.tenants.save(replace(tenant(), links=LinkOptions(allowed_opens=1)))
    for _ in range(2):
        listing = await desk.portal.listing(CONTOSO, created_by="admin")
        assert listing
        [entry] = listing.reports[TINY]
        assert entry.issued
        assert await desk.open(token_of(entry.issued))


async def test_links_of_the_shelf_live_an_hour(desk: Desk) -> None:
    desk.deliver()
    listing = await desk.portal.listing(CONTOSO, created_by="admin")
    assert listing
    [entry] = listing.reports[TINY]
    assert entry.issued
    desk.clock.advance(timedelta(hours=1))

    with pytest.raises(LinkExpired):
        await desk.open(token_of(entry.issued))


async def test_a_report_that_was_ordered_and_never_made_has_an_empty_place(desk: Desk) -> None:
    listing = await desk.portal.listing(CONTOSO, created_by="admin")

    assert listing
    assert listing.reports == {TINY: []}


async def test_an_unknown_tenant_has_no_shelf(desk: Desk) -> None:
    unknown = TenantId("00000000-0000-0000-0000-000000000000")

    assert await desk.portal.listing(unknown, created_by="admin") is None


async def test_a_link_to_a_single_run_needs_a_delivered_run_of_this_tenant(desk: Desk) -> None:
    mine, foreign = desk.deliver(), desk.deliver(FABRIKAM)
    blocked = desk.deliver(weeks=1, state=RunState.BLOCKED)

    async def link(run_id: str) -> Issued | None:
        return await desk.portal.link(CONTOSO, run_id, lifetime=MONTH, created_by="admin")

    issued = await link(mine.id)
    assert issued
    assert await desk.open(token_of(issued))
    for run_id in (foreign.id, blocked.id, "", "'", "x" * 5000):
        assert await link(run_id) is None


async def test_for_a_tenant_that_left_no_links_are_made(desk: Desk) -> None:
    run = desk.deliver()
    await desk.tenants.set_state(CONTOSO, TenantState.OFFBOARDED)

    assert await desk.portal.link(CONTOSO, run.id, lifetime=MONTH, created_by="x") is None
    assert await desk.portal.listing(CONTOSO, created_by="x") is None
    assert desk.links.kept == {}
