"""PDF: tagged for assistive technology (PDF/UA-1), with the most important lines of the table."""

import logging
import subprocess
import sys
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import msgspec

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


def is_installed() -> bool:
    """A smaller package goes without typesetter and fonts; then no report has a PDF."""
    return all(find_spec(package) for package in ("typst", _FONTS))


def write(report: Report, language: Language, out: BinaryIO) -> None:
    """Raises CalledProcessError or TimeoutExpired if there is no PDF."""
    fields = Paper(report, Voice.of(report.tenant, language)).fields()
    pdf, is_conformant = _typeset(fields)
    if not is_conformant:
        _log.warning("%s: the PDF of run %s is no PDF/UA-1", report.type.name, report.run_id)
    out.write(pdf)


def _typeset(fields: dict[str, object]) -> tuple[bytes, bool]:
    order = {
        "path": sys.path,
        "template": str(resources.files(f"{__package__}.assets").joinpath("report.typ")),
        "fonts": _fonts(),
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


def _fonts() -> str:
    """The package's folder, without importing it."""
    found = find_spec(_FONTS)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(_FONTS)
    return str(Path(found.origin).parent / "files")


PDF = Rendering(
    ending="pdf",
    media_type="application/pdf",
    write=write,
    forgives=(OSError, subprocess.SubprocessError),
)
