"""The reporting portal's API: a tenant's reports, links to runs, revocation."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import azure.functions as func

from functions.answers import answer, header, problem
from functions.listing import link_json, shelf_json
from shared_code.core.caller import Caller
from shared_code.core.errors import NotAllowed, NotSignedIn, UpstreamError
from shared_code.core.tenant import TenantId
from shared_code.wiring import services

blueprint = func.Blueprint()

type _Answering = Callable[[func.HttpRequest, Caller], Awaitable[func.HttpResponse]]
type _Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def _signed_in(function: _Answering) -> _Handler:
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


def _own_tenant(req: func.HttpRequest, caller: Caller) -> TenantId:
    tenant_id = TenantId(req.route_params["id"].lower())
    if not caller.may_read(tenant_id):
        raise NotAllowed("not this tenant")
    return tenant_id


@blueprint.function_name("list_reports")
@blueprint.route(route="api/tenants/{id}/reports", methods=["GET"])
@_signed_in
async def list_reports(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = _own_tenant(req, caller)
    shelf = await services().portal.shelf(tenant_id, created_by=caller.object_id)
    return answer(shelf_json(shelf)) if shelf else problem(HTTPStatus.NOT_FOUND)


@blueprint.function_name("issue_link")
@blueprint.route(route="api/tenants/{id}/runs/{run}/links", methods=["POST"])
@_signed_in
async def issue_link(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = _own_tenant(req, caller)
    issued = await services().portal.link(
        tenant_id,
        req.route_params["run"].lower(),
        lifetime=services().link_lifetime,
        created_by=caller.object_id,
    )
    return (
        answer(link_json(issued), HTTPStatus.CREATED) if issued else problem(HTTPStatus.NOT_FOUND)
    )


@blueprint.function_name("revoke_link")
@blueprint.route(route="api/links/{jti}", methods=["DELETE"])
@_signed_in
async def revoke_link(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    revoked = await services().issuer.revoke(req.route_params["jti"], caller)
    if not revoked:
        return problem(HTTPStatus.NOT_FOUND)
    return func.HttpResponse(status_code=HTTPStatus.NO_CONTENT)
