"""Typesets one PDF in a process of its own, because typst keeps the memory of all it ever set.

Reads an order as JSON and writes the PDF. Run by its path, so that it starts without the product.
"""

import json
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typst import PDFStandard

# Exit status: there is a PDF, and it does not claim to conform to PDF/UA-1.
NOT_CONFORMANT = 3

# All but Latin, Greek, Cyrillic and symbols.
_EXOTIC = re.compile("[^\u0000-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u2bff]")


def main() -> int:
    order = json.load(sys.stdin)
    sys.path[:] = order["path"]
    fields = order["fields"]
    pdf = _typeset(order, fields, "ua-1")
    is_conformant = pdf is not None
    pdf = pdf or _typeset(order, fields) or _typeset(order, _EXOTIC.sub("?", fields))
    if pdf is None:
        return 1
    sys.stdout.buffer.write(pdf)
    return 0 if is_conformant else NOT_CONFORMANT


def _typeset(
    order: Mapping[str, str], fields: str, claim: "PDFStandard | None" = None
) -> bytes | None:
    """None: a sign that no font has forbids the claim, or typst fails within itself, as 0.15 does
    on some signs of scripts that are written to the left."""
    from typst import Compiler, TypstError  # noqa: PLC0415 - found by the order's path

    compiler = Compiler(
        order["template"],
        font_paths=[order["fonts"]],
        ignore_system_fonts=True,
        sys_inputs={"report": fields},
    )
    try:
        return cast("bytes", compiler.compile(format="pdf", pdf_standards=claim))
    except TypstError:
        return None
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        return None


if __name__ == "__main__":
    sys.exit(main())
