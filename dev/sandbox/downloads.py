"""Usage reports as files: a place of its own for each, good for some minutes and without a token."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from itertools import batched, chain
from secrets import token_urlsafe
from typing import Any

from aiohttp import web

from dev.sandbox.answers import HTML, fault_error, late
from dev.sandbox.faults import Fault, FaultKind, Faults
from dev.sandbox.resources import Row

FOLDER = "/download"
LIFETIME = 300.0
_BLOCK = 1000
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class File:
    """`path` is where Graph was asked; `damage` what was ordered for it there, shown once."""

    tenant_id: str
    path: str
    rows: Callable[[], Iterable[Row]]
    columns: tuple[str, ...]
    damage: FaultKind | None


class Downloads:
    """Hands out places and serves what lies there."""

    def __init__(self, faults: Faults, *, clock: Callable[[], float]) -> None:
        self._faults = faults
        self._clock = clock
        self._files: dict[str, tuple[File, float]] = {}

    def offer(self, file: File) -> str:
        """The path of a place for this file."""
        now = self._clock()
        self._files = {key: kept for key, kept in self._files.items() if now < kept[1]}
        key = token_urlsafe(24)
        self._files[key] = file, now + LIFETIME
        return f"{FOLDER}/{key}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        file, until = self._files.get(key, (None, 0.0))
        if file is None or self._clock() >= until:
            return _refused(403)
        if "Authorization" in request.headers:
            return _refused(401)
        ordered = self._faults.at_graph(file.tenant_id, FOLDER + file.path, continued=False)
        await late(ordered)
        for fault in ordered:
            error = fault_error(fault)
            if error is not None:
                return web.Response(status=error.status, headers=error.headers)
        self._files[key] = replace(file, damage=None), until
        return await _send(request, file, _damage(ordered) or file.damage)


def _refused(status: int) -> web.Response:
    text = "<?xml version='1.0'?><Error><Code>AuthenticationFailed</Code></Error>"
    return web.Response(status=status, text=text, content_type="application/xml")


def _damage(ordered: Iterable[Fault]) -> FaultKind | None:
    return next((f.kind for f in ordered if f.kind is not FaultKind.LATENCY), None)


async def _send(request: web.Request, file: File, damage: FaultKind | None) -> web.StreamResponse:
    if damage is FaultKind.HTML_BODY:
        return web.Response(body=HTML, content_type="text/html")
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    is_cut = damage in (FaultKind.TRUNCATED_BODY, FaultKind.CONNECTION_DROPPED)
    for block in blocks(file, wrong=damage is FaultKind.WRONG_TYPE):
        if is_cut and request.transport is not None:
            await response.write(block[: len(block) // 2])
            request.transport.close()
            break
        await response.write(block)
    return response


def blocks(file: File, *, wrong: bool = False) -> Iterator[bytes]:
    """The file, some lines at a time; with `wrong` its first line has words for numbers."""
    rows = iter(file.rows())
    first = next(rows, None)
    columns = file.columns or tuple(first or ())
    head = [] if first is None else [_spoiled(first) if wrong else first]
    yield (_BOM + _line(columns)).encode()
    for block in batched(chain(head, rows), _BLOCK, strict=False):
        yield "".join(_line([row.get(name) for name in columns]) for row in block).encode()


def _spoiled(row: Row) -> Row:
    return {name: "perhaps" if str(value)[:1].isdigit() else value for name, value in row.items()}


def _line(values: Iterable[Any]) -> str:
    out = StringIO(newline="")
    csv.writer(out).writerow(["" if value is None else str(value) for value in values])
    return out.getvalue()
