"""Microsoft's announcements and incidents: the same for all, and another listing each week."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from dev.sandbox import contoso, fabrikam
from dev.sandbox.areas.announcements import announcements
from dev.sandbox.areas.incidents import issues
from dev.sandbox.population import Customer, Population

MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)

type Rows = Callable[[Population], list[dict[str, Any]]]
type Listing = Mapping[str, dict[str, Any]]


def listed(rows: Rows, week: int = 0, customer: Customer | None = None) -> Listing:
    at = MONDAY + timedelta(weeks=week)
    return {row["id"]: row for row in rows(Population(customer or contoso(), at))}


def weeks(rows: Rows, count: int = 40) -> list[tuple[Listing, Listing]]:
    """Pairs of listings, one week apart."""
    return list(pairwise(listed(rows, week) for week in range(-count, 1)))


def stayed(before: Listing, now: Listing) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(before[key], now[key]) for key in before.keys() & now.keys()]


def test_every_tenant_gets_the_same_and_gets_it_again() -> None:
    for rows in (announcements, issues):
        assert listed(rows) == listed(rows) == listed(rows, customer=fabrikam())


def test_there_are_about_a_hundred_announcements_and_forty_issues() -> None:
    assert 90 <= len(listed(announcements)) <= 130
    assert 30 <= len(listed(issues)) <= 45


def test_announcements_come_move_and_are_withdrawn() -> None:
    pairs = weeks(announcements)
    assert all(now.keys() - before.keys() for before, now in pairs)
    due = "actionRequiredByDateTime"
    moved = [w for pair in pairs for w, n in stayed(*pair) if w[due] != n[due]]
    gone = [before[key] for before, now in pairs for key in before.keys() - now.keys()]
    withdrawn = [row for row in gone if row["endDateTime"] > "2026-11-23"]
    assert len(moved) > 10
    assert withdrawn
    assert len(gone) > len(withdrawn)


def test_issues_open_are_resolved_and_get_a_report_later() -> None:
    pairs = weeks(issues)
    found = [pair for each in pairs for pair in stayed(*each)]
    assert [w for w, n in found if not w["isResolved"] and n["isResolved"]]
    assert [n for w, n in found if n["status"] != w["status"] == "serviceRestored"]
    new = [now[key] for before, now in pairs for key in now.keys() - before.keys()]
    late = [
        n for n in new if n["isResolved"] and n["posts"][0]["createdDateTime"] > n["endDateTime"]
    ]
    within = [n for n in new if n["isResolved"] and n not in late]
    gone = [before[key] for before, now in pairs for key in before.keys() - now.keys()]
    assert late
    assert within
    assert [row for row in gone if not row["isResolved"]]


def test_what_is_resolved_has_an_end_and_what_is_open_has_none() -> None:
    for before, _ in weeks(issues):
        for row in before.values():
            assert row["isResolved"] == (row["endDateTime"] is not None)
            assert row["lastModifiedDateTime"] == row["posts"][-1]["createdDateTime"]


def test_a_hostile_tenant_gets_hostile_texts_under_the_same_numbers() -> None:
    hostile = contoso(hostile=True)
    for rows in (announcements, issues):
        found = listed(rows, customer=hostile)
        assert found.keys() == listed(rows).keys()
        assert "<script>" in str(list(found.values()))
