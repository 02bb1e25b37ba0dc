"""`python -m ops`: the engineers' command line."""

import logging
import sys
from io import TextIOWrapper
from typing import cast

_INTERRUPTED = 130


def main() -> None:
    try:
        from ops.app import app  # noqa: PLC0415
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal has every sign of a name.
        cast(TextIOWrapper, stream).reconfigure(errors="backslashreplace")
    # What the SDKs say of failures is said in one line, without addresses.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    app(prog_name="ops")


if __name__ == "__main__":
    main()
