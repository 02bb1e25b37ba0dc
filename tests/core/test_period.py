"""When reports are due, across clock changes and time zones."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared_code.core.period import Period, occurrences

VIENNA = ZoneInfo("Europe/Vienna")


def due(cadence: str, zone: ZoneInfo, after: str, until: str) -> list[str]:
    found = occurrences(
        cadence, zone, after=datetime.fromisoformat(after), until=datetime.fromisoformat(until)
    )
    return [f"{tick:%m-%d %H:%M}" for tick in found]


def test_a_local_time_moves_in_utc_when_the_clock_changes() -> None:
    ticks = due("0 6 * * MON", VIENNA, "2026-10-18T00:00Z", "2026-11-03T00:00Z")
    assert ticks == ["10-19 04:00", "10-26 05:00", "11-02 05:00"]


def test_a_skipped_local_time_is_due_once() -> None:
    assert len(due("30 2 * * *", VIENNA, "2026-03-28T12:00Z", "2026-03-29T12:00Z")) == 1


def test_a_repeated_local_time_is_due_once() -> None:
    assert len(due("30 2 * * *", VIENNA, "2026-10-24T12:00Z", "2026-10-25T12:00Z")) == 1


@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("cadence", ["30 2 * * *", "0 2,3 * * *", "*/30 * * * *", "0 6 * * MON"])
def test_asked_from_each_instant_on_for_the_next_they_are_the_same(zone: str, cadence: str) -> None:
    begin, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)
    place = ZoneInfo(zone)
    at_once = list(occurrences(cadence, place, after=begin, until=until))
    one_by_one = [begin]
    while due := next(occurrences(cadence, place, after=one_by_one[-1], until=until), None):
        one_by_one.append(due)

    assert one_by_one[1:] == at_once
    assert at_once == sorted(set(at_once))


def test_the_start_is_excluded_and_the_end_included() -> None:
    ticks = due("0 6 * * *", ZoneInfo("UTC"), "2026-11-01T06:00Z", "2026-11-03T06:00Z")
    assert ticks == ["11-02 06:00", "11-03 06:00"]


def test_three_missed_weeks_are_three_occurrences() -> None:
    assert len(due("0 6 * * MON", VIENNA, "2026-11-02T06:00Z", "2026-11-23T06:00Z")) == 3


def test_zones_off_by_a_quarter_of_an_hour_are_served() -> None:
    ticks = due("0 6 * * MON", ZoneInfo("Asia/Kathmandu"), "2026-11-01T00:00Z", "2026-11-03T00:00Z")
    assert ticks == ["11-02 00:15"]


def test_a_period_is_aware_utc_and_forward() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware UTC"):
        Period(datetime(2026, 11, 1), now)  # noqa: DTZ001
    with pytest.raises(ValueError, match="before it starts"):
        Period(now, now - timedelta(seconds=1))
