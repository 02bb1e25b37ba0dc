"""The installed packages that production needs: those of requirements.txt, unchanged since."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path

# Azure runs Python 3.13 on Debian 12. Python 3.11 is on Debian 11: there, a wheel made for glibc 2.34
# stopped apps from starting (Azure/azure-functions-python-worker#1651).
_GLIBC = 36
_WHEEL = re.compile(r"^Tag: [^-]+-[^-]+-(\S+)$", re.MULTILINE)
_MADE_FOR = re.compile(r"any|manylinux(?:1|2010|2014|_2_(\d+))_x86_64")

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


def check_platform(distribution: Distribution) -> None:
    """Raises PackageError for a wheel that Azure cannot load."""
    tags = _WHEEL.findall(distribution.read_text("WHEEL") or "")
    made_for = [_MADE_FOR.fullmatch(tag) for tag in tags]
    if not any(found and int(found[1] or 0) <= _GLIBC for found in made_for):
        raise PackageError(
            f"{distribution.name} was installed for {', '.join(tags) or 'nobody knows what'}: "
            f"Azure loads manylinux wheels for x86_64 and glibc 2.{_GLIBC} or older"
        )


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
