"""What HTTP functions share: reading a request; pages, problems and JSON as answers."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import azure.functions as func

from shared_code.core.text import Language
from shared_code.rendering import dead_link as dead
from shared_code.rendering import notice as notices

# A link is a secret: no cache keeps the page, no Referer carries the address away.
NO_STORE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


def header(req: func.HttpRequest, name: str) -> str | None:
    headers = cast("Mapping[str, str]", req.headers)
    return headers.get(name)


def param(req: func.HttpRequest, name: str) -> str:
    """Of the query; empty if there is none."""
    return cast("Mapping[str, str]", req.params).get(name, "")


def language(req: func.HttpRequest, otherwise: Language) -> Language:
    """Which one the query asks for."""
    asked = param(req, "lang")
    return Language(asked) if asked in set(Language) else otherwise


def dead_link(req: func.HttpRequest) -> func.HttpResponse:
    """Forged, expired, revoked, foreign: always the same page and status."""
    text = dead.page(header(req, "Accept-Language"))
    return page(text, notices.CONTENT_POLICY, HTTPStatus.GONE)


def notice(
    req: func.HttpRequest,
    said: notices.Notice,
    status: HTTPStatus = HTTPStatus.OK,
    links: Mapping[str, str] | None = None,
) -> func.HttpResponse:
    text = notices.page(said, header(req, "Accept-Language"), links)
    return page(text, notices.CONTENT_POLICY, status)


def failed(req: func.HttpRequest) -> func.HttpResponse:
    """Something of ours is broken, and what it is concerns nobody who asks."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    is_page = not urlsplit(req.url).path.startswith("/api/")
    if is_page and "text/html" in (header(req, "Accept") or ""):
        return notice(req, notices.BROKEN, status)
    return problem(status)


def page(text: str, content_policy: str, status: HTTPStatus = HTTPStatus.OK) -> func.HttpResponse:
    return func.HttpResponse(
        text,
        status_code=status,
        mimetype="text/html",
        charset="utf-8",
        headers={**NO_STORE, "Content-Security-Policy": content_policy},
    )


def see_other(address: str) -> func.HttpResponse:
    return func.HttpResponse(
        status_code=HTTPStatus.SEE_OTHER, headers={**NO_STORE, "Location": address}
    )


def answer(body: object, status: HTTPStatus = HTTPStatus.OK) -> func.HttpResponse:
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status_code=status,
        mimetype="application/json",
        charset="utf-8",
        headers=NO_STORE,
    )


def done() -> func.HttpResponse:
    """There is nothing to say."""
    return func.HttpResponse(status_code=HTTPStatus.NO_CONTENT, headers=NO_STORE)


def problem(status: HTTPStatus, detail: str = "", *, field: str = "") -> func.HttpResponse:
    """RFC 9457; `detail` never repeats what the caller sent, `field` names which part is wrong."""
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    body |= {"field": field} if field else {}
    challenge = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    return func.HttpResponse(
        json.dumps(body),
        status_code=status,
        mimetype="application/problem+json",
        charset="utf-8",
        headers={**NO_STORE, **challenge},
    )
