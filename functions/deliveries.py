"""Digests: a timer plans them, a queue trigger mails one; the evidence of what was delivered."""
# pyright: reportUnknownMemberType=false
# The decorators of azure.functions leave their keyword arguments without types.

import logging
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import azure.functions as func

from functions.answers import answer, param, problem
from functions.signed_in import own_tenant, require_engineer, signed_in
from shared_code.core.caller import Caller
from shared_code.core.delivery import decode_delivery
from shared_code.core.errors import DeliveryWaits
from shared_code.service.evidence import evidence_json
from shared_code.wiring import services

blueprint = func.Blueprint()
_log = logging.getLogger(__name__)

# Without a mailbox the message waits for one.
_WITHOUT_MAILBOX = timedelta(hours=1)


@blueprint.function_name("plan_digests")
@blueprint.timer_trigger(arg_name="timer", schedule="30 */15 * * * *")
async def plan_digests(timer: func.TimerRequest) -> None:
    planner = services().digests
    if planner:
        await planner.plan()


@blueprint.function_name("deliveries")
@blueprint.queue_trigger(arg_name="message", queue_name="deliveries", connection="REPORTS_STORAGE")
async def deliveries(message: func.QueueMessage) -> None:
    request = decode_delivery(message.get_body())
    deliverer = services().deliverer
    if deliverer is None:
        await services().delivery_queue.send(request.after_wait(), delay=_WITHOUT_MAILBOX)
        return
    try:
        await deliverer.deliver(request)
    except DeliveryWaits as waits:
        delay = max(waits.until - datetime.now(UTC), timedelta()) + timedelta(seconds=1)
        await services().delivery_queue.send(request.after_wait(), delay=delay)


@blueprint.function_name("deliveries_poison")
@blueprint.queue_trigger(
    arg_name="message", queue_name="deliveries-poison", connection="REPORTS_STORAGE"
)
async def deliveries_poison(message: func.QueueMessage) -> None:
    """The planner sends it again some hours later, unless nobody can read it."""
    _log.error("delivery message %s failed too often and is parked", message.id)
    await services().parking.keep_delivery(message.id or "unknown", message.get_body())


@blueprint.function_name("tenant_evidence")
@blueprint.route(route="api/tenants/{id}/evidence", methods=["GET"])
@signed_in
async def tenant_evidence(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    found = await services().evidence.of(own_tenant(req, caller))
    if found is None:
        return problem(HTTPStatus.NOT_FOUND)
    return answer({"evidence": [evidence_json(each) for each in found]})


@blueprint.function_name("all_evidence")
@blueprint.route(route="api/evidence", methods=["GET"])
@signed_in
async def all_evidence(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Of every tenant; `late=true`: only what was or is delivered too late."""
    require_engineer(caller)
    found = await services().evidence.of_all(only_late=param(req, "late") == "true")
    return answer({"evidence": [evidence_json(each) for each in found]})
