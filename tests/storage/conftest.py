"""Contracts run against Azurite and against the fakes."""

from pathlib import Path

import pytest

from shared_code.core.ports import (
    Archive,
    Assessments,
    Audit,
    DeadLetters,
    Invitations,
    Ledger,
    Links,
    SpoolFolder,
    Tenants,
)
from shared_code.storage.accounts import Accounts
from shared_code.storage.archive import BlobArchive
from shared_code.storage.assessments import TableAssessments
from shared_code.storage.audit import TableAudit
from shared_code.storage.dead_letters import BlobDeadLetters
from shared_code.storage.invitations import TableInvitations
from shared_code.storage.ledger import TableLedger
from shared_code.storage.links import TableLinks
from shared_code.storage.spool_folder import BlobSpoolFolder
from shared_code.storage.tenants import TableTenants
from tests.fakes import (
    FakeArchive,
    FakeAssessments,
    FakeAudit,
    FakeClock,
    FakeDeadLetters,
    FakeInvitations,
    FakeLedger,
    FakeLinks,
    FakeSpoolFolder,
    FakeTenants,
)

type Given = pytest.FixtureRequest


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", "azurite"])
def stage(request: Given) -> Accounts | None:
    """None: against the fake."""
    return request.getfixturevalue("accounts") if request.param == "azurite" else None


@pytest.fixture
def audit(stage: Accounts | None) -> Audit:
    return TableAudit(stage.table("audit")) if stage else FakeAudit()


@pytest.fixture
def invitations(stage: Accounts | None) -> Invitations:
    return TableInvitations(stage.table("invitations")) if stage else FakeInvitations()


@pytest.fixture
def tenants(stage: Accounts | None) -> Tenants:
    return TableTenants(stage.table("tenants")) if stage else FakeTenants()


@pytest.fixture
async def assessments(stage: Accounts | None) -> Assessments:
    """Those of the partner, whom all tests share: what others left is taken away."""
    if stage is None:
        return FakeAssessments()
    table = TableAssessments(stage.table("assessments"))
    for each in await table.all():
        await table.delete(each.id)
    return table


@pytest.fixture
def ledger(stage: Accounts | None, clock: FakeClock) -> Ledger:
    return TableLedger(stage.table("runs"), clock) if stage else FakeLedger(clock)


@pytest.fixture
def links(stage: Accounts | None) -> Links:
    return TableLinks(stage.table("links"), stage.table("opens")) if stage else FakeLinks()


@pytest.fixture
def archive(stage: Accounts | None, clock: FakeClock) -> Archive:
    if stage is None:
        return FakeArchive()
    return BlobArchive(stage.container("reports"), stage.signer(clock))


@pytest.fixture
def dead_letters(stage: Accounts | None) -> DeadLetters:
    return BlobDeadLetters(stage.container("dead-letters")) if stage else FakeDeadLetters()


@pytest.fixture
def folder(stage: Accounts | None, tmp_path: Path) -> SpoolFolder:
    if stage is None:
        return FakeSpoolFolder(tmp_path)
    return BlobSpoolFolder(tmp_path, stage.container("spool"))
