"""Source and Directory against the sandbox tenants, with every fault the sandbox knows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from dev.sandbox.customers import contoso, fabrikam
from dev.sandbox.faults import AT_LOGIN, Fault, FaultKind
from dev.sandbox.server import Sandbox
from shared_code.core.dataset import Dataset
from shared_code.core.errors import (
    AccessBlocked,
    ApplicationDisabled,
    ConfigurationError,
    ConsentMissing,
    ContractBroken,
    DatasetError,
    LicenceMissing,
    PageTokenExpired,
    PermissionMissing,
    TenantGone,
    Throttled,
    UpstreamDown,
)
from shared_code.core.tenant import TenantId
from shared_code.datasets.announcements import ANNOUNCEMENTS
from shared_code.datasets.guests import GUEST_SIGN_INS, GUEST_SPONSORS, GUESTS
from shared_code.datasets.risks import (
    APP_RISK_DETECTIONS,
    RISK_DETECTIONS,
    RISKY_APPS,
    RISKY_USERS,
)
from shared_code.datasets.roles import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from shared_code.datasets.service_health import ISSUES
from shared_code.datasets.services import LICENCES
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import SandboxIssuer
from shared_code.sources.graph.directory import GraphDirectory
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.source import GraphSource
from shared_code.sources.graph.tokens import Tokens
from tests.sources.stage import Timeline

LARGE, SMALL = TenantId(contoso().tenant_id), TenantId(fabrikam().tenant_id)
APP = "0f7f1a52-54ab-4c0f-bb6d-0a4e1a3f5b11"


@dataclass
class Tenants:
    sandbox: Sandbox
    source: GraphSource
    directory: GraphDirectory

    def fault(self, kind: FaultKind, **options: Any) -> None:
        self.sandbox.faults.add(Fault(kind=kind, **options))

    async def count(self, dataset: Dataset[Any], tenant_id: TenantId = LARGE) -> int:
        return sum([len(page.rows) async for page in self.source.pages(tenant_id, dataset)])


@pytest.fixture
async def tenants() -> AsyncIterator[Tenants]:
    customers = contoso(members=200, guests=2200, steady=True), fabrikam(steady=True)
    async with Sandbox(customers) as sandbox:
        time, connections = Timeline(), Connections()
        issuer = SandboxIssuer(
            connections, base_url=sandbox.graph_url, app_id=APP, secret="s", clock=time.clock
        )
        tokens = Tokens(issuer, clock=time.clock)
        where: Any = {"base_url": sandbox.graph_url, "clock": time.clock, "sleep": time.sleep}
        yield Tenants(
            sandbox,
            GraphSource(
                connections,
                tokens,
                Limiter(clock=time.monotonic, sleep=time.sleep),
                random=lambda: 1.0,
                **where,
            ),
            GraphDirectory(tokens, app_id=APP, random=lambda: 1.0, **where),
        )
        await connections.close()


async def test_every_guest_is_read_once(tenants: Tenants) -> None:
    rows = [r async for page in tenants.source.pages(LARGE, GUESTS) for r in page.rows]
    assert len({row.id for row in rows}) == len(rows) == 2200
    assert await tenants.count(GUEST_SIGN_INS) == 2200
    assert await tenants.count(GUEST_SPONSORS) == 2200
    assert await tenants.count(GUESTS, SMALL) == 48


async def test_roles_are_read(tenants: Tenants) -> None:
    assert await tenants.count(ROLE_ASSIGNMENTS) > 0
    assert await tenants.count(ROLE_DEFINITIONS) > 0


async def test_announcements_issues_and_licences_are_read(tenants: Tenants) -> None:
    assert await tenants.count(ANNOUNCEMENTS) > 80
    assert await tenants.count(ISSUES) > 20
    assert await tenants.count(LICENCES, SMALL) == 2


LASTING: dict[FaultKind, type[Exception]] = {
    FaultKind.CONSENT_WITHDRAWN: ConsentMissing,
    FaultKind.APPLICATION_MISSING: ConsentMissing,
    FaultKind.APPLICATION_DISABLED: ApplicationDisabled,
    FaultKind.TENANT_GONE: TenantGone,
    FaultKind.LOGIN_TRANSIENT: UpstreamDown,
    FaultKind.LOGIN_CONDITIONAL_ACCESS: AccessBlocked,
    FaultKind.SECRET_EXPIRED: ConfigurationError,
    FaultKind.TOKEN_REFUSED: UpstreamDown,
    FaultKind.PERMISSION_MISSING: PermissionMissing,
    FaultKind.LICENCE_MISSING: UpstreamDown,  # the tenant owns the licence
    FaultKind.CONDITIONAL_ACCESS: DatasetError,
    FaultKind.THROTTLED_SECONDS: Throttled,
    FaultKind.THROTTLED_DATE: Throttled,
    FaultKind.THROTTLED_SILENT: Throttled,
    FaultKind.ERROR_500: UpstreamDown,
    FaultKind.ERROR_502: UpstreamDown,
    FaultKind.ERROR_503: UpstreamDown,
    FaultKind.ERROR_504: UpstreamDown,
    FaultKind.PAGE_TOKEN_EXPIRED: PageTokenExpired,
    FaultKind.REPEATED_LINK: ContractBroken,
    FaultKind.WRONG_TYPE: ContractBroken,
    FaultKind.TRUNCATED_BODY: ContractBroken,
    FaultKind.HTML_BODY: ContractBroken,
    FaultKind.CONNECTION_DROPPED: UpstreamDown,
}


@pytest.mark.parametrize(("kind", "error"), LASTING.items())
async def test_a_lasting_fault_is_the_error_of_whoever_acts(
    tenants: Tenants, kind: FaultKind, error: type[Exception]
) -> None:
    path = "" if kind in AT_LOGIN else "/users"
    tenants.fault(kind, tenant=LARGE, path=path)
    with pytest.raises(error):
        await tenants.count(GUEST_SIGN_INS)
    assert await tenants.count(GUESTS, SMALL) == 48


PASSING = [
    FaultKind.LOGIN_TRANSIENT,
    FaultKind.TOKEN_REFUSED,
    FaultKind.LICENCE_MISSING,
    FaultKind.THROTTLED_SECONDS,
    FaultKind.THROTTLED_SILENT,
    FaultKind.ERROR_500,
    FaultKind.ERROR_502,
    FaultKind.ERROR_503,
    FaultKind.ERROR_504,
    FaultKind.EMPTY_PAGE,
    FaultKind.TRUNCATED_BODY,
    FaultKind.HTML_BODY,
    FaultKind.CONNECTION_DROPPED,
    FaultKind.LATENCY,
]


@pytest.mark.parametrize("kind", PASSING)
async def test_a_passing_fault_loses_nothing(tenants: Tenants, kind: FaultKind) -> None:
    # The sandbox's empty page leads to where it stands itself, a circle from the second page on.
    is_first = kind in AT_LOGIN or kind is FaultKind.EMPTY_PAGE
    tenants.fault(kind, times=1, after=0 if is_first else 1, seconds=0.1)
    assert await tenants.count(GUEST_SIGN_INS) == 2200


def test_every_fault_of_the_sandbox_is_tried() -> None:
    assert set(LASTING) | set(PASSING) == set(FaultKind)


async def test_a_tenant_without_the_licence_lacks_it(tenants: Tenants) -> None:
    tenants.sandbox.change(SMALL, plan="BusinessBasic")
    with pytest.raises(LicenceMissing) as caught:
        await tenants.count(GUEST_SIGN_INS, SMALL)
    assert caught.value.detail == "Microsoft Entra ID P1"


async def test_the_limit_over_all_tenants_is_kept_and_not_discovered(tenants: Tenants) -> None:
    for _ in range(2):
        assert await tenants.count(GUEST_SIGN_INS) == 2200
    with pytest.raises(Throttled):
        await tenants.count(GUEST_SIGN_INS, SMALL)
    assert tenants.sandbox.sign_in_peak == 10


async def test_the_directory_knows_name_domain_and_grants(tenants: Tenants) -> None:
    tenants.sandbox.change(SMALL, permissions=frozenset({"User.Read.All", "Directory.Read.All"}))
    enterprise = await tenants.directory.enterprise(SMALL)
    assert enterprise.tenant_id == SMALL
    assert (enterprise.name, enterprise.domain) == ("Fabrikam Steuerberatung GmbH", "fabrikam.com")
    assert enterprise.permissions == {"User.Read.All", "Directory.Read.All"}


async def test_what_is_granted_counts_once_a_fresh_token_has_it(tenants: Tenants) -> None:
    late, known = (
        frozenset({"AuditLog.Read.All"}),
        frozenset({"User.Read.All", "Directory.Read.All"}),
    )
    tenants.sandbox.change(SMALL, permissions=known)
    assert (await tenants.directory.enterprise(SMALL)).pending == frozenset()

    tenants.sandbox.change(SMALL, permissions=known | late, lagging=late)
    found = await tenants.directory.enterprise(SMALL)
    assert (found.permissions, found.pending) == (known | late, late)

    tenants.sandbox.change(SMALL, lagging=frozenset())
    assert (await tenants.directory.enterprise(SMALL)).pending == frozenset()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.CONSENT_WITHDRAWN, ConsentMissing),
        (FaultKind.TENANT_GONE, TenantGone),
        (FaultKind.LOGIN_TRANSIENT, UpstreamDown),
        (FaultKind.TOKEN_REFUSED, UpstreamDown),
        (FaultKind.PERMISSION_MISSING, PermissionMissing),
        (FaultKind.THROTTLED_SECONDS, Throttled),
        (FaultKind.THROTTLED_DATE, Throttled),
        (FaultKind.ERROR_503, UpstreamDown),
        (FaultKind.HTML_BODY, ContractBroken),
        (FaultKind.CONNECTION_DROPPED, UpstreamDown),
        (FaultKind.WRONG_TYPE, ContractBroken),
        (FaultKind.CONDITIONAL_ACCESS, DatasetError),
    ],
)
async def test_the_directory_translates_faults_as_the_source_does(
    tenants: Tenants, kind: FaultKind, error: type[Exception]
) -> None:
    tenants.fault(kind, tenant=SMALL, seconds=300)
    with pytest.raises(error) as caught:
        await tenants.directory.enterprise(SMALL)
    if kind is FaultKind.THROTTLED_SECONDS:
        assert isinstance(caught.value, Throttled)
        assert caught.value.retry_after == 300


@pytest.mark.parametrize(
    "kind", [FaultKind.TOKEN_REFUSED, FaultKind.ERROR_503, FaultKind.EMPTY_PAGE]
)
async def test_the_directory_outlasts_a_passing_fault(tenants: Tenants, kind: FaultKind) -> None:
    tenants.fault(kind, tenant=SMALL, path="/organization", times=1)
    assert (await tenants.directory.enterprise(SMALL)).domain == "fabrikam.com"


async def test_risks_are_read_as_far_as_the_licence_goes(tenants: Tenants) -> None:
    assert await tenants.count(RISK_DETECTIONS)
    assert await tenants.count(RISKY_APPS)
    assert await tenants.count(RISK_DETECTIONS, SMALL)
    for dataset in (RISKY_USERS, RISKY_APPS, APP_RISK_DETECTIONS):
        with pytest.raises(LicenceMissing) as caught:
            await tenants.count(dataset, SMALL)
        assert caught.value.detail == dataset.licence
