"""The description of the HTTP routes, as `docs/openapi.yaml` has it."""

from functools import cache
from typing import Any

import yaml

from tests.functions.house import ROOT

METHODS = ("get", "head", "post", "put", "patch", "delete")


@cache
def described() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docs/openapi.yaml").read_text("utf-8"))


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """By method and path."""
    return {
        (method.upper(), path): item[method]
        for path, item in described()["paths"].items()
        for method in METHODS
        if method in item
    }
