"""What is deployed: the product's files and of each package what production uses; the typesetter."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackagePath
from pathlib import Path, PurePosixPath

from ops.package.distributions import (
    PackageError,
    check_platform,
    files,
    installed,
    pinned,
    read,
)
from ops.package.graph_sdk import used_files, uses

PRODUCT = "the product"
PACKAGES = PurePosixPath(".python_packages/lib/site-packages")

# Two thirds of everything, and only PDFs need it: fetched by the first one, not by every start.
TYPESETTER = frozenset({"typst", "fontpkg", "fontpkg-noto-sans"})

_FILES = ("function_app.py", "host.json", "requirements.txt")
_FOLDERS = ("functions", "shared_code")
_SECRETS = re.compile(r"local\.settings\.json|\.env|.*\.(key|pem|pfx|p12)", re.IGNORECASE)

# Languages of reports, and what Babel looks up behind them.
_LOCALES = frozenset({"root", "de", "de_AT", "de_CH", "de_DE", "en", "en_001", "en_GB"})
_LOCALE_DATA = PurePosixPath("babel/locale-data")

_SOURCES_OF_BINARIES = frozenset({".c", ".h", ".hash", ".pxd", ".pxi", ".pyi", ".pyx"})
_OF_TYPES = frozenset({"py.typed"})
_OF_INSTALLERS = frozenset(
    {"INSTALLER", "RECORD", "REQUESTED", "WHEEL", "direct_url.json", "top_level.txt"}
)
_OF_TESTS = frozenset({"test", "tests"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: whose it is, where it goes, what it says."""

    owner: str
    path: PurePosixPath
    content: bytes


def product(root: Path) -> Iterator[Entry]:
    """Raises PackageError where something lies that must not leave the machine."""
    found = [root / name for name in _FILES]
    found += (path for name in _FOLDERS for path in (root / name).rglob("*") if path.is_file())
    for file in found:
        path = PurePosixPath(file.relative_to(root).as_posix())
        if _SECRETS.fullmatch(path.name):
            raise PackageError(f"looks like a secret: {path}")
        if not _is_hidden(path):
            yield Entry(PRODUCT, path, file.read_bytes())


def _is_hidden(path: PurePosixPath) -> bool:
    return "__pycache__" in path.parts or any(part.startswith(".") for part in path.parts)


def packages(root: Path, site: Path) -> Iterator[Entry]:
    """All but the typesetter. Raises PackageError unless `site` holds what requirements.txt pins,
    unchanged and made for Azure."""
    pins = {name: pin for name, pin in _pins(root).items() if name not in TYPESETTER}
    sdk = used_files(site, uses(e.content for e in product(root) if e.path.suffix == ".py"))
    for distribution in installed(site, pins):
        for entry in _of(distribution):
            if entry.path.parts[0] != "msgraph" or entry.path.as_posix() in sdk:
                yield Entry(entry.owner, PACKAGES / entry.path, entry.content)


def typesetter(root: Path, site: Path) -> Iterator[Entry]:
    """Raises PackageError as `packages` does."""
    pins = {name: pin for name, pin in _pins(root).items() if name in TYPESETTER}
    for distribution in installed(site, pins):
        yield from _of(distribution)


def _pins(root: Path) -> Mapping[str, str]:
    return pinned((root / "requirements.txt").read_text("utf-8"))


def _of(distribution: Distribution) -> Iterator[Entry]:
    check_platform(distribution)
    for file in files(distribution):
        if _is_needed(file):
            yield Entry(distribution.name, PurePosixPath(file), read(file))


def _is_needed(file: PackagePath) -> bool:
    if ".." in file.parts or file.suffix == ".pyc" or file.suffix in _SOURCES_OF_BINARIES:
        return False
    if file.parent == _LOCALE_DATA:
        return file.stem in _LOCALES or file.suffix != ".dat"
    if file.parts[0].endswith(".dist-info"):
        # What importlib.metadata answers from, and the licences, which go with every copy.
        return file.name not in _OF_INSTALLERS and "sboms" not in file.parts
    return file.name not in _OF_TYPES and not _OF_TESTS & set(file.parts[:-1])
