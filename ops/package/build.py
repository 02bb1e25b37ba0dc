"""Builds what is deployed: chosen, staged, zipped; the app's package says which typesetter it wants, and which
release it is."""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from ops.package.archive import check_machine, stage, write
from ops.package.contents import PRODUCT, Entry, packages, product, typesetter
from shared_code.storage.typesetter import TypesetterPackage


@dataclass(frozen=True, slots=True)
class Built:
    """`app` is the unpacked package, for azd; `owners` says whose each file of both zips is."""

    app: Path
    package: Path
    typesetter: Path
    owners: Mapping[str, str]


def build(root: Path, site: Path, dist: Path, *, level: int = 6) -> Built:
    """Leaves nothing of an earlier build in `dist`. Raises PackageError."""
    check_machine()
    shutil.rmtree(dist, ignore_errors=True)
    parts = list(typesetter(root, site))
    fetched = _typesetter(parts, dist, level)
    entries = [*product(root), *packages(root, site), _parcel(fetched)]
    named = release(entries)
    _zipped([*entries, named], dist / "app", dist / "package.zip", level)
    # What /api/health answers once it runs.
    (dist / named.path).write_bytes(named.content)
    # Without one, azd leaves out compiled modules.
    (dist / "app" / ".funcignore").touch()
    owners = {entry.path.as_posix(): entry.owner for entry in (*entries, named, *parts)}
    return Built(dist / "app", dist / "package.zip", fetched, owners)


def _typesetter(parts: Iterable[Entry], dist: Path, level: int) -> Path:
    """Named by its content, so that every release keeps the one it was made with."""
    out = dist / "typesetter.zip"
    _zipped(parts, dist / "typesetter", out, level)
    shutil.rmtree(dist / "typesetter")
    return out.rename(dist / f"typesetter-{_digest(out)[:12]}.zip")


def _parcel(file: Path) -> Entry:
    package = TypesetterPackage(file.name, file.stat().st_size, _digest(file))
    return Entry(PRODUCT, PurePosixPath("typesetter.json"), msgspec.json.encode(package))


def release(entries: Iterable[Entry]) -> Entry:
    """The same for the same content, so that the way back has the name it had."""
    content = hashlib.sha256()
    for entry in sorted(entries, key=lambda each: each.path):
        content.update(f"{entry.path} {hashlib.sha256(entry.content).hexdigest()}\n".encode())
    return Entry(PRODUCT, PurePosixPath("release.txt"), content.hexdigest()[:12].encode())


def _zipped(entries: Iterable[Entry], folder: Path, out: Path, level: int) -> None:
    stage(entries, folder)
    write(folder, out, level=level)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
