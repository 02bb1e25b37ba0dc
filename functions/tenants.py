"""The engineers' API: tenants, their state and what was agreed, the audit, the end of service."""

from collections.abc import Awaitable
from http import HTTPStatus

import azure.functions as func
import msgspec

from functions.answers import answer, language, page, problem
from functions.signed_in import own_tenant, require_engineer, signed_in, visited
from functions.tenants_json import entry_json, proof_json, tenant_json
from shared_code.core.caller import Caller
from shared_code.core.errors import FieldInvalid, NotPermitted
from shared_code.core.tenant import Tenant, TenantId
from shared_code.core.text import Language
from shared_code.rendering.proof import CONTENT_POLICY, proof_page
from shared_code.service.change import change_of
from shared_code.service.terms import read
from shared_code.wiring import services

blueprint = func.Blueprint()


class _Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever deletes everything says of whom once more."""

    confirm: str


@blueprint.function_name("list_tenants")
@blueprint.route(route="api/tenants", methods=["GET"])
@signed_in
async def list_tenants(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    require_engineer(caller)
    return answer({"tenants": [tenant_json(t) for t in await services().lifecycle.all()]})


@blueprint.function_name("change_tenant")
@blueprint.route(route="api/tenants/{id}", methods=["PATCH"])
@signed_in
async def change_tenant(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = _any_tenant(req, caller)
    try:
        change = change_of(req.get_body())
        return await _changed(services().lifecycle.change(tenant_id, change, by=caller.object_id))
    except FieldInvalid as error:
        return problem(HTTPStatus.BAD_REQUEST, error.problem, field=error.field)


@blueprint.function_name("suspend_tenant")
@blueprint.route(route="api/tenants/{id}/suspend", methods=["POST"])
@signed_in
async def suspend_tenant(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = _any_tenant(req, caller)
    return await _changed(services().lifecycle.suspend(tenant_id, by=caller.object_id))


@blueprint.function_name("resume_tenant")
@blueprint.route(route="api/tenants/{id}/resume", methods=["POST"])
@signed_in
async def resume_tenant(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = _any_tenant(req, caller)
    return await _changed(services().lifecycle.resume(tenant_id, by=caller.object_id))


@blueprint.function_name("list_audit")
@blueprint.route(route="api/tenants/{id}/audit", methods=["GET"])
@signed_in
async def list_audit(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    entries = await services().lifecycle.entries(own_tenant(req, caller))
    if entries is None:
        return problem(HTTPStatus.NOT_FOUND)
    return answer({"entries": [entry_json(entry) for entry in entries]})


@blueprint.function_name("offboard_tenant")
@blueprint.route(route="api/tenants/{id}/offboard", methods=["POST"])
@signed_in
async def offboard_tenant(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """202 while it goes on, 200 with the proof once it is done."""
    tenant_id = _any_tenant(req, caller)
    try:
        _require_confirmed(read(req.get_body(), _Confirmation), tenant_id)
    except FieldInvalid as error:
        return problem(HTTPStatus.BAD_REQUEST, error.problem, field=error.field)
    proof = await services().offboarding.begin(tenant_id, by=caller.object_id)
    if proof is None:
        return problem(HTTPStatus.NOT_FOUND)
    return answer(proof_json(proof), HTTPStatus.OK if proof.is_closed else HTTPStatus.ACCEPTED)


@blueprint.function_name("get_proof")
@blueprint.route(route="api/tenants/{id}/proof", methods=["GET"])
@signed_in
async def get_proof(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    proof = await services().proofs.newest(own_tenant(req, caller))
    return answer(proof_json(proof)) if proof else problem(HTTPStatus.NOT_FOUND)


@blueprint.function_name("proof_page")
@blueprint.route(route="portal/{id}/proof", methods=["GET"])
@visited
async def show_proof(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    proof = await services().proofs.newest(own_tenant(req, caller))
    if proof is None:
        return problem(HTTPStatus.NOT_FOUND)
    text = proof_page(proof, language(req, Language.DE), brand=services().brand)
    return page(text, CONTENT_POLICY)


async def _changed(changing: Awaitable[Tenant | None]) -> func.HttpResponse:
    try:
        tenant = await changing
    except NotPermitted as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    return answer(tenant_json(tenant)) if tenant else problem(HTTPStatus.NOT_FOUND)


def _require_confirmed(confirmation: _Confirmation, tenant_id: TenantId) -> None:
    if confirmation.confirm.lower() != tenant_id:
        raise FieldInvalid("confirm", "needs the tenant's id once more")


def _any_tenant(req: func.HttpRequest, caller: Caller) -> TenantId:
    require_engineer(caller)
    return own_tenant(req, caller)
