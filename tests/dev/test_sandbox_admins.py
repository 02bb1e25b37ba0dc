"""Admins of the sandbox tenants: read as production reads them, believable, different every week."""

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dev.sandbox.customers import contoso, fabrikam
from dev.sandbox.population import Customer, Population
from dev.sandbox.roles import role_assignments, role_eligibilities, role_schedules
from dev.sandbox.server import Sandbox
from shared_code.core.dataset import Dataset, Row, Snapshot
from shared_code.core.errors import DatasetError, Reason
from shared_code.core.period import Period
from shared_code.core.run import RunRequest
from shared_code.core.tenant import TenantId
from shared_code.datasets.roles import (
    ADMIN_REGISTRATIONS,
    ADMIN_SIGN_INS,
    ROLE_ELIGIBILITIES,
    ROLE_GROUP_MEMBERS,
    ROLE_HOLDERS,
    ROLE_SCHEDULES,
    USER,
)
from shared_code.reports.admin_roles import REPORT
from shared_code.service.collect import Collector
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import SandboxIssuer
from shared_code.sources.graph.limits import Limiter
from shared_code.sources.graph.source import GraphSource
from shared_code.sources.graph.tokens import Tokens
from shared_code.storage.spool import open_spool
from tests.fakes import FakeSpoolFolder
from tests.sources.stage import Timeline

MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)
WEEK = timedelta(days=7)
LARGE = contoso(members=1500, guests=1200)
SMALL = fabrikam()


@dataclass
class Reading:
    source: GraphSource
    resources: ExitStack
    root: Path
    sandbox: Sandbox

    async def read(self, customer: Customer) -> tuple[Snapshot, Mapping[str, DatasetError]]:
        spool = self.resources.enter_context(open_spool(self.root))
        collector = Collector(
            source=self.source,
            folder=FakeSpoolFolder(self.root),
            clock=lambda: MONDAY,
            budget=timedelta(hours=1),
        )
        tenant = TenantId(customer.tenant_id)
        request = RunRequest.due(tenant, REPORT.name, Period(MONDAY - WEEK, MONDAY))
        missing = await collector.collect(request, REPORT.needs, spool, gives_up=lambda _: False)
        return spool.snapshot(missing), missing


@pytest.fixture
async def reading(tmp_path: Path) -> AsyncIterator[Reading]:
    time, connections = Timeline(), Connections()
    async with Sandbox((LARGE, SMALL), at=MONDAY) as sandbox:
        issuer = SandboxIssuer(
            connections, base_url=sandbox.graph_url, app_id="app", secret="s", clock=time.clock
        )
        source = GraphSource(
            connections,
            Tokens(issuer, clock=time.clock),
            Limiter(clock=time.monotonic, sleep=time.sleep),
            base_url=sandbox.graph_url,
            clock=time.clock,
            sleep=time.sleep,
        )
        with ExitStack() as resources:
            yield Reading(source, resources, tmp_path, sandbox)
    await connections.close()


def ids(data: Snapshot, dataset: Dataset[Row]) -> set[str]:
    return {row.id for row in data.rows(dataset)}


async def test_everybody_with_a_role_is_asked_about_once(reading: Reading) -> None:
    data, missing = await reading.read(LARGE)
    assert missing == {}
    holders = (*data.rows(ROLE_HOLDERS), *data.rows(ROLE_ELIGIBILITIES))
    direct = {r.principal.id for r in holders if r.principal and r.principal.kind == USER}
    members = {m.id for m in data.rows(ROLE_GROUP_MEMBERS) if m.kind == USER}
    people = direct | members
    assert members - direct
    assert ids(data, ADMIN_SIGN_INS) == people
    # Microsoft's report leaves disabled accounts out.
    assert ids(data, ADMIN_REGISTRATIONS) < people
    asked = reading.sandbox.stats.requests
    assert asked[LARGE.tenant_id, "/users"] == -(-len(people) // 15)


async def test_without_p2_only_what_pim_knows_is_missing(reading: Reading) -> None:
    data, missing = await reading.read(SMALL)
    assert {name: error.reason for name, error in missing.items()} == {
        ROLE_SCHEDULES.name: Reason.LICENCE,
        ROLE_ELIGIBILITIES.name: Reason.LICENCE,
    }
    assert ids(data, ADMIN_SIGN_INS)


def population(weeks: int) -> Population:
    return Population(LARGE, MONDAY + weeks * WEEK)


def test_admins_come_go_and_change_within_ten_weeks() -> None:
    states = [
        {(row["principalId"], row["roleDefinitionId"]) for row in role_assignments(population(n))}
        for n in range(10)
    ]
    steps = list(pairwise(states))
    assert any(after - before for before, after in steps)
    assert any(before - after for before, after in steps)
    assert all(len(before & after) > len(before) // 2 for before, after in steps)


def test_an_activation_ends_soon_and_belongs_to_somebody_eligible() -> None:
    eligible = {
        (r["principalId"], r["roleDefinitionId"]) for r in role_eligibilities(population(0))
    }
    activations = [
        row for row in role_schedules(population(0)) if row["assignmentType"] == "Activated"
    ]
    assert activations
    for row in activations:
        assert (row["principalId"], row["roleDefinitionId"]) in eligible
        assert datetime.fromisoformat(row["endDateTime"]) - MONDAY < timedelta(days=1)
