"""`python -m bench [--quick] [SECTION ...]`: measures, prints one table, fails where a goal is missed."""

import argparse
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench import collecting, costs, crowd, faults, package, start, whole
from bench.goals import Finding, OutputsDiffer, table
from bench.plan import FULL, QUICK, Plan
from bench.process import ChildFailed
from bench.serving import StubTooSlow
from ops.package.distributions import PackageError

_GOAL_MISSED, _NO_NUMBERS = 1, 2
_RESULTS = Path(__file__).parent / "results"
_SECTIONS = {
    "collect": collecting.findings,
    "faults": faults.findings,
    "whole": whole.findings,
    "tenants": crowd.findings,
    "start": start.findings,
    "package": package.findings,
    "costs": costs.findings,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(_SECTIONS))
    parser.add_argument("--quick", action="store_true", help="small inputs, judged with slack")
    chosen = parser.parse_args()
    plan = QUICK if chosen.quick else FULL
    found: list[Finding] = []
    for name in chosen.sections or _SECTIONS:
        try:
            found += _measured(name, plan)
        except (ChildFailed, OutputsDiffer, PackageError, StubTooSlow) as error:
            print(f"no numbers for {name}: {type(error).__name__}: {error}", file=sys.stderr)
            _report(found, plan)
            return _NO_NUMBERS
    return _report(found, plan)


def _report(found: list[Finding], plan: Plan) -> int:
    print(table(found, is_quick=plan.is_quick))
    if not plan.is_quick:
        _save(found)
    return 0 if all(f.is_good(is_quick=plan.is_quick) for f in found) else _GOAL_MISSED


def _measured(section: str, plan: Plan) -> list[Finding]:
    print(f"measuring: {section}", file=sys.stderr, flush=True)
    return _SECTIONS[section](plan)


def _save(found: list[Finding]) -> None:
    _RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    result = {"at": at, "on": machine, "findings": found}
    file = _RESULTS / f"{at:%Y%m%dT%H%M%SZ}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    print(f"saved: {file.relative_to(Path.cwd())}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
