"""Many tenants: how close to the shortest schedule there is, and what a request costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.goals import Finding, Goal, at_least, at_most, compared
from bench.job import Job
from bench.plan import Plan
from bench.process import Measured, measure
from bench.serving import serving
from bench.stub.options import Counts, Options
from bench.stub.people import SHAPES
from bench.variants.crowd import LIMITED_PAGES, REQUESTS

OURS, HTTPX, TRYING = "ours", "httpx, our pacing", "ours, trying and getting 429"
_SECTION = "tenants"
_LATENCY = 0.1
_SPACING = 1.0
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Crowd:
    """One pass over all tenants. `counts`: what the stub saw."""

    tenants: int
    workers: int
    measured: Measured
    counts: Counts

    @property
    def excess(self) -> float:
        """Wall time over that of the shortest schedule."""
        return self.measured.work.wall / _ideal(self.tenants, self.workers)

    @property
    def cpu(self) -> float:
        """Milliseconds per request."""
        return self.measured.work.cpu * 1000 / (self.counts.pages + self.counts.tokens)


def _ideal(tenants: int, workers: int) -> float:
    """Token and requests one after the other; the last of the limited listing may not come earlier."""
    one = (1 + REQUESTS) * _LATENCY + (LIMITED_PAGES - 1) * (_SPACING - _LATENCY)
    return one * -(-tenants // workers)


def _options() -> Options:
    one_page = dict.fromkeys(SHAPES, (_ROWS, _ROWS))
    return Options(
        listings=one_page | {"limited": (_ROWS * LIMITED_PAGES, _ROWS)},
        latency=_LATENCY,
        spacing=_SPACING,
    )


def _pass(variant: str, plan: Plan, tenants: int, *, spacing: float = _SPACING) -> Crowd:
    with serving(_options()) as stub:
        job = Job(
            variant=variant,
            base_url=stub.base_url,
            tenants=tenants,
            workers=plan.workers,
            spacing=spacing,
        )
        measured = measure("bench.variants.crowd", job)
        return Crowd(tenants, plan.workers, measured, stub.counts())


def findings(plan: Plan) -> list[Finding]:
    """Raises OutputsDiffer before there is a number."""
    passes = {
        OURS: [_pass("ours", plan, plan.tenants) for _ in range(plan.rounds)],
        HTTPX: [_pass("httpx", plan, plan.httpx_tenants)],
        TRYING: [_pass("ours", plan, plan.httpx_tenants, spacing=0.0)],
    }
    every = [(name, each) for name, crowds in passes.items() for each in crowds]
    rows = [each.measured.result["rows"] / each.tenants for _, each in every]
    compared([name for name, _ in every], rows)
    ratios = tuple(passes[HTTPX][0].cpu / ours.cpu for ours in passes[OURS])
    found = [each for name, crowds in passes.items() for each in _of(name, crowds)]
    goal = at_least(3, quick=2)
    return [*found, _finding("CPU per request, httpx / ours", ratios, goal=goal)]


def _of(name: str, crowds: Sequence[Crowd]) -> list[Finding]:
    is_ours = name == OURS
    near, none = at_most(1.2, quick=1.35), at_most(0, quick=None)
    excess = tuple(each.excess for each in crowds)
    refused = tuple(each.counts.refused for each in crowds)
    return [
        _finding(f"wall / ideal, {name}", excess, goal=near if is_ours else None),
        _finding(f"answers of 429, {name}", refused, "", none if is_ours else None),
        _finding(f"CPU per request, {name}", tuple(each.cpu for each in crowds), "ms"),
    ]


def _finding(
    what: str, values: tuple[float, ...], unit: str = "x", goal: Goal | None = None
) -> Finding:
    return Finding(section=_SECTION, what=what, values=values, unit=unit, goal=goal)
