"""Who may call what: the guard of every function that needs a sign-in."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

import azure.functions as func

from functions import cookies
from functions.answers import header, notice, problem, see_other
from shared_code.core.caller import Caller
from shared_code.core.errors import NotAllowed, NotSignedIn, UpstreamError
from shared_code.core.tenant import TenantId
from shared_code.rendering.notice import NO_ACCESS
from shared_code.wiring import services

LARGEST_BODY = 2**16

type _Answering = Callable[[func.HttpRequest, Caller], Awaitable[func.HttpResponse]]
type _Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def signed_in(function: _Answering) -> _Handler:
    """Of the API: 401 without a valid access token, 403 where it does not permit what is asked,
    413 for a body that is larger than any of ours.

    Cookies count nowhere here: another site's page can make a browser send them.
    """

    async def guarded(req: func.HttpRequest) -> func.HttpResponse:
        try:
            caller = await services().sign_in.caller(header(req, "Authorization"))
            if len(req.get_body()) > LARGEST_BODY:
                return problem(HTTPStatus.CONTENT_TOO_LARGE, "more than 64 kB", field="body")
            return await function(req, caller)
        except NotSignedIn:
            return problem(HTTPStatus.UNAUTHORIZED)
        except NotAllowed:
            return problem(HTTPStatus.FORBIDDEN)
        except UpstreamError:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE)

    # Not functools.wraps: the worker would read the two parameters of the inner function.
    guarded.__name__ = function.__name__
    return guarded


def visited(function: _Answering) -> _Handler:
    """Of pages that change nothing: an access token, or the session of a browser, which is sent
    to the sign-in without one."""

    async def guarded(req: func.HttpRequest) -> func.HttpResponse:
        is_browser = "text/html" in (header(req, "Accept") or "")
        try:
            return await function(req, await visitor(req))
        except NotSignedIn:
            return to_sign_in(req) if is_browser else problem(HTTPStatus.UNAUTHORIZED)
        except NotAllowed:
            status = HTTPStatus.FORBIDDEN
            return notice(req, NO_ACCESS, status) if is_browser else problem(status)
        except UpstreamError:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE)

    guarded.__name__ = function.__name__
    return guarded


async def visitor(req: func.HttpRequest) -> Caller:
    """Raises NotSignedIn, and UpstreamError. A token that is not valid is not made up for."""
    authorization = header(req, "Authorization")
    if authorization:
        return await services().sign_in.caller(authorization)
    return services().browser_sign_in.caller(cookies.read(req, cookies.SESSION))


async def known_visitor(req: func.HttpRequest) -> Caller | None:
    """None for somebody nobody knows, which most pages behind links do not mind."""
    try:
        return await visitor(req)
    except (NotSignedIn, UpstreamError):
        return None


def to_sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """And from there back to where the browser is now."""
    here = urlsplit(req.url)
    asked = f"{here.path}?{here.query}" if here.query else here.path
    return see_other(f"/signin?{urlencode({'to': asked}, safe='/')}")


def require_engineer(caller: Caller) -> None:
    if not caller.is_engineer:
        raise NotAllowed("engineers only")


def own_tenant(req: func.HttpRequest, caller: Caller) -> TenantId:
    tenant_id = TenantId(req.route_params["id"].lower())
    if not caller.may_read(tenant_id):
        raise NotAllowed("not this tenant")
    return tenant_id
