"""The reporting portal's API: a tenant's reports, links to runs, revocation."""

from http import HTTPStatus

import azure.functions as func

from functions.answers import answer, done, problem
from functions.listing import link_json, listing_json, use_json
from functions.signed_in import own_tenant, signed_in
from shared_code.core.caller import Caller
from shared_code.service.present import present
from shared_code.wiring import services

blueprint = func.Blueprint()


@blueprint.function_name("list_reports")
@blueprint.route(route="api/tenants/{id}/reports", methods=["GET"])
@signed_in
async def list_reports(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = own_tenant(req, caller)
    listing = await services().portal.listing(tenant_id, created_by=caller.object_id)
    return answer(listing_json(listing)) if listing else problem(HTTPStatus.NOT_FOUND)


@blueprint.function_name("issue_link")
@blueprint.route(route="api/tenants/{id}/runs/{run}/links", methods=["POST"])
@signed_in
async def issue_link(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = own_tenant(req, caller)
    issued = await services().portal.link(
        tenant_id,
        req.route_params["run"].lower(),
        lifetime=services().link_lifetime,
        created_by=caller.object_id,
    )
    return (
        answer(link_json(issued), HTTPStatus.CREATED) if issued else problem(HTTPStatus.NOT_FOUND)
    )


@blueprint.function_name("list_links")
@blueprint.route(route="api/tenants/{id}/links", methods=["GET"])
@signed_in
async def list_links(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = own_tenant(req, caller)
    tenant = await present(services().tenants, tenant_id)
    if tenant is None:
        return problem(HTTPStatus.NOT_FOUND)
    uses = await services().register.of(tenant)
    return answer({"links": [use_json(use) for use in uses]})


@blueprint.function_name("revoke_link")
@blueprint.route(route="api/links/{jti}", methods=["DELETE"])
@signed_in
async def revoke_link(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    revoked = await services().issuer.revoke(req.route_params["jti"], caller)
    return done() if revoked else problem(HTTPStatus.NOT_FOUND)
