"""Straight-line forecasts."""

from datetime import date, timedelta

import pytest

from shared_code.core.forecast import trend_of

DAY = date(2026, 11, 1)


def days(*values: float) -> list[tuple[date, float]]:
    return [(DAY + timedelta(days=n), value) for n, value in enumerate(values)]


def test_a_straight_line_is_found_exactly() -> None:
    trend = trend_of(days(10, 12, 14, 16))
    assert trend
    assert (trend.last, trend.value, trend.slope) == (date(2026, 11, 4), 16, 2)
    assert trend.error == pytest.approx(0)
    assert trend.at(date(2026, 11, 14)) == 36


def test_when_the_limit_is_reached() -> None:
    trend = trend_of(days(10, 12, 14, 16))
    assert trend
    year = timedelta(days=365)
    assert trend.reaches(36, within=year) == date(2026, 11, 14)
    assert trend.reaches(16, within=year) == trend.reaches(1, within=year) == trend.last
    assert trend.reaches(1000, within=year) is None


@pytest.mark.parametrize("values", [(5, 5, 5, 5), (8, 7, 6, 5)])
def test_what_does_not_grow_is_never_full(values: tuple[float, ...]) -> None:
    trend = trend_of(days(*values))
    assert trend
    assert trend.reaches(100, within=timedelta(days=10_000)) is None


def test_noise_widens_the_range_on_both_sides() -> None:
    trend = trend_of(days(10, 13, 13, 17, 17))
    assert trend
    later = date(2027, 1, 1)
    assert trend.low(later) < trend.at(later) < trend.high(later)


def test_three_points_are_no_trend_and_one_day_is_none_either() -> None:
    assert trend_of(days(1, 2, 3)) is None
    assert trend_of([(DAY, float(n)) for n in range(9)]) is None
    assert trend_of([]) is None
