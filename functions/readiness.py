"""Readiness: the queue of probes; engineers probe now, customers read what was found of their own."""
# pyright: reportUnknownMemberType=false
# The decorators of azure.functions leave their keyword arguments without types.

import logging
from http import HTTPStatus

import azure.functions as func

from functions.answers import answer, problem
from functions.readiness_json import readiness_json
from functions.signed_in import own_tenant, require_engineer, signed_in
from shared_code.core.caller import Caller
from shared_code.core.errors import ConfigurationError
from shared_code.core.readiness import decode_probe
from shared_code.core.tenant import TenantId
from shared_code.wiring import services

blueprint = func.Blueprint()
_log = logging.getLogger(__name__)
_ROUTE = "api/tenants/{id}/readiness"


@blueprint.function_name("probes")
@blueprint.queue_trigger(arg_name="message", queue_name="probes", connection="REPORTS_STORAGE")
async def probes(message: func.QueueMessage) -> None:
    request = decode_probe(message.get_body())
    try:
        await services().readiness.probe_due(request)
    except ConfigurationError as error:
        # Trying at once again mends no setting; the next hour's probe comes anyway.
        _log.error("probe of %s: %s", request.tenant_id, error)


@blueprint.function_name("probes_poison")
@blueprint.queue_trigger(
    arg_name="message", queue_name="probes-poison", connection="REPORTS_STORAGE"
)
async def probes_poison(message: func.QueueMessage) -> None:
    _log.error("probe %s failed too often; the next hour plans it again", message.id)


@blueprint.function_name("get_readiness")
@blueprint.route(route=_ROUTE, methods=["GET"])
@signed_in
async def get_readiness(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    return await _answer(own_tenant(req, caller), caller)


@blueprint.function_name("probe_now")
@blueprint.route(route=_ROUTE, methods=["POST"])
@signed_in
async def probe_now(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    require_engineer(caller)
    tenant_id = own_tenant(req, caller)
    try:
        await services().readiness.probe(tenant_id)
    except ConfigurationError as error:
        _log.error("probe of %s: %s", tenant_id, error)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE)
    return await _answer(tenant_id, caller)


async def _answer(tenant_id: TenantId, caller: Caller) -> func.HttpResponse:
    condition = await services().condition.of(tenant_id, is_for_engineer=caller.is_engineer)
    return answer(readiness_json(condition)) if condition else problem(HTTPStatus.NOT_FOUND)
