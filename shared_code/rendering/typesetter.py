"""Typesets one PDF in a process of its own, because typst keeps the memory of all it ever set.

Reads an Order as JSON and writes the PDF. Run by its path, so that it starts without the product.
"""

import json
import sys
from typing import cast

# Exit status: a sign that no font has forbids the claim of conformance, not the document.
NOT_CONFORMANT = 3


def main() -> int:
    order = json.load(sys.stdin)
    sys.path[:] = order["path"]
    from typst import Compiler, TypstError  # noqa: PLC0415 - found by that path

    compiler = Compiler(
        order["template"],
        font_paths=[order["fonts"]],
        ignore_system_fonts=True,
        sys_inputs={"report": order["fields"]},
    )
    status = 0
    try:
        pdf = compiler.compile(format="pdf", pdf_standards="ua-1")
    except TypstError:
        pdf = compiler.compile(format="pdf")
        status = NOT_CONFORMANT
    sys.stdout.buffer.write(cast("bytes", pdf))
    return status


if __name__ == "__main__":
    sys.exit(main())
