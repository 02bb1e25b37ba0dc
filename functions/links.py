"""GET and HEAD /r/{token}[/{file}]: opens a signed link."""

import azure.functions as func

from functions.answers import NO_STORE, dead_link
from functions.signed_in import known_visitor, to_sign_in
from shared_code.core.errors import LinkError, NotSignedIn
from shared_code.service.open_link import Opened
from shared_code.wiring import services

blueprint = func.Blueprint()


@blueprint.function_name("open_link")
@blueprint.route(route="r/{token}", methods=["GET", "HEAD"])
async def open_link(req: func.HttpRequest) -> func.HttpResponse:
    """Leads to the front page by a relative address, so that files beside it have one too."""
    token = req.route_params["token"]
    try:
        page = await services().reader.front_page(token, req.method, await known_visitor(req))
    except LinkError:
        return dead_link(req)
    except NotSignedIn:
        return to_sign_in(req)
    return func.HttpResponse(
        status_code=302, headers={**NO_STORE, "Location": f"/r/{token}/{page}"}
    )


@blueprint.function_name("open_file")
@blueprint.route(route="r/{token}/{file}", methods=["GET", "HEAD"])
async def open_file(req: func.HttpRequest) -> func.HttpResponse:
    token, file = req.route_params["token"], req.route_params["file"]
    try:
        opened = await services().reader.open(token, file, req.method, await known_visitor(req))
    except LinkError:
        return dead_link(req)
    except NotSignedIn:
        return to_sign_in(req)
    return _answer(opened)


def _answer(opened: Opened) -> func.HttpResponse:
    if opened.redirect:
        return func.HttpResponse(status_code=302, headers={**NO_STORE, "Location": opened.redirect})
    artifact = opened.artifact
    is_page = artifact.name.endswith(".html")
    disposition = "inline" if is_page else "attachment"
    headers = {
        **NO_STORE,
        "Content-Disposition": f'{disposition}; filename="{opened.download_name}"',
        "Content-Security-Policy": artifact.content_policy or "default-src 'none'",
    }
    return func.HttpResponse(
        opened.body or b"", mimetype=artifact.media_type, charset="utf-8", headers=headers
    )
