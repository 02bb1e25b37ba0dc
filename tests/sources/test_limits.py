"""Limits are kept before Graph has to say so, in order of arrival and in bounded memory."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_code.core.errors import Throttled
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.limits import Limiter, LocalWindow
from tests.sources.stage import CONTOSO, FABRIKAM, Timeline, workload


def most_in_any_window(instants: list[float], seconds: float) -> int:
    return max(sum(t <= u < t + seconds for u in instants) for t in instants)


def limiter_on(time: Timeline, *, patience: float = 20.0) -> Limiter:
    return Limiter(clock=time.monotonic, sleep=time.sleep, patience=patience)


@given(
    gaps=st.lists(st.floats(0, 4), min_size=1, max_size=60),
    requests=st.integers(1, 5),
    seconds=st.sampled_from([1.0, 10.0]),
)
def test_no_window_ever_holds_more_than_allowed(
    gaps: list[float], requests: int, seconds: float
) -> None:
    time = Timeline()
    limiter = limiter_on(time, patience=60)
    class_ = workload("w", (requests, seconds), (2 * requests, 3 * seconds))

    async def run() -> list[float]:
        instants: list[float] = []
        for gap in gaps:
            time.pass_by(gap)
            await limiter.slot(CONTOSO, class_)
            instants.append(time.monotonic())
        return instants

    instants = asyncio.run(run())
    # A little longer than the limit says: requests may travel for unequal times.
    assert most_in_any_window(instants, seconds * 1.05) <= requests
    assert most_in_any_window(instants, 3 * seconds * 1.02) <= 2 * requests


async def test_tenants_do_not_wait_for_each_other() -> None:
    time = Timeline()
    limiter = limiter_on(time)
    for tenant in (CONTOSO, FABRIKAM):
        await limiter.slot(tenant, workload("w", (1, 10)))
    assert time.slept == []


async def test_classes_do_not_wait_for_each_other() -> None:
    time = Timeline()
    limiter = limiter_on(time)
    for name in "ab":
        await limiter.slot(CONTOSO, workload(name, (1, 10)))
    assert time.slept == []


async def test_first_come_first_served() -> None:
    time = Timeline()
    limiter = limiter_on(time)
    served: list[int] = []

    async def one(number: int) -> None:
        await limiter.slot(CONTOSO, workload("w", (1, 1)))
        served.append(number)

    await asyncio.gather(*(one(n) for n in range(12)))
    assert served == list(range(12))


async def test_who_would_wait_too_long_is_told_when_to_come_back_and_takes_no_slot() -> None:
    time = Timeline()
    limiter = limiter_on(time)
    slow = workload("w", (1, 60))
    await limiter.slot(CONTOSO, slow)
    for _ in range(3):
        with pytest.raises(Throttled) as caught:
            await limiter.slot(CONTOSO, slow)
        assert caught.value.retry_after == pytest.approx(61)
    time.pass_by(61)
    await limiter.slot(CONTOSO, slow)
    assert time.slept == []


async def test_nobody_queues_beyond_their_patience() -> None:
    limiter = Limiter(patience=0.5)
    slots = (limiter.slot(CONTOSO, workload("w", (1, 0.2))) for _ in range(9))
    async with asyncio.timeout(1):
        results = await asyncio.gather(*slots, return_exceptions=True)
    assert [result is None for result in results] == [True, True, True] + [False] * 6


async def test_a_limit_over_all_tenants_counts_all_tenants() -> None:
    time = Timeline()
    limiter = limiter_on(time)
    everywhere = workload("sign-ins", (10, 60), everywhere=[(10, 60)])
    for number in range(10):
        await limiter.slot(TenantId(str(number)), everywhere)
    with pytest.raises(Throttled) as caught:
        await limiter.slot(CONTOSO, everywhere)
    assert caught.value.retry_after == pytest.approx(61)


async def test_a_limit_over_all_tenants_counts_all_workers() -> None:
    time = Timeline()
    window = LocalWindow(clock=time.monotonic)
    everywhere = workload("sign-ins", everywhere=[(2, 60)])
    workers = [Limiter(shared=window, clock=time.monotonic, sleep=time.sleep) for _ in range(3)]
    await workers[0].slot(CONTOSO, everywhere)
    await workers[1].slot(FABRIKAM, everywhere)
    with pytest.raises(Throttled):
        await workers[2].slot(CONTOSO, everywhere)


async def test_those_sent_away_are_told_different_times() -> None:
    """200 tenants told the same instant would all be sent away again but for ten."""
    time = Timeline()
    limiter = limiter_on(time)
    everywhere = workload("sign-ins", everywhere=[(10, 60)])
    for number in range(10):
        await limiter.slot(TenantId(str(number)), everywhere)
    slots = (limiter.slot(TenantId(f"more-{n}"), everywhere) for n in range(190))
    results = await asyncio.gather(*slots, return_exceptions=True)
    waits = [r.retry_after for r in results if isinstance(r, Throttled) and r.retry_after]
    assert len(waits) == 190
    assert most_in_any_window(waits, 59.9) <= 10
    time.pass_by(max(waits))
    await limiter.slot(CONTOSO, everywhere)


async def test_a_tenant_at_its_own_limit_does_not_hold_up_the_others() -> None:
    time = Timeline()
    limiter = limiter_on(time)
    both = workload("audits", (1, 15), everywhere=[(100, 15)])
    await limiter.slot(CONTOSO, both)
    held = asyncio.create_task(limiter.slot(CONTOSO, both))
    await limiter.slot(FABRIKAM, both)
    assert time.monotonic() == 0
    await held


async def test_a_pause_holds_the_class_of_the_tenant_and_over_all_tenants_if_it_is_counted_so() -> (
    None
):
    time = Timeline()
    limiter = limiter_on(time)
    limiter.pause(CONTOSO, workload("own", (9, 1)), 15)
    await limiter.slot(FABRIKAM, workload("own", (9, 1)))
    assert time.slept == []
    await limiter.slot(CONTOSO, workload("own", (9, 1)))
    assert time.slept == [15]
    everywhere = workload("everywhere", everywhere=[(9, 1)])
    limiter.pause(CONTOSO, everywhere, 600)
    with pytest.raises(Throttled):
        await limiter.slot(FABRIKAM, everywhere)


async def test_idle_tenants_are_forgotten() -> None:
    time = Timeline()
    limiter = limiter_on(time)
    for number in range(1000):
        await limiter.slot(TenantId(str(number)), workload("w", (5, 10)))
        time.pass_by(1)
    assert len(limiter._tenants) < 15


async def test_a_caller_that_gives_up_while_waiting_lets_the_next_one_in() -> None:
    limiter = Limiter()
    slow = workload("w", (1, 0.2))
    await limiter.slot(CONTOSO, slow)
    impatient = asyncio.create_task(limiter.slot(CONTOSO, slow))
    patient = asyncio.create_task(limiter.slot(CONTOSO, slow))
    await asyncio.sleep(0.01)
    impatient.cancel()
    await asyncio.wait_for(patient, 1)
