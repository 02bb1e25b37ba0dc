"""Months, over the ends of years."""

from datetime import UTC, date, datetime

import pytest

from shared_code.core.month import last_months, month_of, months


@pytest.mark.parametrize(
    ("later", "month"),
    [
        (0, date(2026, 11, 1)),
        (1, date(2026, 12, 1)),
        (2, date(2027, 1, 1)),
        (-11, date(2025, 12, 1)),
    ],
)
def test_a_month_before_or_after_that_of_a_moment(later: int, month: date) -> None:
    assert month_of(datetime(2026, 11, 30, 5, tzinfo=UTC), later=later) == month


def test_from_one_month_to_another_none_is_left_out() -> None:
    found = months(date(2025, 11, 30), date(2026, 2, 1))
    assert found == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


def test_the_last_twelve_end_with_this_one() -> None:
    found = last_months(date(2026, 11, 23))
    assert (len(found), found[0], found[-1]) == (12, date(2025, 12, 1), date(2026, 11, 1))
