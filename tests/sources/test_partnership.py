"""Delegated access is read whole from the partner's tenant, or an error says who acts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from dev.sandbox.customers import contoso, fabrikam
from dev.sandbox.faults import Fault, FaultKind
from dev.sandbox.relationships import PATH
from dev.sandbox.server import Sandbox
from dev.sandbox.sign_in import PARTNER
from shared_code.core.errors import PermissionMissing, Throttled, UpstreamDown
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import SandboxIssuer
from shared_code.sources.graph.partner import GraphPartnership
from shared_code.sources.graph.tokens import Tokens
from tests.sources.stage import Timeline

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MANY = [replace(contoso(), tenant_id=str(UUID(int=n)), seed=n) for n in range(1, 201)]


@dataclass
class Office:
    sandbox: Sandbox
    partnership: GraphPartnership

    def fault(self, kind: FaultKind, times: int | None = None) -> None:
        self.sandbox.faults.add(Fault(kind=kind, tenant=PARTNER, path=PATH, times=times))


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with Sandbox([*MANY, fabrikam()], at=NOON) as sandbox:
        time, connections = Timeline(), Connections()
        issuer = SandboxIssuer(
            connections, base_url=sandbox.graph_url, app_id="a", secret="s", clock=time.clock
        )
        yield Office(
            sandbox,
            GraphPartnership(
                Tokens(issuer, clock=time.clock),
                partner=TenantId(PARTNER),
                base_url=sandbox.graph_url,
                clock=time.clock,
                sleep=time.sleep,
                random=lambda: 1.0,
            ),
        )
        await connections.close()


async def test_all_pages_are_read(office: Office) -> None:
    found = await office.partnership.relationships()
    assert len({each.id for each in found}) == len(found) == 402


async def test_a_relationship_says_with_whom_for_how_long_and_what_for(office: Office) -> None:
    office.sandbox.relationships.ends[fabrikam().tenant_id] = datetime(2027, 1, 1, tzinfo=UTC)
    found = await office.partnership.relationships()
    live, expired = (r for r in found if r.tenant_id == fabrikam().tenant_id)
    assert (live.status, live.is_live, live.extends) == ("active", True, False)
    assert live.ends == datetime(2027, 1, 1, tzinfo=UTC)
    assert len(live.roles) == 2
    assert expired.is_over


async def test_without_permission_it_is_named(office: Office) -> None:
    office.sandbox.relationships.permissions = frozenset()
    with pytest.raises(PermissionMissing, match=r"DelegatedAdminRelationship\.Read\.All"):
        await office.partnership.relationships()


@pytest.mark.parametrize(
    ("kind", "error"),
    [(FaultKind.ERROR_503, UpstreamDown), (FaultKind.THROTTLED_SILENT, Throttled)],
)
async def test_what_passes_is_waited_for_and_what_lasts_is_microsofts(
    office: Office, kind: FaultKind, error: type[Exception]
) -> None:
    office.fault(kind, times=2)
    assert len(await office.partnership.relationships()) == 402
    office.fault(kind)
    with pytest.raises(error):
        await office.partnership.relationships()
