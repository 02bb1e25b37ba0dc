"""From the view model to bytes: one file per rendering, one line here each."""

from shared_code.rendering.csv import CSV
from shared_code.rendering.html import HTML
from shared_code.rendering.json import JSON
from shared_code.rendering.pdf import PDF, is_installed
from shared_code.rendering.rendering import Rendering
from shared_code.rendering.xlsx import XLSX

__all__ = ["RENDERINGS", "Rendering"]

# What may be left out comes first: pages offer what there is.
RENDERINGS: tuple[Rendering, ...] = (
    *((PDF,) if is_installed() else ()),
    HTML,
    XLSX,
    CSV,
    JSON,
)
