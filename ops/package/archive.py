"""From entries to a zip: compiled, stripped, in one order and of one time, so that it is repeatable."""

import platform
import py_compile
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import cache_from_source
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ops.package.contents import Entry
from ops.package.distributions import PackageError

_TAG = "cpython-313"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o644
_UNIX = 3
_BATCH = 100


def check_machine() -> None:
    """Raises PackageError: what is installed here is what will run there."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise PackageError("build it on Linux x86_64: Azure gets the wheels installed here")
    if sys.implementation.cache_tag != _TAG:
        raise PackageError("build it with Python 3.13, which runs it")
    if shutil.which("strip") is None:
        raise PackageError("strip is missing: install Debian's binutils")


def stage(entries: Iterable[Entry], folder: Path) -> None:
    """Writes the files below an empty folder, compiles modules and strips binaries."""
    for entry in entries:
        file = folder / entry.path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as out:
            out.write(entry.content)
    modules = sorted(folder.rglob("*.py"))
    batches = [modules[begin : begin + _BATCH] for begin in range(0, len(modules), _BATCH)]
    with ProcessPoolExecutor() as pool:
        list(pool.map(_compiled, batches, [folder] * len(batches)))
    for binary in sorted(folder.rglob("*.so")):
        subprocess.run(["strip", "--strip-all", binary], check=True)  # noqa: S603, S607


def _compiled(modules: Sequence[Path], folder: Path) -> None:
    """Unchecked: nobody edits a deployed file, and so nobody needs to look whether somebody did."""
    for module in modules:
        py_compile.compile(
            str(module),
            cfile=cache_from_source(str(module)),
            dfile=module.relative_to(folder).as_posix(),
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


def write(folder: Path, out: Path, *, level: int = 6) -> None:
    """Level 9 takes twice as long and saves 0.3 %."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f"{out.name}.part")
    with ZipFile(part, "w", ZIP_DEFLATED, compresslevel=level) as archive:
        for path, file in sorted((f.relative_to(folder).as_posix(), f) for f in _files(folder)):
            info = ZipInfo(path, _EPOCH)
            info.create_system = _UNIX
            info.external_attr = _MODE << 16
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())
    part.replace(out)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
