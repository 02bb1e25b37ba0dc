"""Signing keys: fetched when needed, by one caller, and not at the wish of strangers."""

import asyncio

import pytest

from shared_code.core.errors import UpstreamDown
from shared_code.signin.keys import SigningKeys
from tests.signin.conftest import LoopbackEntra


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def keys(entra: LoopbackEntra, seconds: Seconds) -> SigningKeys:
    return SigningKeys(entra.url, seconds)


async def test_a_crowd_of_callers_fetches_once(entra: LoopbackEntra, keys: SigningKeys) -> None:
    entra.delay = 0.05

    found = await asyncio.gather(*(keys.find("k1") for _ in range(50)))

    assert all(found)
    assert entra.fetches == 1


async def test_keys_are_fetched_again_after_an_hour(
    entra: LoopbackEntra, keys: SigningKeys, seconds: Seconds
) -> None:
    await keys.find("k1")
    seconds.now += 3599
    await keys.find("k1")
    assert entra.fetches == 1

    seconds.now += 1
    await keys.find("k1")
    assert entra.fetches == 2


async def test_a_new_key_is_found_and_invented_names_do_not_make_us_ask_for_ever(
    entra: LoopbackEntra, keys: SigningKeys, seconds: Seconds
) -> None:
    await keys.find("k1")
    entra.publish("k2")
    for name in range(20):
        assert await keys.find(f"invented-{name}") is None
    assert entra.fetches == 1

    seconds.now += 60

    assert await keys.find("k2")
    assert entra.fetches == 2


async def test_known_keys_outlive_an_outage_until_their_hour_is_over(
    entra: LoopbackEntra, keys: SigningKeys, seconds: Seconds
) -> None:
    await keys.find("k1")
    entra.is_down = True
    seconds.now += 120
    assert await keys.find("k9") is None
    assert await keys.find("k1")

    seconds.now += 3600
    with pytest.raises(UpstreamDown):
        await keys.find("k1")


async def test_an_outage_at_the_start_is_over_when_it_is_over(
    entra: LoopbackEntra, keys: SigningKeys, seconds: Seconds
) -> None:
    entra.is_down = True
    for _ in range(10):
        with pytest.raises(UpstreamDown):
            await keys.find("k1")
    assert entra.fetches == 1

    entra.is_down = False
    seconds.now += 5

    assert await keys.find("k1")
