"""Which field of what was sent is wrong, read from what msgspec says of it."""

import re

_PLACE = re.compile(r" - at `\$\.?([^`]*)`")
_UNKNOWN = re.compile(r"unknown field `([A-Za-z_]{1,40})`")
_MISSING = re.compile(r"missing required field `(\w+)`")


def refused(said: str) -> tuple[str, str]:
    """Field and problem; only what msgspec says of types is free of values."""
    place = _PLACE.search(said)
    field = place[1].replace("[...]", "") if place else ""
    unknown, missing = _UNKNOWN.search(said), _MISSING.search(said)
    if "unknown field" in said:
        return joined(field, unknown[1] if unknown else "?"), "there is no such field"
    if missing:
        return joined(field, missing[1]), "is missing"
    expected = said.partition(" - at ")[0] if said.startswith("Expected ") else "not a valid value"
    return field or "body", expected


def joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)
