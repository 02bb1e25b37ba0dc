"""The portal's page: what stands where, and what a month of the archive holds."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared_code.core.audit import Act
from shared_code.core.link import Opening, Outcome
from shared_code.core.overview import Attention, Overview
from shared_code.core.report import Status
from shared_code.core.run import Artifact, Run, RunState
from shared_code.core.summary import Due, Summary, Todo
from shared_code.core.tenant import TenantId, TenantState
from shared_code.links.keys import KeyRing
from shared_code.links.token import HmacSigner
from shared_code.service.issue_links import Issuer
from shared_code.service.overview import Overviews
from tests.fakes import FakeAudit, FakeClock, FakeLedger, FakeLinks, FakeTenants
from tests.service.stage import CONTOSO, FABRIKAM, MONDAY, TINY, WEEK, request, tenant

LATER = MONDAY + timedelta(hours=3)
SOON = {"de": "", "en": ""}


class Office:
    def __init__(self, *, since: datetime = MONDAY - WEEK) -> None:
        self.clock = FakeClock(LATER)
        self.links = FakeLinks()
        self.audit = FakeAudit()
        self.ledger = FakeLedger(self.clock)
        self.tenants = FakeTenants.of(tenant(since=since), tenant(FABRIKAM))
        signer = HmacSigner(KeyRing("k1", {"k1": b"1" * 32}))
        self.desk = Overviews(
            tenants=self.tenants,
            ledger=self.ledger,
            issuer=Issuer(
                signer=signer,
                links=self.links,
                audit=self.audit,
                clock=self.clock,
                public_url="https://reports",
            ),
            links=self.links,
            audit=self.audit,
            clock=self.clock,
            reports={TINY.name: TINY},
        )

    def settle(
        self,
        *,
        weeks: int = 0,
        state: RunState = RunState.DELIVERED,
        status: str = "ok",
        summary: Summary | None = None,
    ) -> Run:
        planned = Run.planned(request(weeks=weeks), LATER)
        page = Artifact(
            name="report.de.html", path="x/y", media_type="text/html", size=1, sha256=""
        )
        run = replace(planned, state=state, status=status, summary=summary, artifacts=(page,))
        self.ledger.kept[run.id] = run
        return run

    async def overview(self) -> Overview:
        overview = await self.desk.overview(CONTOSO)
        assert overview
        return overview


async def test_before_the_first_run_it_says_when_that_will_be() -> None:
    office = Office(since=LATER)
    [standing] = (await office.overview()).standings
    assert (standing.newest, standing.delivered, standing.status) == (None, None, None)
    assert standing.next_due == MONDAY + WEEK


async def test_what_cannot_be_delivered_is_incomplete_and_the_last_report_stays() -> None:
    office = Office()
    before = office.settle(weeks=-1)
    blocked = office.settle(state=RunState.BLOCKED, status="")
    [standing] = (await office.overview()).standings
    assert standing.newest == blocked
    assert standing.delivered == before
    assert standing.status is Status.INCOMPLETE


async def test_a_run_under_way_hides_nothing() -> None:
    office = Office()
    before = office.settle(weeks=-1)
    office.settle(state=RunState.RUNNING, status="")
    [standing] = (await office.overview()).standings
    assert standing.newest == standing.delivered == before


@pytest.mark.parametrize("state", [TenantState.OFFBOARDED, None])
async def test_there_is_no_page_for_a_tenant_that_is_gone_or_unknown(
    state: TenantState | None,
) -> None:
    office = Office()
    office.settle()
    if state:
        await office.tenants.save(tenant(state=state))
    else:
        office.tenants.kept.clear()
    assert await office.desk.overview(CONTOSO) is None
    assert await office.desk.archived(CONTOSO, date(2026, 11, 1)) is None
    assert await office.desk.link(CONTOSO, TINY.name, None, created_by="x") is None


async def test_months_go_back_to_the_first_report_and_two_years_at_most() -> None:
    office = Office(since=MONDAY - timedelta(days=70))
    months = (await office.overview()).months
    assert months[0] == LATER.date().replace(day=1)
    assert months[-1] == (MONDAY - timedelta(days=70)).date().replace(day=1)
    assert len((await Office(since=MONDAY - timedelta(days=3000)).overview()).months) == 24


async def test_a_month_holds_what_ended_in_it_by_the_tenants_clock() -> None:
    office = Office(since=MONDAY - 10 * WEEK)
    runs = [office.settle(weeks=-n) for n in range(8)]
    office.settle(weeks=-8, state=RunState.FAILED)
    month = runs[0].end.date().replace(day=1)
    archived = await office.desk.archived(CONTOSO, month)
    assert archived
    inside = [run for run in runs if run.end.date() >= month]
    assert [run for _, run in archived.runs] == inside


async def test_midnight_in_vienna_divides_the_months() -> None:
    office = Office()
    late = replace(office.settle(), end=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    office.ledger.kept = {late.id: late}
    october = await office.desk.archived(CONTOSO, date(2026, 10, 1))
    november = await office.desk.archived(CONTOSO, date(2026, 11, 1))
    assert october
    assert november
    assert (len(october.runs), len(november.runs)) == (0, 1)


async def test_each_click_gets_a_link_of_its_own_for_an_hour() -> None:
    office = Office()
    run = office.settle()
    for end in (None, run.end):
        issued = await office.desk.link(CONTOSO, TINY.name, end, created_by="object")
        assert issued
        assert issued.run == run
        assert issued.link.expires <= LATER + timedelta(hours=1)
    assert len(office.links.kept) == 2
    assert await office.desk.link(CONTOSO, TINY.name, run.start, created_by="object") is None
    assert await office.desk.link(CONTOSO, "another-report", None, created_by="object") is None
    assert await office.desk.link(FABRIKAM, TINY.name, run.end, created_by="object") is None


async def test_looking_at_the_page_makes_no_link() -> None:
    office = Office()
    office.settle()
    await office.overview()
    assert not office.links.kept


def todo(priority: str) -> Todo:
    said = {"de": priority, "en": priority}
    return Todo(priority=priority, title=said, why=SOON, who=SOON)


def due(days: int) -> Due:
    return Due(day=LATER + timedelta(days=days), title=f"{days}")


async def test_items_come_by_priority_and_near_deadlines_by_date() -> None:
    office = Office()
    todos = tuple(todo(p) for p in ("low", "medium", "high", "critical"))
    summary = Summary(digest=SOON, todos=todos, deadlines=(due(20), due(3), due(31), due(-1)))
    office.settle(summary=summary)
    items = Attention.of(await office.overview())
    named = [i.what.title if isinstance(i.what, Due) else i.what.priority for i in items]
    assert named == ["critical", "3", "20", "high", "medium", "low"]


async def test_a_near_deadline_that_is_an_action_as_well_is_one_item() -> None:
    office = Office()
    same, other, far = (
        replace(todo("high"), title={"de": f"Bis Mai klären: {name}", "en": f"Settle: {name}"})
        for name in ("3", "33", "31")
    )
    summary = Summary(digest=SOON, todos=(same, other, far), deadlines=(due(3), due(31)))
    office.settle(summary=summary)
    items = Attention.of(await office.overview())
    assert [item.what for item in items] == [due(3), other, far]


async def test_the_audit_holds_the_newest_openings_and_names_their_reports() -> None:
    office = Office()
    run = office.settle()
    issued = await office.desk.link(CONTOSO, TINY.name, run.end, created_by="object")
    assert issued
    for minute in range(250):
        await office.links.record(
            Opening(
                jti=issued.link.jti,
                tenant_id=CONTOSO,
                run_id=run.id,
                at=LATER + timedelta(minutes=minute),
                method="GET",
                file="report.de.html",
                outcome=Outcome.OPENED,
            )
        )

    audited = await office.desk.audited(CONTOSO)

    assert audited
    assert [entry.act for entry in audited.entries] == [Act.LINK_ISSUED]
    assert len(audited.openings) == 200
    assert audited.openings[0].at == LATER + timedelta(minutes=249)
    assert audited.reports == {issued.link.jti: TINY}


async def test_an_unknown_tenant_has_no_audit() -> None:
    assert await Office().desk.audited(TenantId(FABRIKAM[:-1] + "0")) is None
