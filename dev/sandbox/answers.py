"""Answers on the wire, whole or damaged as a fault demands."""

import asyncio
import time
import zlib
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any

import msgspec
from aiohttp import web

from dev.sandbox import errors
from dev.sandbox.errors import GraphError
from dev.sandbox.faults import Fault, FaultKind

HTML = b"<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>"
_GZIP = 31  # zlib's word for: with a gzip header


def _seconds(fault: Fault) -> str:
    return str(round(fault.seconds))


def _date(fault: Fault) -> str:
    return formatdate(time.time() + fault.seconds, usegmt=True)


_ERRORS: dict[FaultKind, Callable[[Fault], GraphError]] = {
    FaultKind.TOKEN_REFUSED: lambda _: errors.token_refused(),
    FaultKind.PERMISSION_MISSING: lambda _: errors.permission_missing(),
    FaultKind.LICENCE_MISSING: lambda _: errors.licence_missing(),
    FaultKind.CONDITIONAL_ACCESS: lambda _: errors.conditional_access(),
    FaultKind.PAGE_TOKEN_EXPIRED: lambda _: errors.expired_page_token(),
    FaultKind.THROTTLED_SECONDS: lambda fault: errors.throttled(_seconds(fault)),
    FaultKind.THROTTLED_DATE: lambda fault: errors.throttled(_date(fault)),
    FaultKind.THROTTLED_SILENT: lambda _: errors.throttled(None),
    FaultKind.ERROR_500: lambda _: errors.upstream(500),
    FaultKind.ERROR_502: lambda _: errors.upstream(502),
    FaultKind.ERROR_503: lambda fault: errors.upstream(503, _seconds(fault)),
    FaultKind.ERROR_504: lambda _: errors.upstream(504),
}


def fault_error(fault: Fault) -> GraphError | None:
    """The error a fault answers with; None for a fault that damages a good answer."""
    make = _ERRORS.get(fault.kind)
    return None if make is None else make(fault)


async def late(faults: Iterable[Fault]) -> None:
    """Let the latencies among them pass."""
    for fault in faults:
        if fault.kind is FaultKind.LATENCY:
            await asyncio.sleep(fault.seconds)


def damage(body: dict[str, Any], fault: FaultKind | None, *, here: str, again: str) -> None:
    """Spoil a page in place; `here` is this request's URL, `again` the one that continues at this page."""
    if fault is FaultKind.EMPTY_PAGE:
        body["value"] = []
        body["@odata.nextLink"] = again
    elif fault is FaultKind.REPEATED_LINK:
        body["@odata.nextLink"] = here
    elif fault is FaultKind.WRONG_TYPE:
        rows = body.get("value", [body])
        for row in rows[:1] if isinstance(rows, list) else [rows]:
            row |= {"id": 5, "displayName": ["not", "a", "name"], "accountEnabled": "perhaps"}


async def send(
    request: web.Request, body: object, *, fault: FaultKind | None, units: int
) -> web.StreamResponse:
    if fault is FaultKind.HTML_BODY:
        return web.Response(body=HTML, content_type="text/html")
    raw = msgspec.json.encode(body)
    headers = {
        "Content-Type": "application/json;odata.metadata=minimal;charset=utf-8",
        "OData-Version": "4.0",
        "x-ms-resource-unit": str(units),
    }
    if fault is FaultKind.TRUNCATED_BODY:
        return web.Response(body=raw[: len(raw) // 2], headers=headers)
    if fault is FaultKind.CONNECTION_DROPPED:
        return await _drop(request, raw, headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
        raw = packer.compress(raw) + packer.flush()
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return web.Response(body=raw, headers=headers)


async def _drop(request: web.Request, raw: bytes, headers: dict[str, str]) -> web.StreamResponse:
    response = web.StreamResponse(headers=headers | {"Content-Length": str(len(raw))})
    await response.prepare(request)
    await response.write(raw[: len(raw) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


def send_error(request: web.Request, error: GraphError) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(error.body(request.headers.get("client-request-id"))),
        status=error.status,
        headers=error.headers,
        content_type="application/json",
    )
