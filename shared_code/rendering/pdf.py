"""PDF: tagged for assistive technology (PDF/UA-1), with the most important lines of the table."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import msgspec

from shared_code.core.errors import TypesetterMissing
from shared_code.core.ports import Typesetter
from shared_code.core.report import Report
from shared_code.core.text import Language
from shared_code.rendering import typesetter
from shared_code.rendering.language import Voice
from shared_code.rendering.paper import Paper
from shared_code.rendering.rendering import Rendering

_log = logging.getLogger(__name__)

_FONTS = "fontpkg_noto_sans"
_PATIENCE = 120.0  # seconds

# Two at once would take twice the memory, and runs share an instance.
_press = Lock()


def write(report: Report, language: Language, out: BinaryIO, *, folder: Path | None = None) -> None:
    """Raises CalledProcessError, TimeoutExpired or TypesetterMissing if there is no PDF."""
    fields = Paper(report, Voice.of(report.tenant, language)).fields()
    pdf, is_conformant = _typeset(fields, [str(folder), *sys.path] if folder else sys.path)
    if not is_conformant:
        _log.warning("%s: the PDF of run %s is no PDF/UA-1", report.type.name, report.run_id)
    out.write(pdf)


def _typeset(fields: dict[str, object], path: Sequence[str]) -> tuple[bytes, bool]:
    order = {
        "path": path,
        "template": str(resources.files(f"{__package__}.assets").joinpath("report.typ")),
        "fonts": _fonts(path),
        "fields": msgspec.json.encode(fields).decode(),
    }
    # What a tenant's text can be is in the order, never in the command.
    command = [sys.executable, "-I", "-S", typesetter.__file__]
    with _press:
        done = subprocess.run(  # noqa: S603
            command,
            input=msgspec.json.encode(order),
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    if done.returncode != typesetter.NOT_CONFORMANT:
        done.check_returncode()
    return done.stdout, done.returncode == 0


def _fonts(path: Sequence[str]) -> str:
    """The package's folder, without importing it."""
    folders = (Path(place, _FONTS, "files") for place in path)
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is None:
        raise TypesetterMissing(_FONTS)
    return str(found)


PDF = Rendering(
    ending="pdf",
    media_type="application/pdf",
    write=write,
    forgives=(OSError, subprocess.SubprocessError, TypesetterMissing),
)


def pdf_by(typesetter: Typesetter) -> Rendering:
    """PDF with one that is not installed."""
    write_there = partial(write, folder=typesetter.folder)
    return replace(PDF, write=write_there, prepare=typesetter.fetch)
