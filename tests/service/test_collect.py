"""Collecting: postponed and continued at the cursor, started over when a token dies, bounded always."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from msgspec import structs

from shared_code.core.dataset import Child, Dataset, Parents, Row, Workload
from shared_code.core.errors import (
    BudgetSpent,
    PageTokenExpired,
    PermissionMissing,
    Reason,
    Throttled,
    UpstreamDown,
    UpstreamError,
)
from shared_code.core.ports import Page, Progress
from shared_code.core.privacy import Name, Privacy
from shared_code.core.run import RunState
from shared_code.core.tenant import PrivacyChoice, TenantId
from shared_code.core.text import Text
from shared_code.service.collect import Collector
from tests.fakes import FakeClock, FakeLedger, FakeSource, FakeSpoolFolder, paged
from tests.service.stage import BADGES, PEOPLE, TINY, Badge, Stage, request, tenant

ALL = ["Ada", "Ben", "Cleo", "Dora", "Emil"]
PAGES = [("people", 0), ("people", 1), ("people", 2), ("badges", 0), ("badges", 1)]


def read(stage: Stage) -> list[tuple[str, int]]:
    return [(name, number) for _, name, number in stage.source.served]


def saved(stage: Stage) -> dict[str, Progress]:
    assert isinstance(stage.folder, FakeSpoolFolder)
    return stage.folder.saved[request().run_id][1]


def always(_error: UpstreamError) -> bool:
    return True


async def names(stage: Stage) -> list[str]:
    run = await stage.produce(request())
    assert run
    return (await stage.shown(run))["names"]


async def test_throttled_for_long_the_run_waits_for_its_next_message(stage: Stage) -> None:
    stage.source.fail("people", Throttled("429", retry_after=120), before_page=2)

    with pytest.raises(Throttled) as raised:
        await stage.produce(request())

    assert raised.value.retry_after == 120
    [(name, progress)] = saved(stage).items()
    assert (name, progress.cursor, progress.pages) == ("people", "2", 2)
    assert not progress.is_complete
    kept = await stage.kept(request())
    assert kept
    assert kept.state is RunState.PLANNED
    assert isinstance(stage.ledger, FakeLedger)
    assert stage.ledger.leases == {}


async def test_the_next_attempt_goes_on_at_the_cursor_and_reads_no_page_twice(
    stage: Stage,
) -> None:
    stage.source.fail("people", Throttled("429", retry_after=120), before_page=2)
    with pytest.raises(Throttled):
        await stage.produce(request())

    assert await names(stage) == ALL

    assert read(stage) == PAGES


async def test_a_dataset_read_to_its_end_is_not_read_again(stage: Stage) -> None:
    stage.source.fail("badges", UpstreamDown("503"), before_page=1)
    with pytest.raises(UpstreamDown):
        await stage.produce(request())

    assert await names(stage) == ALL

    assert read(stage) == PAGES


async def test_a_gap_found_before_the_wait_is_still_one_after_it(stage: Stage) -> None:
    stage.source.fail("badges", PermissionMissing("badges", "AuditLog.Read.All"))
    stage.source.fail("people", Throttled("429", retry_after=120))
    stage.report = replace(TINY, needs=TINY.needs[::-1])
    with pytest.raises(Throttled):
        await stage.produce(request())

    run = await stage.produce(request())

    assert run
    assert [(g.dataset, g.reason, g.detail) for g in run.gaps] == [
        ("badges", Reason.PERMISSION, "AuditLog.Read.All")
    ]


async def test_a_dead_page_token_starts_the_listing_over_and_doubles_nothing(
    stage: Stage,
) -> None:
    stage.source.fail("people", PageTokenExpired("gone"), before_page=2)

    assert await names(stage) == ALL

    assert await stage.measured("people") == 5


async def test_a_token_that_died_while_the_run_waited_starts_the_listing_over(
    stage: Stage,
) -> None:
    stage.source.fail("people", Throttled("429", retry_after=7200), before_page=1)
    stage.source.fail("people", PageTokenExpired("gone"), before_page=1)
    with pytest.raises(Throttled):
        await stage.produce(request())

    assert await names(stage) == ALL


async def test_tokens_that_die_again_and_again_end_in_a_wait_without_the_dead_cursor(
    stage: Stage,
) -> None:
    stage.source.fail("people", PageTokenExpired("gone"), before_page=1, times=3)

    with pytest.raises(UpstreamDown):
        await stage.produce(request())

    assert saved(stage).get("people", Progress()).cursor is None
    assert await names(stage) == ALL


class SlowSource(FakeSource):
    """Each page takes a minute of the stage's clock; knows how many listings are being read."""

    clock: FakeClock
    reading = 0

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        self.reading += 1
        try:
            async for page in super().pages(tenant_id, dataset, cursor, parent=parent):
                self.clock.advance(timedelta(minutes=1))
                yield page
        finally:
            self.reading -= 1


def slow(stage: Stage, *, minutes: float) -> SlowSource:
    source = SlowSource(stage.source.listings)
    source.clock = stage.clock
    stage.source = source
    stage.lease = timedelta(hours=1)
    stage.budget = timedelta(minutes=minutes)
    return source


async def test_a_collection_longer_than_one_invocation_goes_on_in_the_next(stage: Stage) -> None:
    slow(stage, minutes=2)
    with pytest.raises(BudgetSpent) as raised:
        await stage.produce(request())

    assert raised.value.retry_after == 0
    assert await names(stage) == ALL
    assert read(stage) == PAGES


async def test_when_the_budget_is_spent_nothing_more_is_being_read(stage: Stage) -> None:
    source = slow(stage, minutes=0)

    with pytest.raises(BudgetSpent):
        await stage.produce(request())

    assert source.reading == 0


async def test_each_invocation_gets_further_however_slow_it_is(stage: Stage) -> None:
    slow(stage, minutes=0)

    for _ in range(3):
        with pytest.raises(BudgetSpent):
            await stage.produce(request())

    assert await names(stage) == ALL
    assert read(stage) == PAGES


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Throttled("429", retry_after=120), Reason.THROTTLED),
        (UpstreamDown("503"), Reason.UNREACHABLE),
    ],
)
async def test_given_up_what_microsoft_does_not_answer_is_a_gap(
    stage: Stage, error: UpstreamError, reason: Reason
) -> None:
    stage.source.fail("badges", error, before_page=1)

    run = await stage.produce(request(), gives_up=always)

    assert run
    assert [(g.dataset, g.reason) for g in run.gaps] == [("badges", reason)]
    assert await stage.measured("badges") is None


async def test_only_what_is_given_up_becomes_a_gap(stage: Stage) -> None:
    stage.source.fail("badges", Throttled("429", retry_after=120), before_page=1)

    with pytest.raises(Throttled):
        await stage.produce(request(), gives_up=lambda error: isinstance(error, UpstreamDown))


async def test_given_up_an_unanswered_main_dataset_fails_the_run(stage: Stage) -> None:
    stage.source.fail("people", UpstreamDown("503"), before_page=1)

    run = await stage.produce(request(), gives_up=always)

    assert run
    assert run.state is RunState.FAILED
    assert all(run.headline[language] for language in ("de", "en"))


async def test_an_empty_listing_is_a_list_and_no_gap(stage: Stage) -> None:
    stage.source.listings["badges"] = []

    run = await stage.produce(request())

    assert run
    assert run.gaps == ()
    assert await stage.measured("badges") == 0


async def test_a_tenant_error_in_the_middle_leaves_nothing_saved(stage: Stage) -> None:
    stage.source.fail("people", Throttled("429", retry_after=120), before_page=1)
    with pytest.raises(Throttled):
        await stage.produce(request())
    stage.source.fail("people", PermissionMissing("people", "User.Read.All"), before_page=1)

    run = await stage.produce(request())

    assert run
    assert run.state is RunState.BLOCKED
    assert isinstance(stage.folder, FakeSpoolFolder)
    assert stage.folder.saved == {}


class Wearer(Child, frozen=True, kw_only=True):
    pass


def _ids(rows: Iterable[Row]) -> Iterable[str]:
    return (row.id for row in rows)


WEARERS = Dataset(
    name="wearers",
    title=Text(de="Träger", en="Wearers"),
    path="/badges/{parent}/wearers",
    row=Wearer,
    permissions=("User.Read.All",),
    workload=Workload(name="directory"),
    parents=Parents(dataset=BADGES, keys=_ids),
)


def wearers(*ids: str) -> list[Wearer]:
    return [Wearer(id=each) for each in ids]


@pytest.fixture
def family(stage: Stage) -> Stage:
    """Three badges: two wearers on two pages, none, one."""
    listings = stage.source.listings
    listings["badges"] = [[Badge(id="c"), Badge(id="a")], [Badge(id="b"), Badge(id="a")]]
    listings |= {"wearers/a": [wearers("1"), wearers("2")], "wearers/c": [wearers("1")]}
    listings["wearers/b"] = []
    stage.report = replace(TINY, needs=(*TINY.needs, WEARERS))
    return stage


CHILDREN = [("wearers/a", 0), ("wearers/a", 1), ("wearers/b", 0), ("wearers/c", 0)]


def children(stage: Stage) -> list[tuple[str, int]]:
    return [each for each in read(stage) if each[0].startswith("wearers")]


async def test_children_are_read_of_each_parent_once_in_order(family: Stage) -> None:
    run = await family.produce(request())

    assert run
    assert run.gaps == ()
    assert children(family) == CHILDREN


@pytest.mark.parametrize(("name", "page"), [("a", 0), ("a", 1), ("b", 0), ("c", 0)])
async def test_children_go_on_at_the_parent_and_page_where_they_stopped(
    family: Stage, name: str, page: int
) -> None:
    family.source.fail(f"wearers/{name}", Throttled("429", retry_after=120), before_page=page)
    with pytest.raises(Throttled):
        await family.produce(request())

    await family.produce(request())

    assert children(family) == CHILDREN


async def test_children_fit_into_invocations_however_slow_they_are(family: Stage) -> None:
    slow(family, minutes=0)
    for _ in range(8):
        with suppress(BudgetSpent):
            await family.produce(request())

    kept = await family.kept(request())
    assert kept
    assert kept.state is RunState.DELIVERED
    assert children(family) == CHILDREN


async def test_a_dead_page_token_of_one_parent_starts_all_over_and_doubles_nothing(
    family: Stage,
) -> None:
    family.source.fail("wearers/a", PageTokenExpired("gone"), before_page=1)

    rows = await collected(family)

    assert rows == [("a", "1"), ("a", "2"), ("c", "1")]


async def collected(stage: Stage) -> list[tuple[str, str]]:
    """Parent and id of what a collection of its own reads."""
    collector = Collector(FamilySource(stage.source), stage.folder, stage.clock, stage.budget)
    with stage.folder.open() as spool:
        missing = await collector.collect(request(), stage.report.needs, spool, gives_up=always)
        return [(row.parent, row.id) for row in spool.snapshot(missing).rows(WEARERS)]


async def test_children_know_their_parents(family: Stage) -> None:
    assert await collected(family) == [("a", "1"), ("a", "2"), ("c", "1")]


async def test_without_their_parents_children_are_missing_for_the_same_reason(
    family: Stage,
) -> None:
    family.source.fail("badges", PermissionMissing("badges", "AuditLog.Read.All"))

    run = await family.produce(request())

    assert run
    assert [(g.dataset, g.reason, g.detail) for g in run.gaps] == [
        ("badges", Reason.PERMISSION, "AuditLog.Read.All"),
        ("wearers", Reason.PERMISSION, "AuditLog.Read.All"),
    ]
    assert children(family) == []


async def test_parents_that_there_are_none_of_have_no_children(family: Stage) -> None:
    family.source.listings["badges"] = []

    run = await family.produce(request())

    assert run
    assert run.gaps == ()
    assert children(family) == []


@pytest.mark.parametrize("hostile", ["../users", "a/b", "a?b", "", "a b", "ä", "a\n", "{parent}"])
async def test_a_parent_whose_id_would_be_another_address_is_not_asked_for(
    family: Stage, hostile: str
) -> None:
    family.source.listings["badges"] = [[Badge(id="a"), Badge(id=hostile)]]

    run = await family.produce(request())

    assert run
    assert [(g.dataset, g.reason) for g in run.gaps] == [("wearers", Reason.CONTRACT)]
    assert children(family) == []


async def test_a_file_that_broke_off_is_read_from_its_start_again(stage: Stage) -> None:
    """Its pages carry no cursor: what was read of it must not stand there twice."""
    source = BreakingFile(stage.source.listings)
    stage.source = source
    with pytest.raises(UpstreamDown):
        await stage.produce(request())

    assert await names(stage) == ALL
    assert await stage.measured("people") == 5


class BreakingFile(FakeSource):
    """People come as a file, which breaks off the first time."""

    is_whole = False

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        async for page in super().pages(tenant_id, dataset, cursor, parent=parent):
            if dataset.name == "badges":
                yield page
                continue
            assert cursor is None
            yield Page(page.rows, None)
            if not self.is_whole:
                self.is_whole = True
                raise UpstreamDown("broke off")


@dataclass
class FamilySource:
    """Gives children their parents, as a source has to."""

    source: FakeSource

    async def pages[R: Row](
        self,
        tenant_id: TenantId,
        dataset: Dataset[R],
        cursor: str | None = None,
        *,
        parent: str | None = None,
    ) -> AsyncGenerator[Page[R]]:
        async for page in self.source.pages(tenant_id, dataset, cursor, parent=parent):
            belonging = [
                structs.replace(row, parent=parent) if parent else row for row in page.rows
            ]
            yield Page(belonging, page.cursor)


class Known(Row, frozen=True, kw_only=True):
    """A person, and whom a later release wants to know them as."""

    display_name: Name | None = None


class Renamed(Known, frozen=True, kw_only=True):
    nickname: Name | None = None


KNOWN: Dataset[Known] = replace(PEOPLE, row=Known)
RENAMED: Dataset[Known] = replace(PEOPLE, row=Renamed)


def serve_as(stage: Stage, dataset: Dataset[Known]) -> None:
    stage.report = replace(TINY, needs=(dataset, BADGES))
    stage.source.listings["people"] = paged(dataset.row(id=n, display_name=n) for n in ALL)


async def test_what_another_release_collected_is_read_anew_where_it_looks_otherwise(
    stage: Stage,
) -> None:
    """Its rows would lack a field, which reads as a fact: never signed in, for one."""
    serve_as(stage, KNOWN)
    stage.source.fail("badges", Throttled("429", retry_after=120), before_page=1)
    with pytest.raises(Throttled):
        await stage.produce(request())
    serve_as(stage, RENAMED)

    assert await names(stage) == ALL

    assert read(stage) == [*PAGES[:4], *PAGES[:3], PAGES[4]]
    assert await stage.measured("people") == 5


async def test_names_that_were_collected_before_they_had_to_be_hidden_are_in_no_report(
    stage: Stage,
) -> None:
    serve_as(stage, KNOWN)
    stage.report = replace(TINY, needs=(BADGES, KNOWN))
    stage.source.fail("people", Throttled("429", retry_after=120), before_page=2)
    with pytest.raises(Throttled):
        await stage.produce(request())
    hidden = PrivacyChoice(mode=Privacy.PSEUDONYMOUS)
    await stage.tenants.save(structs.replace(tenant(), privacy={TINY.name: hidden}))
    stage.source.fail("badges", Throttled("429", retry_after=120))
    with pytest.raises(Throttled):
        await stage.produce(request())
    assert isinstance(stage.folder, FakeSpoolFolder)
    files, _ = stage.folder.saved[request().run_id]
    assert b"Ada" not in b"".join(files.values())

    shown = await names(stage)

    assert len(shown) == len(ALL)
    assert not set(shown) & set(ALL)


async def test_a_saved_spool_belongs_to_its_own_run(stage: Stage) -> None:
    stage.source.fail("people", Throttled("429", retry_after=120), before_page=2)
    with pytest.raises(Throttled):
        await stage.produce(request())
    stage.serve("Zoe")

    run = await stage.produce(request(weeks=1))

    assert run
    assert (await stage.shown(run))["names"] == ["Zoe"]
