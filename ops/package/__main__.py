"""python -m ops.package: builds the zip that is deployed, and says what it weighs."""

import argparse
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.package.build import build
from ops.package.contents import PDF_ONLY
from ops.package.distributions import PackageError
from ops.package.sizes import table, total, weights
from ops.package.start import import_times, search_path

ROOT = Path(__file__).parents[2]
_MOST = 10
_ROUNDS = 5
_GOAL = 30e6  # bytes


def main() -> int:
    arguments = _arguments()
    without = PDF_ONLY if arguments.without_pdf else frozenset[str]()
    site = Path(sysconfig.get_path("platlib"))
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            owners = build(ROOT, site, folder=folder, out=arguments.out, without=without)
        except PackageError as error:
            print(f"no package: {error}", file=sys.stderr)
            return 1
        print(_size(arguments.out, owners))
        if not arguments.no_start:
            print(_start(folder, site))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.package", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "package.zip")
    parser.add_argument("--without-pdf", action="store_true", help="smaller, and renders no PDF")
    parser.add_argument("--no-start", action="store_true", help="do not measure the start")
    return parser.parse_args()


def _size(archive: Path, owners: Mapping[str, str]) -> str:
    weighed = weights(archive, owners)
    zipped = total(weighed.values()).zipped
    verdict = "met" if zipped < _GOAL else "missed"
    return (
        f"{table(weighed, _MOST)}\n\n"
        f"{archive}: {zipped / 1e6:.1f} MB; goal: less than {_GOAL / 1e6:.0f} MB, {verdict}"
    )


def _start(folder: Path, site: Path) -> str:
    ours, theirs = import_times([search_path(folder), [str(ROOT), str(site)]], _ROUNDS)
    return (
        f"import of function_app: {ours:.2f} s, from what is installed {theirs:.2f} s, "
        f"ratio {ours / theirs:.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
