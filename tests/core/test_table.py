"""Cells of a table."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from shared_code.core.table import day_cell


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Europe/Vienna", "Pacific/Auckland"])
@pytest.mark.parametrize("day", [date(2026, 1, 15), date(2026, 7, 15)])
def test_a_day_is_the_same_day_in_every_zone_of_a_customer(zone: str, day: date) -> None:
    cell = day_cell(day)
    assert isinstance(cell, datetime)
    assert cell.astimezone(ZoneInfo(zone)).date() == day
