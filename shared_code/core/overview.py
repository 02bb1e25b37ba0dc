"""Overview: what all reports of a tenant say now, for the portal's page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared_code.core.audit import Entry
from shared_code.core.link import Opening
from shared_code.core.report import Priority, ReportType, Status
from shared_code.core.run import Run
from shared_code.core.summary import Due, Summary, Todo
from shared_code.core.tenant import Tenant

_URGENCY = (Status.BAD, Status.INCOMPLETE, Status.WARN, Status.OK, None)

# A deadline this near stands among what must be decided now.
_SOON = timedelta(days=30)
_PRIORITIES = tuple(Priority)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One report: its newest settled run, the newest delivered one, and when the next is due."""

    report: ReportType
    newest: Run | None
    delivered: Run | None
    next_due: datetime | None

    @property
    def urgency(self) -> int:
        """The smaller, the sooner."""
        return _URGENCY.index(self.status)

    @property
    def status(self) -> Status | None:
        """None before the first run; what could not be delivered is incomplete."""
        if self.newest is None:
            return None
        return Status(self.newest.status) if self.newest.state.is_delivered else Status.INCOMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`standings` most urgent first; `months` are first days, newest first."""

    tenant: Tenant
    at: datetime
    standings: Sequence[Standing]
    months: Sequence[date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What was delivered in one month, newest first within each report."""

    tenant: Tenant
    month: date
    runs: Sequence[tuple[ReportType, Run]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What was done to a tenant and how its links were opened, the newest of each first.

    `reports` by name of the link, of those issued lately.
    """

    tenant: Tenant
    entries: Sequence[Entry]
    openings: Sequence[Opening]
    reports: Mapping[str, ReportType]


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that waits for a decision, and the report that says so."""

    standing: Standing
    what: Todo | Due

    @property
    def weight(self) -> tuple[int, date]:
        """The smaller, the sooner."""
        if isinstance(self.what, Due):
            return _PRIORITIES.index(Priority.HIGH), self.what.day.date()
        return _PRIORITIES.index(Priority(self.what.priority)), date.max

    @classmethod
    def of(cls, overview: Overview) -> "Sequence[Attention]":
        """Actions and near deadlines over all reports, by priority, then by date."""
        found = [
            cls(standing, what)
            for standing in overview.standings
            if standing.delivered and standing.delivered.summary
            for what in _said_once(standing.delivered.summary, overview.at)
        ]
        return sorted(found, key=lambda each: each.weight)


def _said_once(summary: Summary, at: datetime) -> Iterator[Todo | Due]:
    """Where a near deadline is an action as well, the deadline alone: it shows the day."""
    near = [due for due in summary.deadlines if _is_near(due, at)]
    yield from (todo for todo in summary.todos if not any(_asks_for(todo, due) for due in near))
    yield from near


def _asks_for(todo: Todo, due: Due) -> bool:
    """Titles of such actions end with what Microsoft calls it."""
    is_alike = all(said.endswith(f": {due.title}") for said in todo.title.values())
    return is_alike and todo.filter == due.filter


def _is_near(due: Due, at: datetime) -> bool:
    return at <= due.day <= at + _SOON
