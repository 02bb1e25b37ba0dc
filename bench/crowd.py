"""Many tenants: how close to the shortest schedule there is, and what a request costs."""

from dataclasses import dataclass

from bench.goals import Finding, at_least, at_most, compared
from bench.job import Job
from bench.plan import Plan
from bench.process import Measured, measure
from bench.serving import serving
from bench.stub.options import Counts, Options
from bench.stub.people import SHAPES
from bench.variants.crowd import LIMITED_PAGES, REQUESTS

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
    ours = _pass("ours", plan, plan.tenants)
    httpx = _pass("httpx", plan, plan.httpx_tenants)
    trying = _pass("ours", plan, plan.httpx_tenants, spacing=0.0)
    passes = (ours, httpx, trying)
    names = ("ours", "httpx, our pacing", "ours, trying and getting 429")
    compared(names, [each.measured.result["rows"] / each.tenants for each in passes])
    found = [each for name, crowd in zip(names, passes, strict=True) for each in _of(name, crowd)]
    ratio = httpx.cpu / ours.cpu
    return [*found, _finding("CPU per request, httpx / ours", ratio, goal=at_least(3, quick=2))]


def _of(name: str, crowd: Crowd) -> list[Finding]:
    is_ours = name == "ours"
    near, none = at_most(1.2, quick=1.35), at_most(0, quick=0)
    return [
        _finding(f"wall / ideal, {name}", crowd.excess, goal=near if is_ours else None),
        _finding(f"answers of 429, {name}", crowd.counts.refused, "", none if is_ours else None),
        _finding(f"CPU per request, {name}", crowd.cpu, "ms"),
    ]


def _finding(what: str, value: float, unit: str = "x", goal: object = None) -> Finding:
    return Finding(section=_SECTION, what=what, values=(value,), unit=unit, goal=goal)  # pyright: ignore[reportArgumentType]
