"""The package that is deployed: what it weighs, and how it starts against what it was made from."""

import json
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.goals import Finding, Goal, at_most, compared
from bench.job import Job
from bench.plan import Plan
from bench.process import Measured, alternated, measure_program
from bench.serving import serving
from bench.stub.options import Options
from ops.package.build import build
from ops.package.contents import PDF_ONLY
from ops.package.sizes import Weight, total, weights
from ops.package.start import search_path

_SECTION = "package"
_ROOT = Path(__file__).parents[1]
_SITE = Path(sysconfig.get_path("platlib"))
_LATENCY = 0.1
_MOST = 10
_PACKAGE, _INSTALLED, _SDK = "package", "installed", "sdk typed"
_VARIANTS = {
    _PACKAGE: "bench.variants.start_ours",
    _INSTALLED: "bench.variants.start_ours",
    _SDK: "bench.variants.start_sdk",
}
_RUN = """
import json, runpy, sys
sys.path[:0] = json.loads(sys.argv.pop(1))
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""


def findings(plan: Plan) -> list[Finding]:
    """Raises PackageError or OutputsDiffer before there is a number."""
    with TemporaryDirectory() as temporary:
        folder, out = Path(temporary, "package"), Path(temporary, "package.zip")
        weighed = weights(out, build(_ROOT, _SITE, folder=folder, out=out))
        return [*_weights(weighed), *_starts(folder, plan)]


def _weights(weighed: Mapping[str, Weight]) -> list[Finding]:
    without_pdf = [weight for owner, weight in weighed.items() if owner not in PDF_ONLY]
    whole, lean = total(weighed.values()), total(without_pdf)
    goal = at_most(30, quick=None)
    return [
        _weight("zipped", whole.zipped, goal=goal),
        _weight("zipped, without PDF", lean.zipped, goal=goal),
        _weight("unzipped", whole.unzipped),
        *(
            _weight(f"zipped, {owner}", weight.zipped)
            for owner, weight in list(weighed.items())[:_MOST]
        ),
    ]


def _weight(what: str, count: int, goal: Goal | None = None) -> Finding:
    return Finding(section=_SECTION, what=what, values=(count / 1e6,), unit="MB", goal=goal)


def _starts(folder: Path, plan: Plan) -> list[Finding]:
    installed = [str(_ROOT), str(_SITE)]
    paths = {
        # The repository comes last: nothing but the measuring itself is found there.
        _PACKAGE: [*search_path(folder), str(_ROOT)],
        _INSTALLED: installed,
        _SDK: installed,
    }
    with serving(Options(listings={"guests": (20, 20)}, latency=_LATENCY)) as stub:
        job = Job(variant="", base_url=stub.base_url)
        for name in _VARIANTS:
            _measured(name, paths[name], job)  # compiles what was never imported before
        rounds = [
            {name: _measured(name, paths[name], job) for name in names}
            for names in alternated(list(_VARIANTS), plan.starts)
        ]
    rows = [(name, each[name].result["row"]) for each in rounds for name in _VARIANTS]
    compared([name for name, _ in rows], [row for _, row in rows])
    return [
        _ratio("first row, package / sdk typed", rounds, _SDK, 0.35),
        _ratio("first row, package / installed", rounds, _INSTALLED, 1),
        Finding(
            section=_SECTION,
            what="imports, package / installed",
            values=tuple(_imports(each, _PACKAGE) / _imports(each, _INSTALLED) for each in rounds),
        ),
    ]


def _measured(name: str, path: Sequence[str], job: Job) -> Measured:
    command = [sys.executable, "-I", "-S", "-c", _RUN, json.dumps(path), _VARIANTS[name]]
    return measure_program(command, job)


def _ratio(
    what: str, rounds: Sequence[Mapping[str, Measured]], other: str, limit: float
) -> Finding:
    return Finding(
        section=_SECTION,
        what=what,
        values=tuple(_first_row(each[_PACKAGE]) / _first_row(each[other]) for each in rounds),
        goal=at_most(limit, quick=1.5 * limit),
    )


def _first_row(measured: Measured) -> float:
    return measured.marks["row"].wall


def _imports(measured: Mapping[str, Measured], name: str) -> float:
    return measured[name].result["import"]
