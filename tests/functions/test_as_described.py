"""The app does what docs/openapi.yaml says: requests made up from the description, and real ones."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation.modes import GenerationMode

from dev.host.worker import Answer
from shared_code.core.tenant import Tenant, TenantId, TenantState
from tests.functions.description import described, operations
from tests.functions.house import CONTOSO, PARTNER, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

load_all_checks()
_CHECKS = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
_ORIGIN = "http://127.0.0.1:7071"
# Nobody else's: what engineers do to it concerns no other test.
_TENANT = TenantId("5c0ffee5-1234-4abc-8def-0123456789ab")
_CALLERS = ("engineer", "reader", "nobody")
_MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
_FEW = settings(
    max_examples=8,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
    ],
)


def _closed(node: Any) -> Any:
    """The same schemas, but without room for what is not described."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed(each) for name, each in node.items()}
    if isinstance(node.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


_SCHEMA = schemathesis.openapi.from_dict(_closed(copy.deepcopy(described())))
_OPERATIONS: dict[str, Any] = {
    f"{method} {path}": _SCHEMA[path][method] for method, path in operations()
}


def _headers(house: House, caller: str) -> dict[str, str]:
    if caller == "engineer":
        return house.bearer(tid=PARTNER, roles=["Reports.Engineer"])
    return house.bearer(tid=_TENANT) if caller == "reader" else {}


async def _known(house: House) -> None:
    """The tenant, whatever was done to it before."""
    await house.services.tenants.save(
        Tenant(
            id=_TENANT,
            customer="Tailspin Spielwaren KG",
            domain="tailspin.example",
            state=TenantState.ACTIVE,
        )
    )


async def _asked(house: House, case: Any, headers: Mapping[str, str]) -> Answer:
    made = case.as_transport_kwargs(base_url=_ORIGIN)
    request = requests.Request(
        method=made["method"],
        url=made["url"],
        params=made.get("params"),
        json=made.get("json"),
        data=made.get("data"),
    ).prepare()
    body: Any = request.body or b""
    answer = await house.ask(
        case.method,
        request.path_url,
        {"Content-Type": "application/json", "Accept": "text/html", **headers},
        body if isinstance(body, bytes) else body.encode(),
    )
    _as_described(case, request, answer)
    return answer


def _as_described(case: Any, request: requests.PreparedRequest, answer: Answer) -> None:
    assert answer.ok, answer.error
    response = schemathesis.Response(
        status_code=answer.status,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=answer.body,
        request=request,
        elapsed=0.0,
        verify=False,
    )
    case.validate_response(response, checks=_CHECKS)


@pytest.mark.parametrize("caller", _CALLERS)
@pytest.mark.parametrize("name", _OPERATIONS)
@seed(20261122)
@_FEW
@given(choice=st.data())
async def test_whatever_is_asked_the_answer_is_one_that_is_described(
    house: House, name: str, caller: str, choice: st.DataObject
) -> None:
    operation = _OPERATIONS[name]
    mode = choice.draw(st.sampled_from(_MODES))
    try:
        case = choice.draw(operation.as_strategy(generation_mode=mode))
    except schemathesis.errors.SchemathesisError:
        return
    if "id" in case.path_parameters and "tenants/{id}" in case.path and choice.draw(st.booleans()):
        await _known(house)
        case.path_parameters = {**case.path_parameters, "id": _TENANT}

    answer = await _asked(house, case, _headers(house, caller))

    if operation.definition.raw["security"] == [{"entra": []}]:
        assert (answer.status == 401) == (caller == "nobody")


def _filled(path: str, **values: str) -> str:
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


async def _conforming(
    house: House, name: str, status: int, *, body: object = None, **values: str
) -> Any:
    """What an engineer is answered; it has to be what is described, and nothing besides."""
    case = _OPERATIONS[name].Case(path_parameters=values, headers={}, query={})
    method, path = name.split(" ")
    sent = json.dumps(body).encode() if body is not None else b""
    answer = await house.ask(method, _filled(path, **values), _headers(house, "engineer"), sent)
    assert answer.status == status, answer.body
    _as_described(case, requests.Request(method, f"{_ORIGIN}{path}").prepare(), answer)
    return json.loads(answer.body) if answer.body else None


async def test_what_there_is_is_answered_with_no_more_and_no_less_than_is_described(
    house: House,
) -> None:
    run = await house.delivered(CONTOSO, weeks_ago=40)

    shelf = await _conforming(house, "GET /api/tenants/{id}/reports", 200, id=CONTOSO)
    link = await _conforming(
        house, "POST /api/tenants/{id}/runs/{run}/links", 201, id=CONTOSO, run=run.id
    )
    house.seen(link["url"].rpartition("/")[2])
    uses = await _conforming(house, "GET /api/tenants/{id}/links", 200, id=CONTOSO)
    tenants = await _conforming(house, "GET /api/tenants", 200)
    audit = await _conforming(house, "GET /api/tenants/{id}/audit", 200, id=CONTOSO)
    evidence = await _conforming(house, "GET /api/tenants/{id}/evidence", 200, id=CONTOSO)
    readiness = await _conforming(house, "POST /api/tenants/{id}/readiness", 200, id=CONTOSO)
    await _conforming(house, "GET /api/tenants/{id}/readiness", 200, id=CONTOSO)
    await _conforming(house, "DELETE /api/links/{jti}", 204, jti=link["id"])

    assert shelf["reports"][0]["runs"]
    assert all(listed for listed in (uses["links"], tenants["tenants"], audit["entries"]))
    assert run.end.isoformat() in {proof["due"] for proof in evidence["evidence"]}
    assert readiness["reports"]


async def test_an_assessment_is_written_read_and_deleted_as_described(house: House) -> None:
    path = "/api/assessments/{id}"
    draft = {"de": "Wir prüfen das.", "en": "We check this.", "recommendation": "check"}

    await _conforming(house, f"PUT {path}", 200, id="mc777001", body=draft)
    await _conforming(house, f"GET {path}", 200, id="MC777001")
    await _conforming(house, f"DELETE {path}", 204, id="MC777001")
    await _conforming(house, f"GET {path}", 404, id="MC777001")


async def test_a_tenant_is_changed_suspended_resumed_and_deleted_as_described(
    house: House,
) -> None:
    await _known(house)
    change = {
        "subscriptions": {"guest-users": {"retention": 12}},
        "privacy": {
            "usage": {"mode": "named", "approved_by": "Betriebsrat", "approved_on": "2026-11-02"}
        },
        "contacts": [{"address": "it@tailspin.example", "reports": ["guest-users"]}],
        "options": {"admin-roles": {"most_global": 5}},
        "links": {"sign_in_required": True, "allowed_opens": 20},
    }

    changed = await _conforming(house, "PATCH /api/tenants/{id}", 200, id=_TENANT, body=change)
    assert changed["links"] == {
        "lifetime_days": None,
        "sign_in_required": True,
        "allowed_opens": 20,
    }
    await _conforming(house, "POST /api/tenants/{id}/suspend", 200, id=_TENANT)
    await _conforming(house, "POST /api/tenants/{id}/suspend", 409, id=_TENANT)
    await _conforming(house, "POST /api/tenants/{id}/resume", 200, id=_TENANT)
    confirmed = {"confirm": _TENANT}
    await _conforming(house, "POST /api/tenants/{id}/offboard", 202, id=_TENANT, body=confirmed)
    await _conforming(house, "GET /api/tenants/{id}/proof", 200, id=_TENANT)
