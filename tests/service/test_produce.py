"""Producing: what is delivered, what becomes a gap, what blocks a run, and what a run remembers."""

import hashlib
from dataclasses import dataclass

import pytest

from shared_code.core.errors import (
    AccessBlocked,
    ApplicationDisabled,
    ConsentMissing,
    ContractBroken,
    DatasetError,
    FeatureOff,
    LicenceMissing,
    PermissionMissing,
    Reason,
    TenantError,
    TenantGone,
)
from shared_code.core.run import Run, RunState
from shared_code.core.tenant import Tenant, TenantId, TenantState
from shared_code.service.files import MEMORY
from tests.fakes import FakeArchive, FakeSpoolFolder, FakeTenants
from tests.service.stage import CONTOSO, MONDAY, WEEK, Stage, request, tenant

MENDABLE_BY_CUSTOMER = [
    (PermissionMissing("", "AuditLog.Read.All"), Reason.PERMISSION, "AuditLog.Read.All"),
    (LicenceMissing("", "Microsoft Entra ID P1"), Reason.LICENCE, "Microsoft Entra ID P1"),
    (FeatureOff("", "Intune"), Reason.FEATURE, "Intune"),
    (DatasetError("", Reason.ACCESS, "AccessDenied"), Reason.ACCESS, "AccessDenied"),
]


async def delivered(stage: Stage) -> Run:
    run = await stage.produce(request())
    assert run
    assert run.state.is_delivered
    return run


async def state_of(stage: Stage) -> TenantState:
    kept = await stage.tenants.get(CONTOSO)
    assert kept
    return kept.state


async def test_a_run_is_delivered_in_both_languages_with_everything_that_was_listed(
    stage: Stage,
) -> None:
    run = await delivered(stage)

    assert (run.state, run.status, run.gaps) == (RunState.DELIVERED, "ok", ())
    assert run == await stage.kept(request())
    for language in ("de", "en"):
        shown = await stage.shown(run, language)
        assert shown["language"] == language
        assert shown["names"] == ["Ada", "Ben", "Cleo", "Dora", "Emil"]
        assert shown["brand"] == "Pro-Active Services"


async def test_the_ledger_describes_every_filed_byte(stage: Stage) -> None:
    run = await delivered(stage)

    assert [a.name for a in run.artifacts] == ["report.de.json", "report.en.json", MEMORY]
    for artifact in run.artifacts:
        body = await stage.archive.read(artifact.path)
        assert artifact.size == len(body)
        assert artifact.sha256 == hashlib.sha256(body).hexdigest()
        assert artifact.path.startswith(f"{CONTOSO}/tiny-report/{run.id}/")
    assert run.artifacts[0].media_type == "application/json"
    assert run.artifacts[0].content_policy == "default-src 'none'"


async def test_the_headline_stands_in_both_languages(stage: Stage) -> None:
    run = await delivered(stage)

    assert set(run.headline) == {"de", "en"}
    assert all(run.headline.values())


async def test_nothing_stays_in_the_spool_of_a_settled_run(stage: Stage) -> None:
    await delivered(stage)

    assert isinstance(stage.folder, FakeSpoolFolder)
    assert stage.folder.saved == {}
    assert list(stage.root.glob("*")) == []


@pytest.mark.parametrize(("error", "reason", "detail"), MENDABLE_BY_CUSTOMER)
async def test_what_cannot_be_read_becomes_a_gap_and_never_an_empty_list(
    stage: Stage, error: DatasetError, reason: Reason, detail: str
) -> None:
    stage.source.fail("badges", error)

    run = await delivered(stage)

    [gap] = run.gaps
    assert (gap.dataset, gap.reason, gap.detail) == ("badges", reason, detail)
    assert (run.state, run.status) == (RunState.DELIVERED_WITH_GAPS, "incomplete")
    assert await stage.measured("badges") is None
    assert await stage.measured("people") == 5


async def test_an_answer_without_the_promised_shape_is_a_gap_for_us(stage: Stage) -> None:
    stage.source.fail("badges", ContractBroken("badges", "id is a number"), before_page=1)

    [gap] = (await delivered(stage)).gaps

    assert gap.reason is Reason.CONTRACT
    assert not gap.reason.is_for_customer


@pytest.mark.parametrize(("error", "reason", "detail"), MENDABLE_BY_CUSTOMER)
async def test_without_its_main_dataset_a_run_is_blocked_with_a_sentence(
    stage: Stage, error: DatasetError, reason: Reason, detail: str
) -> None:
    stage.source.fail("people", error)

    run = await stage.produce(request())

    assert run
    assert run.state is RunState.BLOCKED
    assert all(run.headline[language] for language in ("de", "en"))
    assert run.artifacts == ()
    assert await stage.measured("badges") is None
    assert isinstance(stage.archive, FakeArchive)
    assert stage.archive.files == {}


async def test_a_main_dataset_without_the_promised_shape_fails_the_run(stage: Stage) -> None:
    stage.source.fail("people", ContractBroken("people", "id is a number"))

    run = await stage.produce(request())

    assert run
    assert run.state is RunState.FAILED
    assert all(run.headline[language] for language in ("de", "en"))


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ConsentMissing("no consent"), TenantState.CONSENT_WITHDRAWN),
        (ApplicationDisabled("disabled"), TenantState.CONSENT_WITHDRAWN),
        (AccessBlocked("blocked"), TenantState.ACTIVE),
        (TenantGone("gone"), TenantState.ACTIVE),
    ],
)
async def test_a_tenant_that_cannot_be_read_blocks_the_run(
    stage: Stage, error: TenantError, state: TenantState
) -> None:
    stage.source.fail("badges", error)

    run = await stage.produce(request())

    assert run
    assert (run.state, run.reason) == (RunState.BLOCKED, type(error).__name__)
    assert all(run.headline[language] for language in ("de", "en"))
    assert await state_of(stage) is state


async def test_a_tenant_whose_consent_is_back_becomes_active_by_itself(stage: Stage) -> None:
    await stage.tenants.save(tenant(state=TenantState.CONSENT_WITHDRAWN))

    await delivered(stage)

    assert await state_of(stage) is TenantState.ACTIVE


async def test_a_tenant_stays_withdrawn_while_its_consent_is_missing(stage: Stage) -> None:
    await stage.tenants.save(tenant(state=TenantState.CONSENT_WITHDRAWN))
    stage.source.fail("people", ConsentMissing("no consent"))

    await stage.produce(request())

    assert await state_of(stage) is TenantState.CONSENT_WITHDRAWN


@dataclass
class OvertakenTenants(FakeTenants):
    """An engineer changes the tenant's state right after the run began."""

    to: TenantState = TenantState.OFFBOARDED

    async def get(self, tenant_id: TenantId) -> Tenant | None:
        found = await super().get(tenant_id)
        await self.set_state(tenant_id, self.to)
        return found


@pytest.mark.parametrize("to", [TenantState.OFFBOARDED, TenantState.SUSPENDED])
@pytest.mark.parametrize("has_consent", [True, False])
async def test_an_engineer_who_ends_service_during_a_run_is_not_overruled(
    stage: Stage, to: TenantState, *, has_consent: bool
) -> None:
    before = TenantState.CONSENT_WITHDRAWN if has_consent else TenantState.ACTIVE
    tenants = OvertakenTenants({CONTOSO: tenant(state=before)}, to)
    stage.tenants = tenants
    if not has_consent:
        stage.source.fail("people", ConsentMissing("no consent"))

    await stage.produce(request())

    assert tenants.kept[CONTOSO].state is to


@pytest.mark.parametrize(
    "state", [TenantState.SUSPENDED, TenantState.OFFBOARDED, TenantState.INVITED]
)
async def test_a_tenant_that_is_not_served_is_not_read(stage: Stage, state: TenantState) -> None:
    await stage.tenants.save(tenant(state=state))

    assert await stage.produce(request()) is None

    assert stage.source.served == []


async def test_a_run_of_an_unknown_tenant_is_dropped(stage: Stage) -> None:
    stage.tenants = FakeTenants()

    assert await stage.produce(request()) is None


async def test_a_second_message_for_a_settled_run_changes_nothing(stage: Stage) -> None:
    run = await delivered(stage)
    stage.serve("Zoe")

    assert await stage.produce(request()) is None

    assert await stage.kept(request()) == run
    assert (await stage.shown(run))["names"][0] == "Ada"


async def test_each_run_leaves_points_and_shows_them_as_a_series(stage: Stage) -> None:
    await stage.delivered()
    stage.serve("Ada")
    run = await stage.delivered(weeks=1)

    shown = await stage.shown(run)

    assert shown["series"]["people"] == [5, 1]
    assert shown["previous"]["people"] == 5
    assert await stage.measured("people") == 5
    assert await stage.measured("people", weeks=1) == 1


async def test_an_unknown_figure_ends_its_series_with_what_was_known_last(stage: Stage) -> None:
    await stage.delivered()
    stage.source.fail("badges", PermissionMissing("badges", "AuditLog.Read.All"))

    shown = await stage.shown(await stage.delivered(weeks=1))

    assert shown["series"]["badges"] == [3]
    assert shown["previous"]["badges"] == 3


async def test_a_late_run_does_not_see_the_future(stage: Stage) -> None:
    await stage.delivered(weeks=1)

    shown = await stage.shown(await stage.delivered())

    assert shown["series"]["people"] == [5]
    assert shown["compared_with"] is None


async def test_changes_are_counted_against_the_last_run_by_object_id(stage: Stage) -> None:
    await stage.delivered()
    stage.serve("Ada", "Ben", "Yara", "Zoe")

    run = await stage.delivered(weeks=1)

    assert await stage.measured("new", weeks=1) == 2
    assert await stage.measured("known", weeks=1) == 5
    assert (await stage.shown(run))["compared_with"] == "2026-11-23T05:00:00Z"


async def test_a_first_run_counts_no_changes(stage: Stage) -> None:
    shown = await stage.shown(await stage.delivered())

    assert shown["compared_with"] is None
    assert await stage.measured("new") is None


async def test_runs_that_delivered_nothing_are_skipped_in_the_comparison(stage: Stage) -> None:
    await stage.delivered()
    stage.source.fail("people", PermissionMissing("people", "User.Read.All"))
    blocked = await stage.delivered(weeks=1)
    stage.serve("Ada", "Zoe")

    run = await stage.delivered(weeks=2)

    assert blocked.state is RunState.BLOCKED
    assert await stage.measured("new", weeks=2) == 1
    assert (await stage.shown(run))["compared_with"] == "2026-11-23T05:00:00Z"


async def test_a_report_covers_the_time_since_the_newest_delivered_run(stage: Stage) -> None:
    await stage.delivered()
    stage.source.fail("people", PermissionMissing("people", "User.Read.All"))
    await stage.delivered(weeks=1)

    run = await stage.delivered(weeks=2)

    shown = await stage.shown(run)
    assert shown["period"] == ["2026-11-23T05:00:00Z", "2026-12-07T05:00:00Z"]


async def test_a_comparison_whose_file_is_gone_is_none_and_no_failure(stage: Stage) -> None:
    first = await stage.delivered()
    assert isinstance(stage.archive, FakeArchive)
    del stage.archive.files[first.artifacts[-1].path]

    run = await stage.delivered(weeks=1)

    assert run.state is RunState.DELIVERED
    assert (await stage.shown(run))["compared_with"] is None


async def test_what_an_earlier_release_remembered_otherwise_is_no_comparison_and_no_failure(
    stage: Stage,
) -> None:
    first = await stage.delivered()
    assert isinstance(stage.archive, FakeArchive)
    stage.archive.files[first.artifacts[-1].path] = b"of another release"

    run = await stage.delivered(weeks=1)

    assert run.state is RunState.DELIVERED
    assert (await stage.shown(run))["compared_with"] is None
    assert await stage.measured("people", weeks=1) == 5


async def test_a_gap_says_since_when_it_is_one(stage: Stage) -> None:
    for weeks in range(3):
        stage.source.fail("badges", PermissionMissing("badges", "AuditLog.Read.All"))
        run = await stage.delivered(weeks=weeks)
        assert [gap.since for gap in run.gaps] == [MONDAY]


async def test_a_gap_for_another_reason_is_a_new_one(stage: Stage) -> None:
    stage.source.fail("badges", PermissionMissing("badges", "AuditLog.Read.All"))
    await stage.delivered()
    stage.source.fail("badges", LicenceMissing("badges", "Microsoft Entra ID P1"))

    run = await stage.delivered(weeks=1)

    assert [gap.since for gap in run.gaps] == [MONDAY + WEEK]


async def test_a_gap_that_was_closed_and_opens_again_is_a_new_one(stage: Stage) -> None:
    error = PermissionMissing("badges", "AuditLog.Read.All")
    stage.source.fail("badges", error)
    await stage.delivered()
    await stage.delivered(weeks=1)
    stage.source.fail("badges", error)

    run = await stage.delivered(weeks=2)

    assert [gap.since for gap in run.gaps] == [MONDAY + 2 * WEEK]
