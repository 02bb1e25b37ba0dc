"""Probes find out what reports lack before a run does: every cause, since when, and that it passed."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec
import pytest

from shared_code.core.audit import Act
from shared_code.core.dataset import Dataset, Limit, Origin, Parents, Row, Workload
from shared_code.core.errors import (
    AccessBlocked,
    ApplicationDisabled,
    ConfigurationError,
    ConsentMissing,
    ContractBroken,
    DatasetError,
    FeatureOff,
    LicenceMissing,
    MessageMalformed,
    PermissionMissing,
    Reason,
    TenantError,
    TenantGone,
    Throttled,
    UpstreamDown,
)
from shared_code.core.ports import Enterprise
from shared_code.core.queue_message import encode_message
from shared_code.core.readiness import (
    Actor,
    Cause,
    Lack,
    ProbeRequest,
    Problem,
    Readiness,
    decode_probe,
)
from shared_code.core.report import Extra, ReportType
from shared_code.core.tenant import TenantId, TenantState
from shared_code.service.plan_probes import ProbePlanner
from shared_code.service.readiness import Prober
from tests.fakes import (
    FakeAudit,
    FakeClock,
    FakeDirectory,
    FakeLicensing,
    FakeProbes,
    FakeReadinesses,
    FakeSource,
    FakeTenants,
)
from tests.service.stage import BADGES, CONTOSO, FABRIKAM, MONDAY, PEOPLE, TINY, tenant

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
P1 = "Microsoft Entra ID P1"
ALL = frozenset({"User.Read.All", "AuditLog.Read.All", "Reports.Read.All", "Directory.Read.All"})


def _apart(name: str, **changes: object) -> Dataset[Row]:
    return replace(PEOPLE, name=name, licence=None, **changes)


SIGN_INS = _apart(
    "sign-ins",
    permissions=("AuditLog.Read.All", "Directory.Read.All"),
    workload=Workload(
        name="sign-ins", limits=(Limit(requests=10, seconds=60, over_all_tenants=True),)
    ),
)
USAGE = _apart("usage", permissions=("Reports.Read.All",), key="User Principal Name")
MEMBERS = _apart("group-members", parents=Parents(dataset=PEOPLE, keys=lambda _: ()))
WIDE = replace(TINY, needs=(PEOPLE, BADGES, SIGN_INS, USAGE, MEMBERS))


def enterprise(tenant_id: TenantId = CONTOSO, *, granted: frozenset[str] = ALL) -> Enterprise:
    return Enterprise(
        tenant_id=tenant_id, name="Contoso GmbH", domain="contoso.com", permissions=granted
    )


@dataclass
class Bench:
    report: ReportType = WIDE
    clock: FakeClock = field(default_factory=lambda: FakeClock(MONDAY))
    tenants: FakeTenants = field(default_factory=lambda: FakeTenants.of(tenant()))
    directory: FakeDirectory = field(default_factory=lambda: FakeDirectory({CONTOSO: enterprise()}))
    licensing: FakeLicensing = field(default_factory=lambda: FakeLicensing(frozenset({P1})))
    readinesses: FakeReadinesses = field(default_factory=FakeReadinesses)
    audit: FakeAudit = field(default_factory=FakeAudit)
    source: FakeSource = field(default_factory=lambda: FakeSource({"people": [[]], "badges": [[]]}))

    def prober(self) -> Prober:
        return Prober(
            directory=self.directory,
            licensing=self.licensing,
            source=self.source,
            tenants=self.tenants,
            readinesses=self.readinesses,
            audit=self.audit,
            clock=self.clock,
            reports={TINY.name: self.report},
        )

    async def probe(self, *, after: timedelta = timedelta()) -> Readiness:
        self.clock.advance(after)
        found = await self.prober().probe(CONTOSO)
        assert found
        return found

    async def lacks(self, *, after: timedelta = timedelta()) -> list[tuple[str, str, str]]:
        found = await self.probe(after=after)
        return [(p.dataset, p.cause.value, p.detail) for p in found.problems_of(self.report)]

    def grant(self, *permissions: str) -> None:
        self.directory.enterprises[CONTOSO] = enterprise(granted=frozenset(permissions))

    def refuse(self, error: Exception | None) -> None:
        self.directory.failures = {CONTOSO: error} if error else {}

    @property
    def changes(self) -> list[tuple[str, str]]:
        assert all(e.actor == "service" for e in self.audit.kept)
        told = [e for e in self.audit.kept if e.act is Act.READINESS_CHANGED]
        return [(entry.subject, entry.detail) for entry in told]

    @property
    def state(self) -> TenantState:
        return self.tenants.kept[CONTOSO].state


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_tenant_that_lacks_nothing_is_ready_and_no_news(bench: Bench) -> None:
    found = await bench.probe()
    assert (found.problems, found.unreachable, found.is_ready(WIDE)) == ((), None, True)
    assert (found.checked, found.due) == (MONDAY, MONDAY + DAY)
    assert await bench.prober().of(CONTOSO) == found
    assert bench.changes == []


async def test_what_is_granted_but_in_no_token_yet_stays_as_it_was_and_is_asked_again_soon(
    bench: Bench,
) -> None:
    late = "AuditLog.Read.All"
    bench.grant(*(ALL - {late}))
    before = await bench.lacks()
    assert ("sign-ins", "permission", late) in before

    bench.directory.enterprises[CONTOSO] = replace(enterprise(), pending=frozenset({late}))
    found = await bench.probe(after=DAY)
    assert await bench.lacks() == before
    assert (found.due, len(bench.changes)) == (bench.clock() + HOUR, 1)

    bench.directory.enterprises[CONTOSO] = enterprise()
    assert await bench.lacks(after=HOUR) == []


async def test_what_the_partner_keeps_itself_is_not_probed_and_lacks_nothing(bench: Bench) -> None:
    own = replace(PEOPLE, name="assessments", origin=Origin.PARTNER)
    bench.report = replace(WIDE, needs=(PEOPLE, own))

    found = await bench.probe()

    assert found.is_ready(bench.report)
    assert not found.is_due(MONDAY, [bench.report])
    assert [name for _, name, _ in bench.source.served] == ["people"]


async def test_what_others_need_more_is_not_asked_for(bench: Bench) -> None:
    await bench.probe()
    assert [name for _, name, _ in bench.source.served] == ["people", "badges"]


@pytest.mark.parametrize(
    "limit",
    [
        Limit(requests=10, seconds=60),
        Limit(requests=600, seconds=60, over_all_tenants=True),
    ],
)
async def test_limits_that_leave_enough_keep_nobody_from_being_probed(
    bench: Bench, limit: Limit
) -> None:
    slow = replace(PEOPLE, name="slow", workload=Workload(name="slow", limits=(limit,)))
    bench.report = replace(WIDE, needs=(slow,))
    bench.source = FakeSource({"slow": [[]]})

    await bench.probe()

    assert [name for _, name, _ in bench.source.served] == ["slow"]


async def test_a_missing_permission_is_named_for_each_dataset(bench: Bench) -> None:
    bench.grant("User.Read.All", "Directory.Read.All")
    assert await bench.lacks() == [
        ("sign-ins", "permission", "AuditLog.Read.All"),
        ("usage", "permission", "Reports.Read.All"),
    ]
    assert bench.changes == [
        (TINY.name, "permission (AuditLog.Read.All); permission (Reports.Read.All)")
    ]


async def test_what_is_not_granted_is_not_asked_for(bench: Bench) -> None:
    bench.grant("Directory.Read.All")
    assert ("people", "permission", "User.Read.All") in await bench.lacks()
    assert bench.source.served == []


async def test_a_missing_licence_is_named_also_where_nothing_is_probed(bench: Bench) -> None:
    bench.report = replace(TINY, needs=(PEOPLE, replace(USAGE, licence="Microsoft Entra ID P2")))
    assert await bench.lacks() == [("usage", "licence", "Microsoft Entra ID P2")]


async def test_a_report_is_ready_without_a_licence_it_can_do_without(bench: Bench) -> None:
    usage = replace(USAGE, licence="Microsoft Entra ID P2")
    extra = Extra(datasets=(usage,), without=TINY.title)
    bench.report = replace(TINY, needs=(PEOPLE, usage), extras=(extra,))
    assert await bench.lacks() == []
    assert (await bench.probe()).is_ready(bench.report)
    bench.grant("User.Read.All", "AuditLog.Read.All")
    assert await bench.lacks() == [("usage", "permission", "Reports.Read.All")]


@pytest.mark.parametrize(
    ("error", "lack"),
    [
        (PermissionMissing("people", "User.Read.All"), ("permission", "User.Read.All")),
        (LicenceMissing("people", P1), ("licence", P1)),
        (FeatureOff("people"), ("feature", "")),
        (DatasetError("people", Reason.ACCESS, "AccessDenied"), ("access", "AccessDenied")),
        (ContractBroken("people", "$ lacks id"), ("contract", "")),
    ],
)
async def test_what_the_probe_meets_counts_whatever_was_granted(
    bench: Bench, error: Exception, lack: tuple[str, str]
) -> None:
    bench.source.fail("people", error)
    assert await bench.lacks() == [("people", *lack)]


@pytest.mark.parametrize(
    ("error", "cause", "state"),
    [
        (ConsentMissing("x"), Cause.CONSENT, TenantState.CONSENT_WITHDRAWN),
        (ApplicationDisabled("x"), Cause.DISABLED, TenantState.CONSENT_WITHDRAWN),
        (AccessBlocked("x"), Cause.BLOCKED, TenantState.ACTIVE),
        (TenantGone("x"), Cause.GONE, TenantState.ACTIVE),
        (UpstreamDown("x"), Cause.SILENT, TenantState.ACTIVE),
    ],
)
async def test_an_unreachable_tenant_says_why_and_comes_back_by_itself(
    bench: Bench, error: Exception, cause: Cause, state: TenantState
) -> None:
    await bench.probe()
    bench.refuse(error)
    found = await bench.probe(after=DAY)
    assert found.unreachable == Problem(cause=cause, since=MONDAY + DAY)
    assert found.is_ready(WIDE) is False
    assert (bench.state, bench.changes) == (state, [("", cause)])

    bench.refuse(None)
    found = await bench.probe(after=HOUR)
    assert (found.unreachable, found.is_ready(WIDE), bench.state) == (
        None,
        True,
        TenantState.ACTIVE,
    )
    assert bench.changes == [("", cause), ("", "reachable")]


async def test_consent_that_ends_between_two_questions_makes_the_tenant_unreachable(
    bench: Bench,
) -> None:
    bench.source.fail("badges", ConsentMissing("x"))
    found = await bench.probe()
    assert found.unreachable
    assert (found.unreachable.cause, bench.state) == (Cause.CONSENT, TenantState.CONSENT_WITHDRAWN)


async def test_an_unreachable_tenant_is_probed_less_and_less_often_up_to_daily(
    bench: Bench,
) -> None:
    bench.refuse(ConsentMissing("x"))
    waits: list[timedelta] = []
    for _ in range(8):
        found = await bench.probe()
        waits.append(found.due - bench.clock())
        bench.clock.now = found.due
    assert waits == [n * HOUR for n in (1, 2, 4, 8, 16, 24, 24, 24)]
    assert len(bench.changes) == 1

    bench.refuse(None)
    assert (await bench.probe()).due == bench.clock() + DAY
    bench.refuse(ConsentMissing("x"))
    assert (await bench.probe()).due == bench.clock() + HOUR


async def test_since_survives_probes_that_find_the_same(bench: Bench) -> None:
    bench.grant("User.Read.All", "Directory.Read.All", "Reports.Read.All")
    await bench.probe()
    found = await bench.probe(after=DAY)
    assert [(p.dataset, p.since) for p in found.problems] == [("sign-ins", MONDAY)]
    bench.grant("User.Read.All")
    found = await bench.probe(after=DAY)
    assert {p.dataset: (p.since, p.detail) for p in found.problems} == {
        "sign-ins": (MONDAY, "AuditLog.Read.All, Directory.Read.All"),
        "usage": (MONDAY + 2 * DAY, "Reports.Read.All"),
    }
    assert len(bench.changes) == 2


async def test_since_survives_an_outage_of_the_whole_tenant(bench: Bench) -> None:
    bench.grant("User.Read.All", "Directory.Read.All", "Reports.Read.All")
    await bench.probe()
    bench.refuse(ConsentMissing("x"))
    await bench.probe(after=DAY)
    bench.refuse(None)
    found = await bench.probe(after=DAY)
    assert [(p.dataset, p.since) for p in found.problems] == [("sign-ins", MONDAY)]
    assert bench.changes[1:] == [("", Cause.CONSENT), ("", "reachable")]


async def test_since_begins_anew_once_it_was_mended(bench: Bench) -> None:
    for granted in ("", "Reports.Read.All", ""):
        bench.grant("User.Read.All", "Directory.Read.All", "AuditLog.Read.All", granted)
        found = await bench.probe(after=DAY)
    assert [p.since for p in found.problems] == [MONDAY + 3 * DAY]
    assert [now for _, now in bench.changes] == [
        "permission (Reports.Read.All)",
        "ready",
        "permission (Reports.Read.All)",
    ]


async def test_silence_of_microsoft_takes_nothing_back_that_was_proven(bench: Bench) -> None:
    bench.refuse(ConsentMissing("x"))
    await bench.probe()
    bench.refuse(UpstreamDown("x"))
    found = await bench.probe(after=HOUR)
    assert found.unreachable == Problem(cause=Cause.CONSENT, since=MONDAY)


@pytest.mark.parametrize("error", [Throttled("x"), UpstreamDown("x")])
async def test_a_dataset_that_says_nothing_stays_as_it_was_and_is_asked_again_soon(
    bench: Bench, error: Exception
) -> None:
    bench.source.fail("people", error)
    found = await bench.probe()
    assert (found.is_ready(WIDE), found.problems) == (None, ())
    assert found.due == MONDAY + HOUR

    bench.source.fail("people", FeatureOff("people"))
    await bench.probe(after=HOUR)
    bench.source.fail("people", error)
    found = await bench.probe(after=HOUR)
    assert [(p.cause, p.since) for p in found.problems] == [(Cause.FEATURE, MONDAY + HOUR)]
    assert bench.changes == [(TINY.name, "feature")]


async def test_a_throttled_tenant_is_not_unreachable(bench: Bench) -> None:
    before = await bench.probe()
    bench.refuse(Throttled("x"))
    found = await bench.probe(after=DAY)
    assert msgspec.structs.replace(found, due=before.due, unsettled=0) == before
    assert (found.due, bench.changes) == (MONDAY + DAY + HOUR, [])


async def test_without_the_right_to_read_grants_what_was_denied_is_named(bench: Bench) -> None:
    bench.refuse(PermissionMissing("organization", "Directory.Read.All"))
    found = await bench.probe()
    assert [(p.dataset, p.detail) for p in found.problems] == [("sign-ins", "Directory.Read.All")]
    assert "usage" not in found.known
    assert found.due == MONDAY + HOUR


async def test_licences_that_cannot_be_read_are_not_missing(bench: Bench) -> None:
    bench.licensing.owned = None
    bench.report = replace(TINY, needs=(PEOPLE, replace(USAGE, licence=P1)))
    found = await bench.probe()
    assert (found.problems, found.is_ready(bench.report)) == ((), None)


async def test_an_answer_of_another_shape_says_nothing_of_grants(bench: Bench) -> None:
    bench.refuse(ContractBroken("organization", "another tenant answered"))
    found = await bench.probe()
    assert (found.unreachable, found.is_ready(WIDE)) == (None, None)


async def test_our_own_fault_is_nobodys_readiness(bench: Bench) -> None:
    bench.refuse(ConfigurationError("the certificate expired"))
    with pytest.raises(ConfigurationError):
        await bench.probe()
    assert (bench.readinesses.kept, bench.changes) == ({}, [])


async def test_only_a_served_tenant_loses_its_state_with_its_consent(bench: Bench) -> None:
    for state in (TenantState.INVITED, TenantState.SUSPENDED):
        bench.tenants = FakeTenants.of(tenant(state=state))
        bench.refuse(ConsentMissing("x"))
        await bench.probe()
        assert bench.state is state


async def test_an_invited_tenant_is_not_active_before_what_was_agreed_is_in_place(
    bench: Bench,
) -> None:
    bench.tenants = FakeTenants.of(tenant(state=TenantState.INVITED))
    assert (await bench.probe()).is_ready(WIDE)
    assert bench.state is TenantState.INVITED


@pytest.mark.parametrize("state", [TenantState.OFFBOARDING, TenantState.OFFBOARDED])
async def test_of_a_tenant_that_is_being_deleted_nothing_is_written(
    bench: Bench, state: TenantState
) -> None:
    bench.tenants = FakeTenants.of(tenant(state=state))
    assert await bench.prober().probe(CONTOSO) is None
    assert (bench.state, bench.readinesses.kept) == (state, {})


async def test_who_is_offboarded_while_probed_leaves_nothing_behind(bench: Bench) -> None:
    class Leaving(FakeLicensing):
        async def lacking(
            self, tenant_id: TenantId, licences: Collection[str]
        ) -> frozenset[str] | None:
            await bench.tenants.set_state(tenant_id, TenantState.OFFBOARDING)
            return await super().lacking(tenant_id, licences)

    bench.licensing = Leaving()

    assert await bench.prober().probe(CONTOSO) is None

    assert (bench.readinesses.kept, bench.audit.kept) == ({}, [])


async def test_what_was_ready_stays_so_while_microsoft_says_nothing_of_it(bench: Bench) -> None:
    assert (await bench.probe()).is_ready(WIDE)
    bench.source.fail("people", UpstreamDown("x"))

    found = await bench.probe(after=DAY)

    assert found.is_ready(WIDE)
    assert found.unsettled == 1


async def test_a_report_that_is_no_longer_ordered_lacks_nothing(bench: Bench) -> None:
    bench.grant()
    assert await bench.lacks()
    bench.tenants = FakeTenants.of(msgspec.structs.replace(tenant(), subscriptions={}))
    assert await bench.lacks(after=DAY) == []
    assert len(bench.changes) == 1


async def test_a_change_is_a_warning_without_names(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.refuse(AccessBlocked("sign-in"))
    await bench.probe()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == f"readiness changed tenant={CONTOSO} report=all now=blocked"


async def test_an_unknown_tenant_has_no_readiness(bench: Bench) -> None:
    assert await bench.prober().probe(FABRIKAM) is None
    assert bench.readinesses.kept == {}


async def test_a_message_that_comes_twice_probes_once(bench: Bench) -> None:
    order = ProbeRequest(tenant_id=CONTOSO)
    assert await bench.prober().probe_due(order)
    assert await bench.prober().probe_due(order) is None
    bench.clock.advance(DAY)
    assert await bench.prober().probe_due(order)


def _planner(
    tenants: FakeTenants, known: FakeReadinesses, now: datetime
) -> tuple[ProbePlanner, FakeProbes]:
    queue = FakeProbes()
    planner = ProbePlanner(
        tenants=tenants,
        readinesses=known,
        queue=queue,
        clock=FakeClock(now),
        reports={TINY.name: TINY},
    )
    return planner, queue


async def test_probes_are_planned_when_due_and_spread_over_the_hour() -> None:
    ids = [TenantId(f"{n:08d}-0000-4000-8000-000000000000") for n in range(200)]
    tenants = FakeTenants.of(*(tenant(each) for each in ids))
    probed = Readiness(tenant_id=ids[0], due=MONDAY + HOUR, known=(PEOPLE.name, BADGES.name))
    known = FakeReadinesses({ids[0]: probed})
    planner, queue = _planner(tenants, known, MONDAY)
    assert await planner.plan() == 199
    delays = [delay for _, delay in queue.sent]
    assert max(delays) < timedelta(minutes=50)
    per_minute = [sum(n * 60 <= d.total_seconds() < n * 60 + 60 for d in delays) for n in range(50)]
    assert max(per_minute) < 20

    planner, queue = _planner(tenants, known, MONDAY + HOUR)
    assert await planner.plan() == 200


@pytest.mark.parametrize("state", TenantState)
async def test_whoever_is_served_is_probed(state: TenantState) -> None:
    planner, queue = _planner(FakeTenants.of(tenant(state=state)), FakeReadinesses(), MONDAY)
    is_probed = state in (TenantState.ACTIVE, TenantState.CONSENT_WITHDRAWN)
    assert await planner.plan() == len(queue.sent) == is_probed


async def test_what_was_ordered_since_the_last_probe_is_asked_within_the_hour() -> None:
    bench = Bench()
    bench.report = replace(WIDE, needs=(PEOPLE,))
    await bench.probe()
    planner, queue = _planner(bench.tenants, bench.readinesses, MONDAY)

    assert await planner.plan() == 1
    bench.report = WIDE
    bench.grant(*PEOPLE.permissions)
    assert await bench.prober().probe_due(ProbeRequest(tenant_id=CONTOSO))

    lacking = bench.readinesses.kept[CONTOSO].problems_of(WIDE)
    assert {problem.cause for problem in lacking} == {Cause.PERMISSION}
    assert await planner.plan() == 0
    assert len(queue.sent) == 1


async def test_what_cannot_be_found_out_is_not_asked_each_hour() -> None:
    open_since = Readiness(tenant_id=CONTOSO, due=MONDAY + DAY, unsettled=6)
    planner, _ = _planner(FakeTenants.of(tenant()), FakeReadinesses({CONTOSO: open_since}), MONDAY)

    assert await planner.plan() == 0


def test_problems_that_one_step_mends_are_one_lack() -> None:
    def problems() -> Iterator[Problem]:
        for days, name, permission in ((3, "a", "X"), (1, "b", "X"), (2, "c", "Y")):
            since = MONDAY + days * DAY
            yield Problem(cause=Cause.PERMISSION, detail=permission, dataset=name, since=since)

    first, second = Lack.of(problems())
    assert (first.datasets, first.since) == (("a", "b"), MONDAY + DAY)
    assert (second.datasets, second.detail) == (("c",), "Y")


def test_it_is_clear_who_acts() -> None:
    others = {Cause.CONTRACT: Actor.US, Cause.SILENT: Actor.MICROSOFT}
    assert {cause: cause.actor for cause in Cause} == dict.fromkeys(Cause, Actor.CUSTOMER) | others


def test_every_error_of_a_tenant_has_a_cause() -> None:
    causes = [Problem.of_tenant(kind("x"), MONDAY).cause for kind in TenantError.__subclasses__()]
    assert len(set(causes)) == len(causes) == 4


def test_a_probe_message_survives_the_queue() -> None:
    order = ProbeRequest(tenant_id=CONTOSO)
    assert decode_probe(encode_message(order)) == order
    for body in (b"\xff", "{}", "[" * 100_000):
        with pytest.raises(MessageMalformed):
            decode_probe(body)
