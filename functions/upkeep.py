"""Health: is the app configured, and does its storage answer."""

from http import HTTPStatus

import azure.functions as func

from functions.answers import answer
from shared_code.wiring import services

blueprint = func.Blueprint()


@blueprint.function_name("health")
@blueprint.route(route="api/health", methods=["GET", "HEAD"])
async def health(req: func.HttpRequest) -> func.HttpResponse:
    failing = await services().failing()
    status = HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK
    return answer({"status": "failing" if failing else "ok", "failing": failing}, status)
