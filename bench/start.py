"""From the start of the interpreter to the first collected row."""

from bench.goals import Finding, at_most, compared
from bench.job import Job
from bench.plan import Plan
from bench.process import Measured, alternated, measure
from bench.serving import serving
from bench.stub.options import Options

_SECTION = "start"
_LATENCY = 0.1
_OURS, _SDK = "ours", "sdk typed"
_MODULES = {_OURS: "bench.variants.start_ours", _SDK: "bench.variants.start_sdk"}


def findings(plan: Plan) -> list[Finding]:
    """Raises OutputsDiffer before there is a number."""
    with serving(Options(listings={"guests": (20, 20)}, latency=_LATENCY)) as stub:
        job = Job(variant="", base_url=stub.base_url)
        for module in _MODULES.values():
            measure(module, job)  # compiles what was never imported before
        rounds = [
            {name: measure(_MODULES[name], job) for name in names}
            for names in alternated((_OURS, _SDK), plan.starts)
        ]
    first = [each[name].result["row"] for each in rounds for name in _MODULES]
    compared([name for _ in rounds for name in _MODULES], first)
    return _findings(rounds)


def _findings(rounds: list[dict[str, Measured]]) -> list[Finding]:
    ratios = tuple(_wall(each[_OURS]) / _wall(each[_SDK]) for each in rounds)
    goal = at_most(0.35, quick=0.5)
    found = [
        Finding(section=_SECTION, what="first row, ours / sdk typed", values=ratios, goal=goal)
    ]
    for name in _MODULES:
        walls = tuple(_wall(each[name]) for each in rounds)
        imports = tuple(each[name].result["import"] for each in rounds)
        found += [
            Finding(section=_SECTION, what=f"first row, {name}", values=walls, unit="s"),
            Finding(section=_SECTION, what=f"imports, {name}", values=imports, unit="s"),
        ]
    return found


def _wall(measured: Measured) -> float:
    return measured.marks["row"].wall
