"""python -m ops.package: builds the zips that are deployed, and says what they weigh."""

import argparse
import sys
import sysconfig
from pathlib import Path

from ops.package.build import Built, build
from ops.package.distributions import PackageError
from ops.package.sizes import table, total, weights
from ops.package.start import import_times, search_path

ROOT = Path(__file__).parents[2]
_MOST = 10
_ROUNDS = 5
_GOAL = 30e6  # bytes


def main() -> int:
    arguments = _arguments()
    site = Path(sysconfig.get_path("platlib"))
    try:
        built = build(ROOT, site, ROOT / "dist")
    except PackageError as error:
        print(f"no package: {error}", file=sys.stderr)
        return 1
    print(_size(built))
    if not arguments.no_start:
        print(_start(built.app, site))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.package", description=__doc__)
    parser.add_argument("--no-start", action="store_true", help="do not measure the start")
    return parser.parse_args()


def _size(built: Built) -> str:
    weighed = weights(built.package, built.owners)
    zipped = total(weighed.values()).zipped
    verdict = "met" if zipped < _GOAL else "missed"
    return (
        f"{table(weighed, _MOST)}\n\n"
        f"{built.package}: {zipped / 1e6:.1f} MB; goal: less than {_GOAL / 1e6:.0f} MB, {verdict}\n"
        f"{built.typesetter}: {built.typesetter.stat().st_size / 1e6:.1f} MB"
    )


def _start(folder: Path, site: Path) -> str:
    ours, theirs = import_times([search_path(folder), [str(ROOT), str(site)]], _ROUNDS)
    return (
        f"import of function_app: {ours:.2f} s, from what is installed {theirs:.2f} s, "
        f"ratio {ours / theirs:.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
