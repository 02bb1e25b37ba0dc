"""What is deployed: what it weighs, how it starts against what it was made from, its first PDF."""

import asyncio
import json
import os
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
from dev.azurite import Azurite
from ops.package.build import Built, build
from ops.package.sizes import total, weights
from ops.package.start import search_path
from shared_code.storage.accounts import Accounts

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
        built = build(_ROOT, _SITE, Path(temporary))
        return [*_weights(built), *_starts(built.app, plan), *_first_pdfs(built, plan)]


def _weights(built: Built) -> list[Finding]:
    weighed = weights(built.package, built.owners)
    whole = total(weighed.values())
    apart = total(weights(built.typesetter, built.owners).values())
    return [
        _weight("zipped", whole.zipped, goal=at_most(30, quick=None)),
        _weight("unzipped", whole.unzipped),
        _weight("typesetter zipped", apart.zipped),
        _weight("typesetter unzipped", apart.unzipped),
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


def _first_pdfs(built: Built, plan: Plan) -> list[Finding]:
    """From an emulator of this machine: what unpacking and checking cost, not the network."""
    with Azurite() as emulator:
        asyncio.run(_upload(built.typesetter, emulator.connection_string))
        rounds = [_first_pdf(built, emulator.connection_string) for _ in range(plan.starts)]
    return [
        _seconds("first PDF, typesetter fetched", rounds, "first"),
        _seconds("second PDF", rounds, "second"),
    ]


async def _upload(file: Path, connection: str) -> None:
    async with Accounts.of_connection_string(connection) as accounts:
        await accounts.ensure()
        blobs = accounts.container("typesetter")
        await blobs.upload(file.name, file, media_type="application/zip")


def _first_pdf(built: Built, connection: str) -> Measured:
    os.environ["REPORTS_STORAGE"] = connection
    with TemporaryDirectory() as scratch:
        job = Job(variant="", base_url="http://127.0.0.1:1/v1.0", folder=scratch)
        return _run("bench.variants.first_pdf", [*search_path(built.app), str(_ROOT)], job)


def _seconds(what: str, rounds: Sequence[Measured], moment: str) -> Finding:
    took = tuple(each.between(f"before {moment}", moment).wall for each in rounds)
    return Finding(section=_SECTION, what=what, values=took, unit="s")


def _measured(name: str, path: Sequence[str], job: Job) -> Measured:
    return _run(_VARIANTS[name], path, job)


def _run(module: str, path: Sequence[str], job: Job) -> Measured:
    command = [sys.executable, "-I", "-S", "-c", _RUN, json.dumps(path), module]
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
