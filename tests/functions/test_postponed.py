"""When a run comes back that could not be produced this time, and when it stops coming back."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from functions.runs import is_given_up, postponed
from shared_code.core.errors import (
    BudgetSpent,
    PageTokenExpired,
    RunHeld,
    Throttled,
    UpstreamDown,
    UpstreamError,
)
from shared_code.core.period import Period
from shared_code.core.run import RunRequest
from tests.functions.house import CONTOSO

NOW = datetime(2026, 1, 5, 5, tzinfo=UTC)


def order(*, attempt: int = 1, waits: int = 0) -> RunRequest:
    fresh = RunRequest.due(CONTOSO, "guest-users", Period(NOW - timedelta(days=7), NOW))
    return replace(fresh, attempt=attempt, waits=waits)


HALF_A_MINUTE = timedelta(seconds=30)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("error", "attempt", "delay", "counts_as_failure"),
    [
        (RunHeld(NOW + timedelta(minutes=3)), 1, timedelta(minutes=3, seconds=1), False),
        (RunHeld(NOW - timedelta(minutes=3)), 1, timedelta(seconds=1), False),
        (Throttled("429", retry_after=300), 1, timedelta(minutes=5), False),
        (Throttled("429", retry_after=300), 9, timedelta(minutes=5), False),
        (Throttled("429"), 1, HALF_A_MINUTE, False),
        (Throttled("429", retry_after=0), 1, HALF_A_MINUTE, False),
        (BudgetSpent("time", retry_after=0), 5, timedelta(), False),
        (UpstreamDown("503"), 1, HALF_A_MINUTE, True),
        (UpstreamDown("503"), 2, HALF_A_MINUTE * 2, True),
        (UpstreamDown("503"), 7, HALF_A_MINUTE * 64, True),
        (UpstreamDown("503"), 8, HOUR, True),
        (UpstreamDown("503"), 10**6, HOUR, True),
        (UpstreamDown("503", retry_after=20), 1, HALF_A_MINUTE, True),
        (UpstreamDown("503", retry_after=7200), 1, HOUR * 2, True),
        (PageTokenExpired("gone"), 1, HALF_A_MINUTE, True),
    ],
)
def test_when_a_run_comes_back(
    error: RunHeld | UpstreamError, attempt: int, delay: timedelta, *, counts_as_failure: bool
) -> None:
    again, wait = postponed(order(attempt=attempt), error, now=NOW)

    assert wait == delay
    assert again.attempt == attempt + counts_as_failure
    assert again.waits == (not counts_as_failure)
    assert again.run_id == order().run_id


DOWN, THROTTLED = UpstreamDown("503"), Throttled("429", retry_after=60)


def test_a_run_does_not_try_for_ever() -> None:
    assert not is_given_up(order(attempt=12), DOWN)
    assert is_given_up(order(attempt=13), DOWN)
    assert not is_given_up(order(waits=499), THROTTLED)
    assert is_given_up(order(waits=500), THROTTLED)
    assert is_given_up(order(waits=500), BudgetSpent("time", retry_after=0))


def test_who_failed_often_may_still_be_throttled_and_the_other_way_round() -> None:
    assert not is_given_up(order(attempt=13), THROTTLED)
    assert not is_given_up(order(attempt=13), BudgetSpent("time", retry_after=0))
    assert not is_given_up(order(waits=500), DOWN)


def test_all_attempts_together_outlast_an_outage_of_six_hours() -> None:
    current, waited = order(), timedelta()
    while not is_given_up(current, DOWN):
        current, wait = postponed(current, DOWN, now=NOW)
        waited += wait

    assert waited > timedelta(hours=6)
