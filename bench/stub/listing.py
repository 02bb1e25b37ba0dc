"""Whole answers, head and gzip body, built before the first request."""

import gzip
from collections.abc import Iterator
from typing import Any

import msgspec

from bench.stub.options import Fault, Options
from bench.stub.people import SHAPES

STRUCK = 1  # the page a fault strikes


def answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def build(options: Options, base_url: str) -> dict[str, bytes]:
    """Answers by page key such as `guests.0`."""
    built: dict[str, bytes] = {}
    for name, (rows, size) in options.listings.items():
        for number, start in enumerate(range(0, rows, size)):
            row = SHAPES[name]
            content = [row(n) for n in range(start, min(start + size, rows))]
            following = _following(name, number, options.fault) if start + size < rows else None
            built[f"{name}.{number}"] = _page(content, base_url, following)
        empty = _page([], base_url, f"{name}.{STRUCK}")
        built[f"{name}.empty"] = empty
    return built


def _following(name: str, number: int, fault: Fault | None) -> str:
    if fault is Fault.EMPTY_PAGE and number + 1 == STRUCK:
        return f"{name}.empty"
    if fault is Fault.CIRCLE and number == STRUCK:
        return f"{name}.{number}"
    return f"{name}.{number + 1}"


def _page(rows: list[dict[str, Any]], base_url: str, following: str | None) -> bytes:
    body: dict[str, Any] = {"@odata.context": f"{base_url}/$metadata#users"}
    if following:
        body["@odata.nextLink"] = f"{base_url}/users?$skiptoken={following}"
    packed = gzip.compress(msgspec.json.encode(body | {"value": rows}), 6, mtime=0)
    return answer(packed, headers="Content-Encoding: gzip\r\n")


def keys(options: Options, name: str) -> Iterator[str]:
    """Page keys of one listing, in order."""
    rows, size = options.listings[name]
    return (f"{name}.{number}" for number in range(-(-rows // size)))
