from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from time import monotonic

import aiohttp
import msgspec
import pytest

from dev.sandbox import Fault, FaultKind, Sandbox, contoso, fabrikam
from tests.dev import GUESTS, MONDAY, Asking

TENANT = contoso().tenant_id
TWENTY = GUESTS | {"$select": "id,displayName", "$top": "20"}


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    customers = [contoso(members=10, guests=60, steady=True), fabrikam()]
    async with Sandbox(customers, at=MONDAY) as running:
        yield running


@pytest.fixture
async def graph(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, TENANT) as client:
        yield client


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (FaultKind.TOKEN_REFUSED, 401, "InvalidAuthenticationToken"),
        (FaultKind.PERMISSION_MISSING, 403, "Authorization_RequestDenied"),
        (
            FaultKind.LICENCE_MISSING,
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        ),
        (FaultKind.CONDITIONAL_ACCESS, 403, "AccessDenied"),
        (FaultKind.THROTTLED_SECONDS, 429, "TooManyRequests"),
        (FaultKind.ERROR_500, 500, "InternalServerError"),
        (FaultKind.ERROR_502, 502, "BadGateway"),
        (FaultKind.ERROR_503, 503, "serviceNotAvailable"),
        (FaultKind.ERROR_504, 504, "UnknownError"),
    ],
)
async def test_an_ordered_error_comes_as_often_as_ordered_and_then_no_more(
    sandbox: Sandbox, graph: Asking, kind: FaultKind, status: int, code: str
) -> None:
    sandbox.faults.add(Fault(kind=kind, times=2))
    answers = [await graph.get("/users", TWENTY) for _ in range(3)]
    assert [answer.status for answer in answers] == [status, status, 200]
    assert answers[0].code == code


async def test_a_fault_hits_its_tenant_and_path_only(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.ERROR_500, tenant=TENANT, path="/users"))
    assert (await graph.get("/users")).status == 500
    assert (await graph.get("/organization")).status == 200
    async with Asking(sandbox, fabrikam().tenant_id) as other:
        assert (await other.get("/users")).status == 200


async def test_a_fault_can_let_requests_pass_first(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.ERROR_503, after=2, times=1))
    statuses = [(await graph.get("/users", TWENTY)).status for _ in range(4)]
    assert statuses == [200, 200, 503, 200]


async def test_cleared_faults_are_gone(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.ERROR_500))
    sandbox.faults.clear()
    assert (await graph.get("/users", TWENTY)).status == 200


async def test_throttling_says_when_in_seconds_or_as_a_date_or_not_at_all(
    sandbox: Sandbox, graph: Asking
) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.THROTTLED_SECONDS, seconds=7, times=1))
    sandbox.faults.add(Fault(kind=FaultKind.THROTTLED_DATE, seconds=7, times=1))
    sandbox.faults.add(Fault(kind=FaultKind.THROTTLED_SILENT, times=1))
    in_seconds, as_date, silent = [await graph.get("/users", TWENTY) for _ in range(3)]
    assert in_seconds.headers["Retry-After"] == "7"
    assert parsedate_to_datetime(as_date.headers["Retry-After"])
    assert silent.status == 429
    assert "Retry-After" not in silent.headers


async def test_an_empty_page_still_leads_to_all_rows(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.EMPTY_PAGE, times=1, after=1))
    pages = [len(page.body["value"]) async for page in graph.pages("/users", TWENTY)]
    assert pages == [20, 0, 20, 20]


async def test_an_empty_first_page_still_leads_to_all_rows(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.EMPTY_PAGE, times=1))
    assert len(await graph.rows("/users", TWENTY)) == 60


async def test_a_repeated_link_leads_to_the_page_it_stands_on(
    sandbox: Sandbox, graph: Asking
) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.REPEATED_LINK))
    first = await graph.get("/users", TWENTY)
    second = await graph.get(first.body["@odata.nextLink"])
    assert second.body == first.body


async def test_a_page_token_expires_on_the_second_page_only(
    sandbox: Sandbox, graph: Asking
) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.PAGE_TOKEN_EXPIRED, times=1))
    first = await graph.get("/users", TWENTY)
    second = await graph.get(first.body["@odata.nextLink"])
    assert (first.status, second.status) == (200, 400)
    assert second.code == "Directory_ExpiredPageToken"
    assert len(await graph.rows("/users", TWENTY)) == 60


async def test_a_truncated_body_is_a_complete_answer_with_half_a_json(
    sandbox: Sandbox, graph: Asking
) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.TRUNCATED_BODY))
    answer = await graph.get("/users", TWENTY)
    assert answer.status == 200
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(answer.raw)


async def test_an_html_page_can_come_instead_of_json(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.HTML_BODY))
    answer = await graph.get("/users", TWENTY)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_a_field_can_have_the_wrong_type(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.WRONG_TYPE))
    assert (await graph.get("/users", TWENTY)).body["value"][0]["id"] == 5


async def test_the_connection_can_drop_in_the_middle_of_a_body(
    sandbox: Sandbox, graph: Asking
) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.CONNECTION_DROPPED, times=1))
    with pytest.raises(aiohttp.ClientPayloadError):
        await graph.get("/users", TWENTY)
    assert (await graph.get("/users", TWENTY)).status == 200


async def test_latency_comes_on_top_of_another_fault(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.LATENCY, seconds=0.1))
    sandbox.faults.add(Fault(kind=FaultKind.ERROR_500, times=1))
    began = monotonic()
    assert (await graph.get("/users", TWENTY)).status == 500
    assert monotonic() - began >= 0.1


async def test_faults_can_be_ordered_over_http_and_are_counted(
    sandbox: Sandbox, graph: Asking
) -> None:
    order = {"kind": "error_502", "tenant": TENANT, "path": "/users", "times": 1}
    assert (await graph.post("/sandbox/faults", order)).status == 204
    assert (await graph.get("/users", TWENTY)).status == 502
    stats = await graph.get(f"{sandbox.origin}/sandbox/stats")
    assert stats.body["statuses"]["502"] == 1
    assert {"tenant": TENANT, "path": "/users", "count": 1} in stats.body["requests"]


async def test_a_misspelt_fault_is_refused(graph: Asking) -> None:
    assert (await graph.post("/sandbox/faults", {"kind": "eror"})).status == 400


async def test_a_customer_can_be_changed_over_http(sandbox: Sandbox, graph: Asking) -> None:
    change = {"tenant": TENANT, "permissions": ["User.Read.All"], "plan": "BusinessBasic"}
    assert (await graph.post("/sandbox/customers", change)).status == 204
    assert (await graph.get("/organization")).status == 403
    assert sandbox.customers[TENANT].plan == "BusinessBasic"
