"""Our own files in `assets/`: templates, styles, scripts."""

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template


def asset(name: str) -> str:
    return resources.files(f"{__package__}.assets").joinpath(name).read_text("utf-8").strip()


def hash_of(text: str) -> str:
    """As a content security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def icon() -> str:
    """Of a tab, in the page itself: a browser would ask for one that nobody has."""
    return "data:image/svg+xml;base64," + base64.b64encode(asset("icon.svg").encode()).decode()


@cache
def template(name: str, *, is_markup: bool = True) -> "Template":
    """What is put in is escaped, unless the result is plain text."""
    # Not needed before the first page: it would be a twentieth of a cold start.
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FunctionLoader(asset),
        autoescape=is_markup,  # noqa: S701 - plain text has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name, globals={"icon": icon()})
