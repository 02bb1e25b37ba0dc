"""Who may call what: the guard of every function that needs a sign-in."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import azure.functions as func

from functions.answers import header, problem
from shared_code.core.caller import Caller
from shared_code.core.errors import NotAllowed, NotSignedIn, UpstreamError
from shared_code.core.tenant import TenantId
from shared_code.wiring import services

type _Answering = Callable[[func.HttpRequest, Caller], Awaitable[func.HttpResponse]]
type _Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def signed_in(function: _Answering) -> _Handler:
    """401 without a valid access token, 403 where it does not permit what is asked."""

    async def guarded(req: func.HttpRequest) -> func.HttpResponse:
        try:
            caller = await services().sign_in.caller(header(req, "Authorization"))
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


def own_tenant(req: func.HttpRequest, caller: Caller) -> TenantId:
    tenant_id = TenantId(req.route_params["id"].lower())
    if not caller.may_read(tenant_id):
        raise NotAllowed("not this tenant")
    return tenant_id
