"""python -m ops.package: builds the zip that is deployed, and says what it weighs."""

import argparse
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.package.archive import check_machine, stage, write
from ops.package.contents import PDF_ONLY, packages, product
from ops.package.distributions import PackageError
from ops.package.sizes import table, total, weights
from ops.package.start import import_times, search_path

ROOT = Path(__file__).parents[2]
_MOST = 10
_ROUNDS = 5
_GOAL = 30e6


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.package", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "package.zip")
    parser.add_argument("--without-pdf", action="store_true", help="smaller, and renders no PDF")
    parser.add_argument("--no-start", action="store_true", help="do not measure the start")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    try:
        check_machine()
        site = Path(sysconfig.get_path("platlib"))
        without = PDF_ONLY if arguments.without_pdf else frozenset[str]()
        entries = [*product(ROOT), *packages(ROOT, site, without=without)]
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            stage(entries, folder)
            write(folder, arguments.out)
            owners = {entry.path.as_posix(): entry.owner for entry in entries}
            weighed = weights(arguments.out, owners)
            print(table(weighed, _MOST))
            size = total(weighed.values()).zipped
            print(f"{arguments.out}: {size / 1e6:.1f} MB, goal {_GOAL / 1e6:.0f} MB")
            if not arguments.no_start:
                ours, theirs = import_times([search_path(folder), [str(ROOT), str(site)]], _ROUNDS)
                print(
                    f"import of function_app: {ours:.3f} s, {theirs:.3f} s from what is installed, "
                    f"ratio {ours / theirs:.2f}"
                )
    except PackageError as error:
        print(f"no package: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
