"""Whatever goes wrong, no log, no span and no answer to the host holds a name, a token or a link."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import count

import pytest
import pytest_asyncio

from dev.host.worker import Outcome
from dev.sandbox import Fault, FaultKind
from shared_code import wiring
from shared_code.core.dataset import Snapshot
from shared_code.core.period import Period
from shared_code.core.queue_message import encode_message
from shared_code.core.readiness import ProbeRequest
from shared_code.core.report import Content, History, ReportType
from shared_code.core.run import RunState
from shared_code.rendering.json import JSON
from shared_code.reports import registry
from shared_code.reports.guest_users import REPORT as GUEST_USERS
from tests.functions.house import CONTOSO, House
from tests.telemetry.ground import due, opened_anew, run
from tests.telemetry.overhearing import Overhearing
from tests.telemetry.receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")

weeks = count(1)
LOGGERS = ("azure", "msal", "aiohttp", "httpx", "httpcore", "urllib3", "asyncio", "opentelemetry")


def everything_loud(caplog: pytest.LogCaptureFixture) -> None:
    """Until the test is over."""
    known = [n for n, x in logging.root.manager.loggerDict.items() if isinstance(x, logging.Logger)]
    for name in (*LOGGERS, *known):
        caplog.set_level(logging.DEBUG, logger=name)


def everything_said(records: list[logging.LogRecord]) -> str:
    """Each line once: as it is written, and what it was made of."""
    said: dict[str, None] = {}
    for record in records:
        text = f"{logging.Formatter().format(record)}\n{record.msg}\n{record.args}"
        said |= dict.fromkeys(text.splitlines())
    return "\n".join(said)


@dataclass
class Watch:
    house: House
    receiver: Receiver
    caplog: pytest.LogCaptureFixture
    capfd: pytest.CaptureFixture[str]

    async def said(self, *outcomes: Outcome) -> str:
        """By anybody, to anybody: spans are sent first."""
        await opened_anew()
        spans = [body.decode() for _, body in self.receiver.bodies]
        answers = [f"{outcome.error}{outcome.trace}" for outcome in outcomes]
        return "\n".join(
            [everything_said(self.caplog.records), *self.capfd.readouterr(), *spans, *answers]
        )

    async def assert_silent(self, *outcomes: Outcome) -> None:
        sandbox = self.house.sandbox
        assert isinstance(sandbox, Overhearing)
        said = await self.said(*outcomes)
        assert said
        secrets = sandbox.secrets() | {*self.house.settings["LINK_KEYS"].split(":")[1:]}
        assert len(secrets) > 100
        leaked = {secret for secret in secrets if secret in said}
        assert not {(secret, _around(said, secret)) for secret in leaked}
        for sign in ("Bearer ", "/r/v1.", "skiptoken", "$select=", "AccountKey="):
            assert sign not in said, _around(said, sign)


def _around(said: str, secret: str) -> str:
    at = said.index(secret)
    return said[max(at - 200, 0) : at + 200]


@pytest_asyncio.fixture(loop_scope="session")
async def watch(
    house: House,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> AsyncIterator[Watch]:
    await opened_anew()
    caplog.set_level(logging.DEBUG)
    everything_loud(caplog)
    yield Watch(house, receiver, caplog, capfd)
    house.sandbox.faults.clear()


def only_json() -> None:
    services = wiring.services()
    producer = replace(services.producer, renderings=(JSON,))
    wiring._current[:] = [replace(services, producer=producer)]


def with_report(report: ReportType) -> None:
    services = wiring.services()
    wiring._current[:] = [replace(services, reports={**services.reports, report.name: report})]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("report", list(registry()))
async def test_no_report_of_a_hostile_tenant_is_told(watch: Watch, report: str) -> None:
    first, _ = await run(watch.house, due(report, week=next(weeks)))
    second, kept = await run(watch.house, due(report, week=next(weeks)))

    assert kept
    assert kept.state.is_delivered, kept
    await watch.assert_silent(first, second)


FAULTS = [
    Fault(kind=FaultKind.THROTTLED_SECONDS, seconds=300),
    Fault(kind=FaultKind.THROTTLED_SILENT, times=8),
    Fault(kind=FaultKind.ERROR_500, times=8),
    Fault(kind=FaultKind.ERROR_503, seconds=300),
    Fault(kind=FaultKind.CONNECTION_DROPPED, times=8),
    Fault(kind=FaultKind.PERMISSION_MISSING),
    Fault(kind=FaultKind.LICENCE_MISSING),
    Fault(kind=FaultKind.CONDITIONAL_ACCESS),
    Fault(kind=FaultKind.TOKEN_REFUSED, times=2),
    Fault(kind=FaultKind.WRONG_TYPE),
    Fault(kind=FaultKind.HTML_BODY, times=8),
    Fault(kind=FaultKind.TRUNCATED_BODY, times=8),
    Fault(kind=FaultKind.REPEATED_LINK),
    Fault(kind=FaultKind.PAGE_TOKEN_EXPIRED, times=8),
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kind.value)
async def test_no_fault_of_microsofts_is_told_with_whom_it_hit(watch: Watch, fault: Fault) -> None:
    only_json()
    watch.house.sandbox.faults.add(fault)
    week = next(weeks)
    made = await asyncio.gather(*(run(watch.house, due(each, week=week)) for each in registry()))

    await watch.assert_silent(*(outcome for outcome, _ in made))


@pytest.mark.parametrize(
    "fault", [FaultKind.CONSENT_WITHDRAWN, FaultKind.LOGIN_TRANSIENT, FaultKind.SECRET_EXPIRED]
)
async def test_no_refused_sign_in_is_told_with_what_was_shown(
    watch: Watch, fault: FaultKind
) -> None:
    watch.house.sandbox.faults.add(Fault(kind=fault, times=3))
    outcome, _ = await run(watch.house, due("guest-users", week=next(weeks)))

    await watch.assert_silent(outcome)


async def test_a_probe_is_told_without_the_addresses_it_asked(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """As production logs: at INFO httpx would write each of them."""
    caplog.set_level(logging.INFO)
    house.sandbox.faults.add(Fault(kind=FaultKind.PERMISSION_MISSING, path="/users"))
    try:
        outcome = await house.app.queue("probes", encode_message(ProbeRequest(tenant_id=CONTOSO)))
    finally:
        house.sandbox.faults.clear()

    assert outcome.ok
    assert caplog.messages
    assert not [line for line in caplog.messages if "://" in line]


def broken(data: Snapshot, history: History, period: Period) -> Content:
    """As a defect would be: the error quotes whom it stumbled over."""
    [first, *_] = data.rows(GUEST_USERS.needs[0])
    try:
        dict[object, str]()[first]
    except KeyError as error:
        raise ValueError(f"cannot place {first!r}") from error
    return GUEST_USERS.build(data, history, period)


async def test_a_defect_in_a_report_is_told_by_class_and_place_only(watch: Watch) -> None:
    with_report(replace(GUEST_USERS, build=broken))
    order = due("guest-users", week=next(weeks))
    outcome, kept = await run(watch.house, order)

    assert not outcome.ok
    assert kept
    assert kept.state is RunState.PLANNED
    said = await watch.said(outcome)
    assert "ValueError" in said
    assert "test_nothing_leaks.py" in said
    await watch.assert_silent(outcome)
