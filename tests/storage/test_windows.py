"""A window shared by all processes: never more requests in it than allowed."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from shared_code.storage.accounts import Accounts
from shared_code.storage.windows import SharedWindow
from tests.fakes import FakeClock
from tests.storage.retrying import Retrying


@pytest.fixture
def windows(accounts: Accounts, clock: FakeClock) -> list[SharedWindow]:
    """Of several processes."""
    return [SharedWindow(accounts.table("limits"), clock) for _ in range(12)]


@pytest.fixture
def key() -> str:
    return f"sign-ins/{uuid4()}"


async def test_of_many_at_once_only_so_many_get_a_slot(
    windows: list[SharedWindow], key: str
) -> None:
    waits = await asyncio.gather(*(w.take(key, requests=5, seconds=60) for w in windows))

    assert waits.count(0) == 5
    assert sorted(waits)[5:] == [60] * 7


async def test_a_slot_is_free_again_after_the_wait(
    windows: list[SharedWindow], key: str, clock: FakeClock
) -> None:
    window = windows[0]
    assert await window.take(key, requests=2, seconds=10) == 0
    clock.advance(timedelta(seconds=4))
    assert await window.take(key, requests=2, seconds=10) == 0

    wait = await window.take(key, requests=2, seconds=10)
    assert wait == pytest.approx(6)
    clock.advance(timedelta(seconds=wait))

    assert await window.take(key, requests=2, seconds=10) == 0
    assert await window.take(key, requests=2, seconds=10) == pytest.approx(4)


async def test_lost_answers_waste_slots_and_never_give_too_many(
    accounts: Accounts, clock: FakeClock, key: str
) -> None:
    window = SharedWindow(Retrying(accounts.table("limits")), clock)

    waits = [await window.take(key, requests=3, seconds=60) for _ in range(4)]

    assert waits.count(0) <= 3


async def test_keys_do_not_share_a_window(windows: list[SharedWindow], key: str) -> None:
    assert await windows[0].take(key, requests=1, seconds=60) == 0
    assert await windows[0].take(f"{key}-2", requests=1, seconds=60) == 0
