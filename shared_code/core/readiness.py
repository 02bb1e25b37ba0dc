"""Readiness: whether a tenant can be read and what each report lacks there, found out before a run does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from shared_code.core.dataset import Origin
from shared_code.core.errors import (
    AccessBlocked,
    ApplicationDisabled,
    ConsentMissing,
    DatasetError,
    Reason,
    TenantError,
    TenantGone,
)
from shared_code.core.queue_message import decode_message
from shared_code.core.report import ReportType
from shared_code.core.tenant import TenantId

_SOON = timedelta(hours=1)
_DAILY = timedelta(days=1)


class Actor(StrEnum):
    CUSTOMER = "customer"
    MICROSOFT = "microsoft"
    US = "us"


class Cause(StrEnum):
    """Why something cannot be read; the first ones of a dataset, the others of the whole tenant."""

    PERMISSION = "permission"
    LICENCE = "licence"
    FEATURE = "feature"
    ACCESS = "access"
    CONTRACT = "contract"
    CONSENT = "consent"
    DISABLED = "disabled"
    BLOCKED = "blocked"
    GONE = "gone"
    SILENT = "silent"

    @property
    def actor(self) -> Actor:
        return _ACTORS.get(self, Actor.CUSTOMER)


_ACTORS = {Cause.CONTRACT: Actor.US, Cause.SILENT: Actor.MICROSOFT}
_OF_REASON = {
    Reason.PERMISSION: Cause.PERMISSION,
    Reason.LICENCE: Cause.LICENCE,
    Reason.FEATURE: Cause.FEATURE,
    Reason.ACCESS: Cause.ACCESS,
    Reason.CONTRACT: Cause.CONTRACT,
}
_OF_TENANT: dict[type[TenantError], Cause] = {
    ConsentMissing: Cause.CONSENT,
    ApplicationDisabled: Cause.DISABLED,
    AccessBlocked: Cause.BLOCKED,
    TenantGone: Cause.GONE,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """`dataset` is empty where the whole tenant is concerned; `detail` names permission or licence."""

    cause: Cause
    detail: str = ""
    dataset: str = ""
    since: datetime

    @classmethod
    def of_tenant(cls, error: TenantError, at: datetime) -> "Problem":
        return cls(cause=_OF_TENANT[type(error)], since=at)

    @classmethod
    def of_dataset(cls, error: DatasetError, at: datetime) -> "Problem | None":
        """None where nothing is proven: throttled, or Microsoft did not answer."""
        cause = _OF_REASON.get(error.reason)
        if cause is None:
            return None
        return cls(cause=cause, detail=error.detail, dataset=error.dataset, since=at)

    @property
    def what(self) -> tuple[str, Cause]:
        """As long as this stays, it is the same problem."""
        return self.dataset, self.cause

    @property
    def words(self) -> str:
        """For logs and the audit."""
        return f"{self.cause.value} ({self.detail})" if self.detail else self.cause.value


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """What the last probes of a tenant found; the next is due at `due`.

    `known` are the datasets of which anything was ever found out, `problems` those that lack
    something. `unsettled` counts the probes in a row that could not find out everything. While the
    tenant is `unreachable` the rest stays as it was.
    """

    tenant_id: TenantId
    due: datetime
    checked: datetime | None = None
    unsettled: int = 0
    unreachable: Problem | None = None
    problems: tuple[Problem, ...] = ()
    known: tuple[str, ...] = ()

    def problems_of(self, report: ReportType) -> tuple[Problem, ...]:
        """In the order of its needs; without what the whole tenant lacks, and licences it can do without."""
        found = {p.dataset: p for p in self.problems if not _is_excused(p, report)}
        return tuple(found[d.name] for d in report.needs if d.name in found)

    def is_known(self, report: ReportType) -> bool:
        """Whether all that it needs was probed, or permitted and licensed for sure."""
        needed = {d.name for d in report.needs if d.origin is Origin.TENANT}
        return needed <= set(self.known)

    def is_due(self, at: datetime, ordered: Iterable[ReportType]) -> bool:
        """What was ordered since everything was known does not wait for the next day."""
        is_new = not self.unsettled and not all(map(self.is_known, ordered))
        return is_new or self.due <= at

    def is_ready(self, report: ReportType) -> bool | None:
        """None while it is not known."""
        if self.unreachable or self.problems_of(report):
            return False
        return True if self.is_known(report) else None


def _is_excused(problem: Problem, report: ReportType) -> bool:
    return problem.cause is Cause.LICENCE and problem.dataset in report.not_for_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Problems of a report that one step mends: the datasets concerned, since the first of them."""

    cause: Cause
    detail: str
    datasets: tuple[str, ...]
    since: datetime

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> "Sequence[Lack]":
        alike: dict[tuple[Cause, str], list[Problem]] = {}
        for problem in problems:
            alike.setdefault((problem.cause, problem.detail), []).append(problem)
        return [
            cls(
                cause=cause,
                detail=detail,
                datasets=tuple(p.dataset for p in group if p.dataset),
                since=min(p.since for p in group),
            )
            for (cause, detail), group in alike.items()
        ]


def wait_after(unsettled: int) -> timedelta:
    """Until the next probe: a day, or after 1 h, 2 h, 4 h ... 24 h where something is open."""
    return min(_SOON * 2 ** (min(unsettled, 6) - 1), _DAILY) if unsettled else _DAILY


class ProbeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The message on queue `probes`."""

    tenant_id: TenantId


def decode_probe(body: bytes | str) -> ProbeRequest:
    """Raises MessageMalformed."""
    return decode_message(body, ProbeRequest, queue="probes")
