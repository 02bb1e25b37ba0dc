"""`python -m ops`: the engineers' command line."""

import logging

from ops.app import app

if __name__ == "__main__":
    # What the SDKs say of failures is said in one line, without addresses.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    app(prog_name="ops")
