"""Sign-in to the pages with Entra ID: there, back, and out again."""

from http import HTTPStatus
from typing import cast

import azure.functions as func

from functions import cookies
from functions.answers import notice, see_other
from shared_code.core.errors import NotAllowed, NotSignedIn, UpstreamError
from shared_code.core.sign_in import HOME
from shared_code.rendering.notice import NO_ACCESS, SIGN_IN_FAILED, SIGNED_OUT, UNAVAILABLE
from shared_code.service.sign_in import PENDING, SESSION
from shared_code.wiring import services

blueprint = func.Blueprint()


@blueprint.function_name("sign_in")
@blueprint.route(route="signin", methods=["GET"])
async def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    asked = cast("dict[str, str]", req.params)
    begun = services().entrance.begin(
        asked.get("to", HOME), choose_account=asked.get("account") == "other"
    )
    response = see_other(begun.address)
    return cookies.write(response, cookies.pending(begun.state), begun.sealed, PENDING)


@blueprint.function_name("sign_in_callback")
@blueprint.route(route="signin/callback", methods=["GET"])
async def sign_in_callback(req: func.HttpRequest) -> func.HttpResponse:
    asked = cast("dict[str, str]", req.params)
    cookie = cookies.pending(asked.get("state", ""))
    return cookies.write(await _finished(req, asked, cookies.read(req, cookie)), cookie, "")


async def _finished(req: func.HttpRequest, asked: dict[str, str], sealed: str) -> func.HttpResponse:
    try:
        admitted = await services().entrance.finish(
            state=asked.get("state", ""), code=asked.get("code", ""), sealed=sealed
        )
    except NotSignedIn:
        return notice(req, SIGN_IN_FAILED, HTTPStatus.BAD_REQUEST)
    except NotAllowed:
        return notice(req, NO_ACCESS, HTTPStatus.FORBIDDEN)
    except UpstreamError:
        return notice(req, UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE)
    return cookies.write(see_other(admitted.to), cookies.SESSION, admitted.session, SESSION)


@blueprint.function_name("sign_out")
@blueprint.route(route="signout", methods=["GET"])
async def sign_out(req: func.HttpRequest) -> func.HttpResponse:
    """Entra's own sign-out is offered: it ends more than our pages."""
    links = {"entra": services().entrance.sign_out_address}
    return cookies.write(notice(req, SIGNED_OUT, links=links), cookies.SESSION, "")
