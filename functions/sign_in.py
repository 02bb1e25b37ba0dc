"""Sign-in to the pages with Entra ID: there, back, and out again."""

import logging
from http import HTTPStatus

import azure.functions as func

from functions import cookies
from functions.answers import notice, param, see_other
from shared_code.core.errors import ConfigurationError, NotAllowed, NotSignedIn, UpstreamError
from shared_code.rendering.notice import NO_ACCESS, SIGN_IN_FAILED, SIGNED_OUT, UNAVAILABLE
from shared_code.service.sign_in import PENDING, SESSION
from shared_code.wiring import services

blueprint = func.Blueprint()
_log = logging.getLogger(__name__)


@blueprint.function_name("sign_in")
@blueprint.route(route="signin", methods=["GET"])
async def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    choose = param(req, "account") == "other"
    begun = services().browser_sign_in.begin(param(req, "to"), choose_account=choose)
    response = see_other(begun.address)
    return cookies.write(response, cookies.pending(begun.state), begun.sealed, PENDING)


@blueprint.function_name("sign_in_callback")
@blueprint.route(route="signin/callback", methods=["GET"])
async def sign_in_callback(req: func.HttpRequest) -> func.HttpResponse:
    cookie = cookies.pending(param(req, "state"))
    return cookies.write(await _finished(req, cookies.read(req, cookie)), cookie, "")


async def _finished(req: func.HttpRequest, sealed: str) -> func.HttpResponse:
    try:
        admitted = await services().browser_sign_in.finish(
            state=param(req, "state"), code=param(req, "code"), sealed=sealed
        )
    except NotSignedIn:
        return notice(req, SIGN_IN_FAILED, HTTPStatus.BAD_REQUEST)
    except NotAllowed:
        return notice(req, NO_ACCESS, HTTPStatus.FORBIDDEN)
    except (UpstreamError, ConfigurationError) as error:
        _log.error("sign-in not possible: %s", error)
        return notice(req, UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE)
    return cookies.write(see_other(admitted.to), cookies.SESSION, admitted.session, SESSION)


@blueprint.function_name("sign_out")
@blueprint.route(route="signout", methods=["GET"])
async def sign_out(req: func.HttpRequest) -> func.HttpResponse:
    """Entra's own sign-out is offered: it ends more than our pages."""
    links = {"entra": services().browser_sign_in.sign_out_address}
    return cookies.write(notice(req, SIGNED_OUT, links=links), cookies.SESSION, "")
