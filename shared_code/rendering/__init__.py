"""From the view model to bytes: one file per rendering, one line here each."""

from shared_code.core.ports import Typesetter
from shared_code.rendering.csv import CSV
from shared_code.rendering.html import HTML
from shared_code.rendering.json import JSON
from shared_code.rendering.pdf import PDF, pdf_by
from shared_code.rendering.rendering import Rendering
from shared_code.rendering.xlsx import XLSX

__all__ = ["RENDERINGS", "Rendering", "renderings"]


def renderings(typesetter: Typesetter | None = None) -> tuple[Rendering, ...]:
    """What may be left out comes first: pages offer what there is."""
    return (
        pdf_by(typesetter) if typesetter else PDF,
        HTML,
        XLSX,
        CSV,
        JSON,
    )


RENDERINGS = renderings()
