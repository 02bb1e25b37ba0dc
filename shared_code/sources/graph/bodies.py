"""What stands in an answer's body: a page of rows, one object, or an error."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import msgspec

from shared_code.core.dataset import Dataset, Row
from shared_code.core.errors import ContractBroken
from shared_code.core.ports import Page
from shared_code.sources.graph.retrying import MayPass

_FIELD = re.compile(r"`([^`]*)`$")
_REQUIRED = re.compile(r"missing required field `(\w+)`")
# The last instant of .NET's calendar has a digit more than ours, and rounded up it is no date.
_LAST_INSTANT, _SHORTER = b"9999-12-31T23:59:59.9999999", b"9999-12-31T23:59:59.999999"
_CODE = re.compile(r"[\w.-]{1,80}", re.ASCII)


class _Envelope[R: Row](msgspec.Struct):
    """`value` is one object where the documentation wraps a singleton, absent where Graph sends it bare."""

    value: tuple[R, ...] | R | msgspec.UnsetType = msgspec.UNSET
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


@cache
def _decoder(row: type[Row]) -> msgspec.json.Decoder[_Envelope[Any]]:
    return msgspec.json.Decoder(_Envelope[row])


def decode_page[R: Row](dataset: Dataset[R], body: bytes) -> Page[R]:
    """Raises ContractBroken for another shape than promised, MayPass for a damaged body."""
    body = body.replace(_LAST_INSTANT, _SHORTER)
    try:
        envelope: _Envelope[R] = _decoder(dataset.row).decode(body)
        if envelope.value is msgspec.UNSET:
            return Page((msgspec.json.decode(body, type=dataset.row),), None)
    except msgspec.ValidationError as error:
        # msgspec's own words may quote a value; its path names fields only.
        raise ContractBroken(dataset.name, _problem(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MayPass(lambda _: ContractBroken(dataset.name, "the body is not JSON")) from None
    rows = envelope.value if isinstance(envelope.value, tuple) else (envelope.value,)
    return Page(rows, envelope.next_link)


def _problem(words: str) -> str:
    found = _FIELD.search(words) if " at `" in words or " in `" in words else None
    where = re.sub(r"\[\d+\]", "[]", found[1]) if found else "$"
    missing = _REQUIRED.search(words)
    return f"{where} lacks {missing[1]}" if missing else f"{where} has an unexpected value"


def error_codes(body: bytes) -> tuple[str, ...]:
    """`error.code` and the codes nested in it, outermost first; empty if the body is not Graph's."""
    codes = _codes(_json(body))
    return tuple(code for code in codes if isinstance(code, str) and _CODE.fullmatch(code))


def _codes(document: Mapping[str, Any]) -> Iterator[Any]:
    node = document.get("error")
    while isinstance(node, dict):
        error = cast("dict[str, Any]", node)
        # Some services wrap their own answer: a JSON document inside the message. Role management:
        # microsoft-graph-docs-contrib #17; usage reports: Microsoft365-Analytics-Insights #317.
        wrapped = _json(error.get("message"))
        yield from (error.get("code"), wrapped.get("errorCode"), *_codes(wrapped))
        node = error.get("innerError") or error.get("innererror")


def _json(text: object) -> dict[str, Any]:
    if not isinstance(text, bytes | str):
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError):
        return {}
