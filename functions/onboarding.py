"""Onboarding: engineers invite, the customer's admin reads and consents, a timer completes what took longer."""

from http import HTTPStatus

import azure.functions as func

from functions.answers import answer, dead_link, language, page, param, problem, see_other
from functions.signed_in import require_engineer, signed_in
from shared_code.core.caller import Caller
from shared_code.core.errors import FieldInvalid, LinkError, NotInvitable
from shared_code.rendering.onboarding import CONTENT_POLICY, answer_page, invitation_page
from shared_code.service.accept import Answer, Callback
from shared_code.service.invite import Sent, offer_of
from shared_code.wiring import services

blueprint = func.Blueprint()


@blueprint.function_name("invite")
@blueprint.route(route="api/invitations", methods=["POST"])
@signed_in
async def invite(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    require_engineer(caller)
    try:
        offer = offer_of(req.get_body())
        sent = await services().inviting.invite(offer, created_by=caller.object_id)
    except FieldInvalid as error:
        return problem(HTTPStatus.BAD_REQUEST, error.problem, field=error.field)
    except NotInvitable as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    return answer(_sent_json(sent), HTTPStatus.CREATED)


@blueprint.function_name("consent_callback")
@blueprint.route(route="onboarding/callback", methods=["GET"])
async def consent_callback(req: func.HttpRequest) -> func.HttpResponse:
    """Leads to the page of the invitation, so that nobody reloads a call-back."""
    try:
        answered = await services().accepting.answer(_callback(req))
    except LinkError:
        return dead_link(req)
    invited = answered.invited
    if answered.answer is Answer.RECEIVED:
        return see_other(invited.page_address)
    spoken = language(req, invited.tenant.language)
    text = answer_page(answered.answer, invited, spoken, brand=services().brand)
    return page(text, CONTENT_POLICY)


@blueprint.function_name("onboarding_page")
@blueprint.route(route="onboarding/{state}", methods=["GET"])
async def onboarding_page(req: func.HttpRequest) -> func.HttpResponse:
    try:
        invited = await services().accepting.show(req.route_params["state"])
    except LinkError:
        return dead_link(req)
    spoken = language(req, invited.tenant.language)
    return page(invitation_page(invited, spoken, brand=services().brand), CONTENT_POLICY)


@blueprint.function_name("complete_onboarding")
@blueprint.timer_trigger(arg_name="timer", schedule="30 */5 * * * *")
async def complete_onboarding(timer: func.TimerRequest) -> None:
    await services().accepting.complete()


def _sent_json(sent: Sent) -> object:
    invitation = sent.invitation
    return {
        "id": invitation.id,
        "tenant": invitation.tenant_id,
        "address": sent.address,
        "expires": invitation.expires.isoformat(),
    }


def _callback(req: func.HttpRequest) -> Callback:
    """Without Microsoft's words on an error: they are anybody's, and nothing is made of them."""
    return Callback(
        state=param(req, "state"),
        tenant=param(req, "tenant"),
        admin_consent=param(req, "admin_consent"),
        error=param(req, "error"),
    )
