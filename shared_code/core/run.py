"""Run: one report of one tenant for one period, and the ledger row that remembers it."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID, uuid5

import msgspec

from shared_code.core.effort import Effort
from shared_code.core.errors import MessageMalformed, Reason
from shared_code.core.period import Period
from shared_code.core.privacy import Privacy
from shared_code.core.queue_message import decode_message
from shared_code.core.summary import Summary
from shared_code.core.tenant import TenantId

RunId = NewType("RunId", str)

_RUNS = UUID("6f3a7d3e-3c1e-4a52-9f0e-0b0f5f0c7a11")


class RunState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    DELIVERED = "delivered"
    DELIVERED_WITH_GAPS = "delivered-with-gaps"
    BLOCKED = "blocked"
    FAILED = "failed"

    @property
    def is_delivered(self) -> bool:
        return self in (RunState.DELIVERED, RunState.DELIVERED_WITH_GAPS)

    @property
    def is_refused(self) -> bool:
        return self in (RunState.BLOCKED, RunState.FAILED)

    @property
    def is_final(self) -> bool:
        return self not in (RunState.PLANNED, RunState.RUNNING)


def run_id(tenant_id: TenantId, report: str, end: datetime) -> RunId:
    """The same period always gives the same id, whoever plans it and how often."""
    return RunId(str(uuid5(_RUNS, f"{tenant_id}/{report}/{end.isoformat()}")))


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The message on queue `runs`: ids and instants only, never anything about people."""

    run_id: RunId
    tenant_id: TenantId
    report: str
    start: datetime
    end: datetime
    attempt: int = 1  # counts failures
    waits: int = 0  # counts postponements that are no failures

    @classmethod
    def due(cls, tenant_id: TenantId, report: str, period: Period) -> "RunRequest":
        identity = run_id(tenant_id, report, period.end)
        return cls(
            run_id=identity,
            tenant_id=tenant_id,
            report=report,
            start=period.start,
            end=period.end,
        )

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    def after_failure(self) -> "RunRequest":
        return msgspec.structs.replace(self, attempt=self.attempt + 1)

    def after_wait(self) -> "RunRequest":
        return msgspec.structs.replace(self, waits=self.waits + 1)


def decode_request(body: bytes | str) -> RunRequest:
    """Raises MessageMalformed, also when the id does not belong to tenant, report and period."""
    request = decode_message(body, RunRequest, queue="runs")
    try:
        expected = run_id(request.tenant_id, request.report, request.period.end)
    except ValueError as error:
        raise MessageMalformed("queue runs: not a period") from error
    if request.run_id != expected:
        raise MessageMalformed("queue runs: run id does not match tenant, report and period")
    return request


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A dataset that a report needs and could not read, since the end of the first such period."""

    dataset: str
    reason: Reason
    detail: str = ""
    since: datetime


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One filed rendering: `name` as in links, `path` in the archive, `size` in bytes."""

    name: str
    path: str
    media_type: str
    size: int
    sha256: str
    content_policy: str = ""  # Content-Security-Policy, for HTML


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger. The newest delivered one is the watermark; there is no other."""

    id: RunId
    tenant_id: TenantId
    report: str
    start: datetime
    end: datetime
    state: RunState
    attempt: int = 0
    updated: datetime
    delivered: datetime | None = None
    status: str = ""  # Status of the report, for the portal
    headline: dict[str, str] = {}  # one sentence per language, without personal data
    summary: Summary | None = None
    privacy: Privacy = Privacy.NAMED
    gaps: tuple[Gap, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    reason: str = ""  # error class of a blocked or failed run
    effort: Effort | None = None  # of all attempts that could tell; None: of an earlier version

    @classmethod
    def planned(cls, request: RunRequest, now: datetime) -> "Run":
        return cls(
            id=request.run_id,
            tenant_id=request.tenant_id,
            report=request.report,
            start=request.start,
            end=request.end,
            state=RunState.PLANNED,
            updated=now,
        )

    def planned_again(self, now: datetime) -> "Run":
        """As if nobody had tried yet."""
        return Run.planned(RunRequest.due(self.tenant_id, self.report, self.period), now)

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    def artifact(self, name: str) -> Artifact | None:
        return next((a for a in self.artifacts if a.name == name), None)
