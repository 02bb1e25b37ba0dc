"""What the package weighs, and which packages weigh most."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import source_from_cache
from pathlib import Path
from zipfile import ZipFile


@dataclass(frozen=True, slots=True)
class Weight:
    zipped: int
    unzipped: int

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.zipped + other.zipped, self.unzipped + other.unzipped)


def weights(archive: Path, owners: Mapping[str, str]) -> Mapping[str, Weight]:
    """By owner, the heaviest first; a compiled module belongs to whom its source belongs."""
    zipped: Counter[str] = Counter()
    unzipped: Counter[str] = Counter()
    with ZipFile(archive) as opened:
        for info in opened.infolist():
            owner = owners[_source(info.filename)]
            zipped[owner] += info.compress_size
            unzipped[owner] += info.file_size
    return {owner: Weight(size, unzipped[owner]) for owner, size in zipped.most_common()}


def _source(path: str) -> str:
    return source_from_cache(path) if path.endswith(".pyc") else path


def table(weighed: Mapping[str, Weight], most: int) -> str:
    rows = [("", "zipped MB", "unzipped MB")]
    rows += [_row(owner, weight) for owner, weight in list(weighed.items())[:most]]
    rest = list(weighed.values())[most:]
    if rest:
        rows.append(_row(f"{len(rest)} others", total(rest)))
    rows.append(_row("together", total(weighed.values())))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2])])
        for row in rows
    )


def total(parts: Iterable[Weight]) -> Weight:
    return sum(parts, Weight(0, 0))


def _row(name: str, weight: Weight) -> tuple[str, str, str]:
    return name, f"{weight.zipped / 1e6:.2f}", f"{weight.unzipped / 1e6:.2f}"
