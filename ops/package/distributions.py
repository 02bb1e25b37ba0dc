"""The installed packages that production needs: those of requirements.txt, unchanged since."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


class PackageError(Exception):
    """There is no package; the message says what to mend."""


def pinned(requirements: str) -> Mapping[str, str]:
    """Versions by normalized name."""
    return {normal(name): version for name, version in _PIN.findall(requirements)}


def installed(site: Path, pins: Mapping[str, str]) -> Iterator[Distribution]:
    """Raises PackageError naming every package whose version is another, or none."""
    found = {normal(each.name): each for each in distributions(path=[str(site)])}
    wrong = [
        f"{name}: {found[name].version if name in found else 'not installed'}, wanted {version}"
        for name, version in pins.items()
        if name not in found or found[name].version != version
    ]
    if wrong:
        raise PackageError("run `make install`; " + "; ".join(wrong))
    return (found[name] for name in sorted(pins))


def files(distribution: Distribution) -> Iterable[PackagePath]:
    """Raises PackageError when nobody knows which."""
    if distribution.files is None:
        raise PackageError(f"{distribution.name} has no list of its files")
    return distribution.files


def read(file: PackagePath) -> bytes:
    """Raises PackageError if it is not what was installed."""
    content = file.read_binary()
    if file.hash is not None:
        digest = hashlib.new(file.hash.mode, content).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != file.hash.value:
            raise PackageError(f"changed since it was installed: {file}")
    return content


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
