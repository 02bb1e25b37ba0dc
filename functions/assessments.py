"""The partner's assessments of announcements: engineers read, write and delete them."""

from http import HTTPStatus

import azure.functions as func
import msgspec

from functions.answers import answer, done, problem
from functions.signed_in import require_engineer, signed_in
from shared_code.core.assessment import Assessment
from shared_code.core.caller import Caller
from shared_code.core.errors import FieldInvalid
from shared_code.service.assess import draft_of
from shared_code.wiring import services

blueprint = func.Blueprint()
_ROUTE = "api/assessments/{id}"


@blueprint.function_name("get_assessment")
@blueprint.route(route=_ROUTE, methods=["GET"])
@signed_in
async def get_assessment(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    require_engineer(caller)
    try:
        found = await services().assessing.get(req.route_params["id"])
    except FieldInvalid:
        found = None
    return answer(_json(found)) if found else problem(HTTPStatus.NOT_FOUND)


@blueprint.function_name("put_assessment")
@blueprint.route(route=_ROUTE, methods=["PUT"])
@signed_in
async def put_assessment(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    require_engineer(caller)
    try:
        draft = draft_of(req.get_body())
        written = await services().assessing.write(req.route_params["id"], draft)
    except FieldInvalid as error:
        return problem(HTTPStatus.BAD_REQUEST, error.problem, field=error.field)
    return answer(_json(written))


@blueprint.function_name("delete_assessment")
@blueprint.route(route=_ROUTE, methods=["DELETE"])
@signed_in
async def delete_assessment(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    require_engineer(caller)
    try:
        deleted = await services().assessing.delete(req.route_params["id"])
    except FieldInvalid:
        deleted = False
    return done() if deleted else problem(HTTPStatus.NOT_FOUND)


def _json(assessment: Assessment) -> object:
    return msgspec.to_builtins(assessment)
