"""The app does what docs/openapi.yaml says: requests made up from the description, and real ones."""

import copy
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation.modes import GenerationMode

from dev.host.worker import Answer
from tests.functions.description import described, operations
from tests.functions.house import NORTHWIND, House
from tests.functions.successes import EXAMPLES, TENANT, address, engineer, known

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
        return engineer(house)
    return house.bearer(tid=TENANT) if caller == "reader" else {}


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
        await known(house)
        case.path_parameters = {**case.path_parameters, "id": TENANT}

    answer = await _asked(house, case, _headers(house, caller))

    if operation.definition.raw["security"] == [{"entra": []}]:
        assert (answer.status == 401) == (caller == "nobody")


# Redirects too.
_SUCCESSES = [
    (name, int(code))
    for name, operation in _OPERATIONS.items()
    for code in operation.definition.raw["responses"]
    if int(code) < 400
]


@pytest_asyncio.fixture(loop_scope="session")
async def _northwind_stays(house: House) -> AsyncIterator[None]:
    known = await house.services.tenants.get(NORTHWIND)
    assert known
    yield
    await house.services.tenants.save(known)


@pytest.mark.usefixtures("_northwind_stays")
@pytest.mark.parametrize(("name", "status"), _SUCCESSES, ids=str)
async def test_each_success_that_is_described_is_seen_and_has_no_more_and_no_less(
    house: House, name: str, status: int
) -> None:
    operation = _OPERATIONS[name]
    asked = await EXAMPLES[operation.definition.raw["operationId"], status](house)
    path = address(operation.path, asked)
    body = json.dumps(asked.body).encode() if asked.body is not None else b""
    sent = engineer(house) if asked.headers is None else asked.headers

    answer = await house.ask(operation.method.upper(), path, sent, body)

    assert answer.status == status, answer.body
    case = operation.Case(path_parameters=dict(asked.values), headers={}, query={})
    request = requests.Request(operation.method.upper(), _ORIGIN + path).prepare()
    _as_described(case, request, answer)
    if operation.method == "get" and answer.headers["content-type"].startswith("application/json"):
        listed = {n: v for n, v in json.loads(answer.body).items() if isinstance(v, list)}
        assert all(v for n, v in listed.items() if n != "failing"), "an empty list proves nothing"


async def test_no_example_is_left_of_what_is_no_longer_described() -> None:
    described_ = {
        (operation.definition.raw["operationId"], int(code))
        for operation in _OPERATIONS.values()
        for code in operation.definition.raw["responses"]
    }
    assert set(EXAMPLES) <= described_
