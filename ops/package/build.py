"""Builds the package: chosen, staged, zipped."""

from collections.abc import Mapping
from pathlib import Path

from ops.package.archive import check_machine, stage, write
from ops.package.contents import packages, product


def build(
    root: Path,
    site: Path,
    *,
    folder: Path,
    out: Path,
    without: frozenset[str] = frozenset(),
    level: int = 6,
) -> Mapping[str, str]:
    """Leaves the unpacked package in `folder`; gives whose each file is. Raises PackageError."""
    check_machine()
    entries = [*product(root), *packages(root, site, without=without)]
    stage(entries, folder)
    write(folder, out, level=level)
    return {entry.path.as_posix(): entry.owner for entry in entries}
