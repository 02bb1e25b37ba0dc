"""Since the last delivery: whatever fails or comes late, each thing is told, and as new exactly once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_code.core.errors import DatasetError, PermissionMissing
from shared_code.core.report import Report, ReportType
from shared_code.reports import registry
from tests.reports.runs import MONDAY, WEEK, Listings, Runs, recorded

DELIVERED, FAILED, UNREADABLE, PARTIAL, LATE = (
    "delivered",
    "failed",
    "unreadable",
    "partial",
    "late",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A report of things that come and change, and how one of its things looks."""

    report: ReportType
    thing: Callable[[str, str], dict[str, Any]]  # id, when it began


def message(key: str, began: str) -> dict[str, Any]:
    return _alike("news") | {
        "id": f"MC{key}",
        "title": f"Message {key}",
        "startDateTime": began,
        "lastModifiedDateTime": began,
        "endDateTime": "2029-01-01T00:00:00Z",
        "actionRequiredByDateTime": None,
    }


def incident(key: str, began: str) -> dict[str, Any]:
    return _alike("service-health") | {
        "id": f"EX{key}",
        "title": f"Incident {key}",
        "startDateTime": began,
        "lastModifiedDateTime": began,
    }


def detection(key: str, began: str) -> dict[str, Any]:
    """One of a user of its own."""
    return _alike("identity-risks") | {
        "id": f"{int(key):064x}",
        "userId": f"{int(key):08}-0000-4000-8000-000000000000",
        "activityDateTime": began,
        "detectedDateTime": began,
        "lastUpdatedDateTime": began,
    }


def _alike(name: str) -> dict[str, Any]:
    """The first recorded thing of the report's main listing."""
    report = registry()[name]
    return recorded(report)[report.main.name][0]


KINDS = {
    name: Kind(registry()[name], thing)
    for name, thing in (
        ("news", message),
        ("service-health", incident),
        ("identity-risks", detection),
    )
}


@dataclass(frozen=True, slots=True)
class Week:
    """What happens in one: things that Microsoft lists from now on, dated so many days back, and
    how the delivery ends."""

    ages: tuple[int, ...]
    end: str


weeks = st.lists(
    st.builds(
        Week,
        ages=st.lists(st.integers(0, 60), max_size=3).map(tuple),
        end=st.sampled_from([DELIVERED, DELIVERED, FAILED, UNREADABLE, PARTIAL, LATE]),
    ),
    min_size=2,
    max_size=8,
)


def told(kind: Kind, story: list[Week]) -> Iterator[tuple[Report, set[str]]]:
    """The delivered reports in order, each with the ids that Microsoft listed by then; a last
    delivery that nothing disturbs comes behind them."""
    listed: list[dict[str, Any]] = []
    empty: Listings = {need.name: [] for need in kind.report.needs}
    with TemporaryDirectory() as root, ExitStack() as resources:
        runs = Runs(Path(root), resources)
        for number, week in enumerate([*story, Week((), DELIVERED)]):
            now = MONDAY + number * WEEK
            for n, days in enumerate(week.ages):
                began = f"{now - timedelta(days=days, hours=1):%Y-%m-%dT%H:%M:%SZ}"
                listed.append(kind.thing(f"{number}{n:02}", began))
            listings = empty | {kind.report.main.name: list(listed)}
            report = _delivered(runs, kind, listings, week.end)
            if report:
                yield report, {thing["id"] for thing in listed}


def _delivered(runs: Runs, kind: Kind, listings: Listings, end: str) -> Report | None:
    match end:
        case "failed":
            runs.skip()
            return None
        case "unreadable":
            gap = PermissionMissing(kind.report.main.name, "x")
            try:
                runs.produce(kind.report, listings, gap)
            except DatasetError:
                runs.skip()
            return None
        case "partial":
            others = [PermissionMissing(need.name, "x") for need in kind.report.needs[1:]]
            return runs.produce(kind.report, listings, *others)
        case "late":
            runs.skip(2)
            return runs.produce(kind.report, listings)
        case _:
            return runs.produce(kind.report, listings)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=25, deadline=None)
@given(story=weeks)
def test_each_thing_is_told_and_as_new_exactly_once(name: str, story: list[Week]) -> None:
    kind = KINDS[name]
    new: Counter[str] = Counter()
    first: set[str] | None = None
    listed: set[str] = set()
    for report, listed in told(kind, story):
        lines = {line.key: line for line in report.lines}
        assert listed <= {key.rpartition(":")[2] for key in lines}, "everything listed is told"
        new.update(key.rpartition(":")[2] for key, line in lines.items() if "new" in line.filters)
        if first is None:
            first = set(listed)
    assert first is not None
    assert all(count == 1 for count in new.values())
    assert listed - first <= set(new), "what came after the first report was new once"
