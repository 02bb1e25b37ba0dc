"""Metrics by month."""

from datetime import UTC, date, datetime

from shared_code.core.metric import Point, by_month


def point(year: int, month: int, day: int, value: float) -> Point:
    return Point("total", datetime(year, month, day, 5, tzinfo=UTC), value)


def test_the_last_value_of_each_month_counts_and_a_month_without_one_is_missing() -> None:
    points = [point(2026, 9, 7, 1), point(2026, 9, 28, 2), point(2026, 11, 2, 3)]
    found = by_month(points, until=datetime(2026, 11, 23, tzinfo=UTC))
    assert found == {date(2026, 9, 1): 2, date(2026, 11, 1): 3}


def test_twelve_months_end_with_this_one() -> None:
    points = [point(2025, 11, 24, 1), point(2025, 12, 1, 2), point(2026, 11, 23, 3)]
    found = by_month(points, until=datetime(2026, 11, 23, tzinfo=UTC))
    assert list(found) == [date(2025, 12, 1), date(2026, 11, 1)]
