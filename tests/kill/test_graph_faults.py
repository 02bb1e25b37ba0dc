"""What goes wrong at Microsoft in the middle of a run: every row is in the report or a gap says so."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from dev.sandbox import Fault, FaultKind
from functions.runs import is_given_up, postponed
from shared_code.core.errors import ConfigurationError, UpstreamError
from shared_code.core.run import Run, RunRequest, RunState
from tests.kill.ground import Ground, due, leaked
from tests.kill.test_tenant_trouble import TROUBLES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

_ROLES = "/roleManagement/directory/roleDefinitions"
# Requests to /users: guests two pages, sign-ins three, sponsors two.
_MANY, _FEW = 1100, 30
_BLOCKING = {trouble.changes.get("login_fault") for trouble in TROUBLES.values()}


class Mishap(NamedTuple):
    """`gap` is dataset and reason; without one the report is whole. `times` None: for ever."""

    kind: FaultKind
    path: str = "/users"
    times: int | None = 1
    after: int = 0
    seconds: float = 1.0
    guests: int = _FEW
    gap: tuple[str, str] | None = None
    attempt: int = 1

    @property
    def name(self) -> str:
        return "-".join(map(str, (*self[:5], *(self.gap or ()))))


MISHAPS = [
    Mishap(FaultKind.LOGIN_TRANSIENT, times=2),
    Mishap(FaultKind.SECRET_EXPIRED),
    Mishap(FaultKind.TOKEN_REFUSED, after=1),
    Mishap(FaultKind.PERMISSION_MISSING, _ROLES, None, gap=("role-definitions", "permission")),
    # Graph denies a licence that the tenant owns.
    Mishap(FaultKind.LICENCE_MISSING, after=1),
    Mishap(FaultKind.CONDITIONAL_ACCESS, after=2, gap=("guest-sponsors", "access")),
    Mishap(FaultKind.THROTTLED_SECONDS, after=1),
    Mishap(FaultKind.THROTTLED_SECONDS, after=1, seconds=3600),
    Mishap(FaultKind.THROTTLED_DATE, after=1, seconds=2),
    Mishap(FaultKind.THROTTLED_DATE, after=1, seconds=3600),
    Mishap(FaultKind.THROTTLED_SILENT, after=1, times=2),
    Mishap(FaultKind.ERROR_500, after=1),
    Mishap(FaultKind.ERROR_502, after=1),
    Mishap(FaultKind.ERROR_503, after=1),
    Mishap(FaultKind.ERROR_503, after=1, seconds=3600),
    Mishap(FaultKind.ERROR_504, after=1),
    Mishap(FaultKind.ERROR_504, _ROLES, None, gap=("role-definitions", "unreachable"), attempt=99),
    Mishap(FaultKind.PAGE_TOKEN_EXPIRED, guests=_MANY),
    Mishap(FaultKind.EMPTY_PAGE, guests=_MANY),
    Mishap(FaultKind.REPEATED_LINK, after=5, guests=_MANY, gap=("guest-sponsors", "contract")),
    Mishap(FaultKind.WRONG_TYPE, after=2, gap=("guest-sponsors", "contract")),
    Mishap(FaultKind.TRUNCATED_BODY, after=1),
    Mishap(FaultKind.HTML_BODY, after=1),
    Mishap(FaultKind.HTML_BODY, _ROLES, None, gap=("role-definitions", "contract")),
    Mishap(FaultKind.CONNECTION_DROPPED, after=1, times=2),
    Mishap(
        FaultKind.CONNECTION_DROPPED,
        _ROLES,
        None,
        gap=("role-definitions", "unreachable"),
        attempt=99,
    ),
    Mishap(FaultKind.LATENCY, times=None, seconds=0.2),
]


async def _through(ground: Ground, request: RunRequest) -> Run:
    """As the queue has it, but for the waiting."""
    for _ in range(20):
        try:
            run = await ground.services.produce(request, gives_up=partial(is_given_up, request))
        except UpstreamError as error:
            request, delay = postponed(request, error, now=datetime.now(UTC))
            assert delay
        except ConfigurationError:
            continue
        else:
            assert run
            return run
    pytest.fail("never settled")


async def _suffered(ground: Ground, mishap: Mishap) -> Run:
    order = due(await ground.settle_in(ground.customer(mishap.name, guests=mishap.guests)))
    ground.sandbox.faults.add(
        Fault(
            kind=mishap.kind,
            tenant=order.tenant_id,
            path=mishap.path,
            times=mishap.times,
            after=mishap.after,
            seconds=mishap.seconds,
        )
    )
    await _through(ground, replace(order, attempt=mishap.attempt))
    state = RunState.DELIVERED_WITH_GAPS if mishap.gap else RunState.DELIVERED
    run = await ground.settled(order, state)
    assert await ground.tidied(order) == []
    return run


async def test_whatever_happens_every_row_is_in_the_report_or_a_gap_says_so(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    calm = {
        guests: await _through(
            ground, due(await ground.settle_in(ground.customer(f"calm {guests}", guests=guests)))
        )
        for guests in (_FEW, _MANY)
    }
    whole = {guests: await ground.content(run) for guests, run in calm.items()}

    async with asyncio.TaskGroup() as group:
        runs = [group.create_task(_suffered(ground, mishap)) for mishap in MISHAPS]

    for mishap, run in zip(MISHAPS, [task.result() for task in runs], strict=True):
        content = await ground.content(run)
        assert [(g.dataset, g.reason.value) for g in run.gaps] == (
            [mishap.gap] if mishap.gap else []
        ), mishap
        assert content["total"] == whole[mishap.guests]["total"], mishap
        if mishap.gap:
            [gap] = content["gaps"]
            assert gap["sentence"]["de"], mishap
            assert gap["sentence"]["en"], mishap
            assert leaked(ground, str(content["gaps"])) == []
        else:
            assert content == whole[mishap.guests], mishap
    assert leaked(ground, caplog.text) == []


def test_no_fault_of_the_sandbox_is_left_out() -> None:
    assert {mishap.kind for mishap in MISHAPS} | _BLOCKING >= set(FaultKind)


async def test_an_answer_of_the_wrong_type_names_dataset_and_field_and_nobody(
    ground: Ground,
) -> None:
    mishap = Mishap(FaultKind.WRONG_TYPE, after=2, gap=("guest-sponsors", "contract"))

    run = await _suffered(ground, mishap)

    [gap] = run.gaps
    assert gap.dataset == "guest-sponsors"
    assert "id" in gap.detail
    assert leaked(ground, gap.detail) == []
