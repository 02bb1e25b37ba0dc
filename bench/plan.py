"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`typed`: rows of what takes minutes otherwise; costs are scaled per row."""

    is_quick: bool
    rounds: int
    rows: int
    typed: int
    reports: tuple[int, int]  # guests of the smaller and the larger tenant
    tenants: int
    httpx_tenants: int
    workers: int
    starts: int
    members: tuple[int, ...]  # of the tenants whose costs are counted


FULL = Plan(
    is_quick=False,
    rounds=3,
    rows=1_000_000,
    typed=20_000,
    reports=(100_000, 1_000_000),
    tenants=1_000,
    httpx_tenants=200,
    workers=100,
    starts=15,
    members=(100, 1_000, 10_000),
)
QUICK = Plan(
    is_quick=True,
    rounds=1,
    rows=100_000,
    typed=2_000,
    reports=(2_000, 10_000),
    tenants=100,
    httpx_tenants=50,
    workers=50,
    starts=3,
    members=(100,),
)
