"""OData query options as Graph reads them: what it does not know, it refuses."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass

import msgspec

from dev.sandbox.errors import bad_query, expired_page_token, unsupported_query

PAGE_DEFAULT = 100
PAGE_MAXIMUM = 999
PAGE_MAXIMUM_WITH_SIGN_INS = 500
_EXPANSION = re.compile(r"(\w+)(?:\(\$select=([\w,]+)\))?")
_IN = re.compile(r"id in \(('[^']*'(?:,\s?'[^']*'){0,14})\)")
_EQUALS = re.compile(r"(\w+) eq '([^']*)'")
_KNOWN = {"$select", "$expand", "$filter", "$top", "$count", "$skiptoken"}
_UNSUPPORTED = {"$orderby", "$search", "$skip"}


class PageToken(msgspec.Struct, array_like=True, frozen=True):
    """Where a listing goes on, and the instant it began at, so that one listing is one state."""

    position: int
    at: int
    turn: int = 0  # the same page once more is not the same link

    def text(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    select: tuple[str, ...] | None
    expand: Mapping[str, tuple[str, ...] | None]
    equals: tuple[str, str] | None
    ids: frozenset[str] | None
    top: int
    count: bool
    token: PageToken | None

    @property
    def reads_sign_ins(self) -> bool:
        return self.select is not None and "signInActivity" in self.select


def read_query(
    options: Mapping[str, str],
    *,
    entity: str,
    properties: Container[str],
    expandable: Collection[str],
    page: tuple[int, int] = (PAGE_DEFAULT, PAGE_MAXIMUM),
) -> Query:
    """`page` is the size by default and at most."""
    for option in options:
        if option in _UNSUPPORTED:
            raise unsupported_query(f"The query option '{option}' is not supported here.")
        if option not in _KNOWN:
            raise bad_query(f"The query parameter '{option}' is not supported.")
    select = _select(options.get("$select"), entity, properties)
    ids = _ids(options.get("$filter"))
    return Query(
        select=select,
        expand=_expand(options.get("$expand"), entity, expandable),
        equals=None if ids else _equals(options.get("$filter")),
        ids=ids,
        top=_top(options.get("$top"), page, sign_ins=bool(select and "signInActivity" in select)),
        count=_flag(options.get("$count")),
        token=read_token(options.get("$skiptoken")),
    )


def _select(text: str | None, entity: str, properties: Container[str]) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in properties:
            raise bad_query(
                "Parsing OData Select and Expand failed: "
                f"Could not find a property named '{name}' on type '{entity}'."
            )
    return names


def _expand(
    text: str | None, entity: str, expandable: Collection[str]
) -> dict[str, tuple[str, ...] | None]:
    found: dict[str, tuple[str, ...] | None] = {}
    for part in re.split(r",(?![^(]*\))", text) if text else ():
        match = _EXPANSION.fullmatch(part.strip())
        if match is None or match[1] not in expandable:
            raise bad_query(
                "Parsing OData Select and Expand failed: "
                f"Could not find a property named '{part}' on type '{entity}'."
            )
        found[match[1]] = tuple(match[2].split(",")) if match[2] else None
    return found


def _ids(text: str | None) -> frozenset[str] | None:
    match = _IN.fullmatch((text or "").strip())
    return frozenset(re.findall(r"'([^']*)'", match[1])) if match else None


def _equals(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    match = _EQUALS.fullmatch(text.strip())
    if match is None:
        raise unsupported_query("Unsupported or invalid query filter clause specified.")
    return match[1], match[2]


def _top(text: str | None, page: tuple[int, int], *, sign_ins: bool) -> int:
    default, most = page
    maximum = min(most, PAGE_MAXIMUM_WITH_SIGN_INS) if sign_ins else most
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= maximum:
        raise bad_query(f"Invalid page size specified: '{text}'. Must be between 1 and {maximum}.")
    return int(text)


def _flag(text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise bad_query("Invalid value for $count.")
    return text == "true"


def read_token(text: str | None) -> PageToken | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(text + "=="), type=PageToken)
    except ValueError as error:
        raise expired_page_token() from error
