"""One big tenant, the whole run: collecting, building, every rendering, filing."""

from collections.abc import Sequence
from tempfile import TemporaryDirectory

from bench.goals import Finding, Goal, OutputsDiffer, at_most
from bench.job import Job
from bench.plan import Plan
from bench.process import Measured, measure
from bench.serving import serving
from bench.stub.options import Options

_SECTION = "whole run"

# The report whose main listing grows fastest with the tenant, and that joins most to it.
_REPORT = "guest-users"
_RUNS = (("ready", "first", "first run"), ("first", "done", "second run"))


def findings(plan: Plan) -> list[Finding]:
    """Raises OutputsDiffer if a run delivers less than everything."""
    smaller, larger = (_produced(_REPORT, guests) for guests in plan.reports)
    return _findings(_REPORT, plan.reports, smaller, larger)


def _produced(report: str, guests: int) -> Measured:
    with serving(_tenant(guests)) as stub, TemporaryDirectory() as folder:
        job = Job(variant=report, base_url=stub.base_url, folder=folder, rows=guests)
        measured = measure("bench.variants.whole", job)
    for outcome in measured.result:
        if outcome["state"] != "delivered":
            raise OutputsDiffer(f"{report} of {guests} guests: {outcome}")
    return measured


def _tenant(guests: int) -> Options:
    return Options(
        listings={
            "guests": (guests, 999),
            "sign-ins": (guests, 500),
            "sponsors": (guests, 999),
            "roleDefinitions": (20, 20),
            "roleAssignments": (40, 40),
        }
    )


def _findings(
    report: str, guests: Sequence[int], smaller: Measured, larger: Measured
) -> list[Finding]:
    found: list[Finding] = []
    for count, measured in zip(guests, (smaller, larger), strict=True):
        name = f"{report}, {count:,} guests"
        for begin, end, words in _RUNS:
            cpu = measured.between(begin, end).cpu
            found.append(_finding(f"CPU, {name}, {words}", cpu, "s"))
        found.append(_finding(f"peak RSS before, {name}", _peak(measured, "ready"), "MB"))
        # A goal for a million guests; fewer only need less.
        goal = at_most(200, quick=None)
        found.append(_finding(f"peak RSS, {name}", _peak(measured, "done"), "MB", goal))
    growth = _peak(larger, "done") / _peak(smaller, "done")
    found.append(_finding(f"peak RSS, {report}, larger / smaller", growth, "x", _flat()))
    return found + _sizes(report, larger)


def _flat() -> Goal:
    return at_most(1.2, quick=1.5)


def _sizes(report: str, measured: Measured) -> list[Finding]:
    sizes: dict[str, int] = measured.result[-1]["sizes"]
    return [_finding(f"{report}, {name}", size / 1e6, "MB") for name, size in sizes.items()]


def _peak(measured: Measured, name: str) -> float:
    return measured.marks[name].peak / 1e6


def _finding(what: str, value: float, unit: str, goal: Goal | None = None) -> Finding:
    return Finding(section=_SECTION, what=what, values=(value,), unit=unit, goal=goal)
