"""Compiles the floor where g++, libcurl and simdjson are installed; nothing else needs them."""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.variants.fold import Fold, read_lines

_SOURCE = Path(__file__).parent / "floor.cpp"
_OPTIONS = ("-std=c++17", "-O3", "-march=native")
_LIBRARIES = ("-lcurl", "-lsimdjson")


@contextmanager
def built() -> Iterator[Path | None]:
    """The program; None where it cannot be built."""
    with TemporaryDirectory() as folder:
        program = Path(folder) / "floor"
        compiler = shutil.which("g++")
        yield program if compiler and _compiled(compiler, program) else None


def _compiled(compiler: str, program: Path) -> bool:
    command = [compiler, *_OPTIONS, "-o", str(program), str(_SOURCE), *_LIBRARIES]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def outcome(counted: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What the program printed and the rows it wrote, as every other variant reports them."""
    fold = Fold()
    fold.count, fold.disabled = counted["count"], counted["disabled"]
    fold.domains = Counter(counted["domains"])
    return fold.outcome(read_lines(folder / "rows.jsonl"))
