"""Usage reports of a sandbox tenant, with every fault it knows, at Graph and at the download."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from dev.sandbox.customers import contoso
from dev.sandbox.faults import Fault, FaultKind
from dev.sandbox.population import Population
from dev.sandbox.resources import Resource, Row
from dev.sandbox.server import Sandbox
from shared_code.core.dataset import CsvRow, Dataset
from shared_code.core.errors import ContractBroken, PermissionMissing, Throttled
from shared_code.core.tenant import TenantId
from shared_code.core.text import Text
from shared_code.datasets.workloads import usage_report
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import SandboxIssuer
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.source import GraphSource
from shared_code.sources.graph.tokens import Tokens
from tests.sources.stage import Timeline

TENANT = TenantId(contoso().tenant_id)
LINES = 2500


class Usage(CsvRow, frozen=True, kw_only=True):
    storage_used_byte: int | None = None


MAILBOXES = Dataset(
    name="mailboxes",
    title=Text(de="Postfächer", en="Mailboxes"),
    path="/reports/getMailboxUsageDetail(period='D180')",
    row=Usage,
    permissions=("Reports.Read.All",),
    workload=usage_report("getMailboxUsageDetail"),
    key="User Principal Name",
)


def _lines(_population: Population, start: int) -> Iterator[tuple[int, Row]]:
    line = {"Report Refresh Date": "2026-11-20", "Storage Used (Byte)": 1024}
    return ((n, line | {"User Principal Name": f"u{n}"}) for n in range(start, LINES))


RESOURCE = Resource(
    path=re.compile(r"/reports/getMailboxUsageDetail\(period='(?P<id>D\d+)'\)"),
    context="",
    entity="",
    permissions=frozenset({"Reports.Read.All"}),
    walk=_lines,
    csv=True,
)


@dataclass
class Office:
    sandbox: Sandbox
    source: GraphSource
    time: Timeline

    async def ids(self) -> list[str]:
        pages = self.source.pages(TENANT, MAILBOXES)
        return [row.id async for page in pages for row in page.rows]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    time, connections = Timeline(), Connections()
    async with Sandbox(
        [contoso()], resources=[RESOURCE], limits=True, clock=time.monotonic
    ) as sandbox:
        issuer = SandboxIssuer(
            connections, base_url=sandbox.graph_url, app_id="a", secret="s", clock=time.clock
        )
        source = GraphSource(
            connections,
            Tokens(issuer, clock=time.clock),
            Limiter(clock=time.monotonic, sleep=time.sleep),
            base_url=sandbox.graph_url,
            clock=time.clock,
            sleep=time.sleep,
            random=lambda: 1.0,
        )
        yield Office(sandbox, source, time)
        await connections.close()


WHOLE = [f"u{n}" for n in range(LINES)]
PASSING = [
    FaultKind.TOKEN_REFUSED,
    FaultKind.THROTTLED_SECONDS,
    FaultKind.THROTTLED_SILENT,
    FaultKind.ERROR_500,
    FaultKind.ERROR_502,
    FaultKind.ERROR_503,
    FaultKind.ERROR_504,
    FaultKind.TRUNCATED_BODY,
    FaultKind.HTML_BODY,
    FaultKind.CONNECTION_DROPPED,
    FaultKind.EMPTY_PAGE,
    FaultKind.REPEATED_LINK,
    FaultKind.LATENCY,
]


async def test_a_report_is_read_whole(office: Office) -> None:
    assert await office.ids() == WHOLE


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("folder", ["", "/download"])
async def test_what_passes_costs_no_row(office: Office, kind: FaultKind, folder: str) -> None:
    office.sandbox.faults.add(
        Fault(kind=kind, path=f"{folder}/reports", times=2 if folder else 1, seconds=1.0)
    )
    assert await office.ids() == WHOLE


async def test_a_wrong_value_is_a_broken_contract(office: Office) -> None:
    office.sandbox.faults.add(Fault(kind=FaultKind.WRONG_TYPE))
    with pytest.raises(ContractBroken, match=r"^mailboxes: column storage_used_byte has"):
        await office.ids()


async def test_a_withdrawn_permission_is_named(office: Office) -> None:
    office.sandbox.change(TENANT, permissions=frozenset())
    with pytest.raises(PermissionMissing, match=r"Reports\.Read\.All"):
        await office.ids()


async def test_the_limit_of_a_function_is_kept_and_not_discovered(office: Office) -> None:
    for _ in range(14):
        await office.ids()
    with pytest.raises(Throttled):
        await office.ids()
    assert office.sandbox.stats.limited == 0
