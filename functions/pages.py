"""The portal's pages, and the addresses that mails and pages lead to: each click makes a fresh link."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode

import azure.functions as func

from functions.answers import language, page, param, problem, see_other
from functions.signed_in import own_tenant, visited
from shared_code.core.caller import Caller
from shared_code.core.errors import NotAllowed
from shared_code.core.text import Language
from shared_code.rendering.portal import (
    CONTENT_POLICY,
    archive_page,
    audit_page,
    customers_page,
    overview_page,
)
from shared_code.service.files import MEMORY
from shared_code.service.issue_links import Issued
from shared_code.wiring import services

blueprint = func.Blueprint()

_FILTER = re.compile(r"[a-z0-9-]{1,40}")
_MOMENT = "%Y%m%dT%H%M%SZ"


@blueprint.function_name("own_portal")
@blueprint.route(route="portal", methods=["GET"])
@visited
async def own_portal(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Customers have one tenant, engineers all of them."""
    if caller.is_engineer:
        return await _customers(req)
    if not caller.may_read(caller.tenant_id):
        raise NotAllowed("no role here")
    return see_other(f"/portal/{caller.tenant_id}")


async def _customers(req: func.HttpRequest) -> func.HttpResponse:
    served = [tenant for tenant in await services().tenants.all() if not tenant.state.is_gone]
    spoken = language(req, Language.DE)
    return page(customers_page(served, spoken, brand=services().brand), CONTENT_POLICY)


@blueprint.function_name("portal_page")
@blueprint.route(route="portal/{id}", methods=["GET"])
@visited
async def portal_page(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = own_tenant(req, caller)
    overview = await services().overviews.overview(tenant_id)
    if overview is None:
        return problem(HTTPStatus.NOT_FOUND)
    spoken = language(req, overview.tenant.language)
    condition = await services().condition.of(tenant_id, is_for_engineer=caller.is_engineer)
    text = overview_page(overview, spoken, brand=services().brand, condition=condition)
    return page(text, CONTENT_POLICY)


@blueprint.function_name("archive_page")
@blueprint.route(route="portal/{id}/archive/{month}", methods=["GET"])
@visited
async def archive(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id = own_tenant(req, caller)
    month = _moment(req.route_params["month"], "%Y-%m")
    archived = await services().overviews.archived(tenant_id, month.date()) if month else None
    if archived is None:
        return problem(HTTPStatus.NOT_FOUND)
    spoken = language(req, archived.tenant.language)
    return page(archive_page(archived, spoken, brand=services().brand), CONTENT_POLICY)


@blueprint.function_name("audit_page")
@blueprint.route(route="portal/{id}/audit", methods=["GET"])
@visited
async def audit(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    audited = await services().overviews.audited(own_tenant(req, caller))
    if audited is None:
        return problem(HTTPStatus.NOT_FOUND)
    spoken = language(req, audited.tenant.language)
    text = audit_page(audited, spoken, brand=services().brand, reader=caller.object_id)
    return page(text, CONTENT_POLICY)


@blueprint.function_name("newest_report")
@blueprint.route(route="portal/{id}/reports/{report}", methods=["GET"])
@visited
async def newest_report(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    """Where mails lead to: the newest report's page, its table filtered as `f` says."""
    issued = await services().overviews.link(
        own_tenant(req, caller), req.route_params["report"], None, created_by=caller.object_id
    )
    asked = param(req, "lang")
    name = f"report.{asked}.html" if asked in set(Language) else None
    return _opened(req, issued, name)


@blueprint.function_name("archived_file")
@blueprint.route(route="portal/{id}/reports/{report}/{end}/{file}", methods=["GET"])
@visited
async def archived_file(req: func.HttpRequest, caller: Caller) -> func.HttpResponse:
    tenant_id, end = own_tenant(req, caller), _moment(req.route_params["end"], _MOMENT)
    if end is None:
        return problem(HTTPStatus.NOT_FOUND)
    issued = await services().overviews.link(
        tenant_id, req.route_params["report"], end, created_by=caller.object_id
    )
    return _opened(req, issued, req.route_params["file"])


def _opened(req: func.HttpRequest, issued: Issued | None, name: str | None) -> func.HttpResponse:
    """The fragment never reached us from a mail: there the filter is part of the query."""
    if issued is None or (name and (name == MEMORY or not issued.run.artifact(name))):
        return problem(HTTPStatus.NOT_FOUND)
    shown = param(req, "f")
    fragment = f"#{urlencode({'f': shown})}" if _FILTER.fullmatch(shown) else ""
    address = issued.address_of(name) if name else issued.address
    return see_other(address + fragment)


def _moment(text: str, pattern: str) -> datetime | None:
    try:
        found = datetime.strptime(text, pattern).replace(tzinfo=UTC)
    except ValueError:
        return None
    # The first and the last year of a calendar have no day before or after in other time zones.
    return found if MINYEAR < found.year < MAXYEAR else None
