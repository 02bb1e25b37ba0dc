from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import jwt
import pytest

from dev.sandbox import Fault, FaultKind, Sandbox, contoso, fabrikam, northwind, three_customers
from tests.dev import APP_ID, MONDAY, Asking

TENANT = fabrikam().tenant_id


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(three_customers(), at=MONDAY, secret="right") as running:
        yield running


@pytest.fixture
async def fabrikam_client(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, TENANT) as client:
        yield client


async def test_a_secret_or_an_assertion_buys_a_token(fabrikam_client: Asking) -> None:
    by_secret = await fabrikam_client.sign_in(client_secret="right")
    by_assertion = await fabrikam_client.sign_in(client_secret="", client_assertion="right")
    assert by_secret.status == by_assertion.status == 200
    assert by_secret.body["token_type"] == "Bearer"
    assert by_secret.body["expires_in"] == 3599


async def test_a_wrong_secret_is_refused(fabrikam_client: Asking) -> None:
    answer = await fabrikam_client.sign_in(client_secret="wrong")
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")
    assert answer.body["error_codes"] == [7000215]


async def test_an_unknown_tenant_is_refused(fabrikam_client: Asking) -> None:
    answer = await fabrikam_client.sign_in("11111111-2222-4333-8444-555555555555")
    assert answer.body["error_codes"] == [90002]


async def test_the_customer_that_withdrew_its_consent_is_refused(fabrikam_client: Asking) -> None:
    answer = await fabrikam_client.sign_in(northwind().tenant_id, client_secret="right")
    assert (answer.status, answer.body["error"]) == (400, "unauthorized_client")
    assert answer.body["error_codes"] == [7000229]
    assert answer.body["error_description"].startswith("AADSTS7000229: ")
    assert {"timestamp", "trace_id", "correlation_id"} <= answer.body.keys()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FaultKind.APPLICATION_MISSING, (400, "unauthorized_client", 700016)),
        (FaultKind.APPLICATION_DISABLED, (401, "unauthorized_client", 7000112)),
        (FaultKind.TENANT_GONE, (400, "invalid_request", 90002)),
        (FaultKind.LOGIN_TRANSIENT, (503, "temporarily_unavailable", 90033)),
        (FaultKind.LOGIN_CONDITIONAL_ACCESS, (400, "invalid_grant", 53003)),
        (FaultKind.SECRET_EXPIRED, (401, "invalid_client", 7000222)),
    ],
)
async def test_an_ordered_refusal_is_answered_once_and_then_forgotten(
    sandbox: Sandbox, fabrikam_client: Asking, kind: FaultKind, expected: tuple[int, str, int]
) -> None:
    sandbox.faults.add(Fault(kind=kind, tenant=TENANT, times=1))
    refused = await fabrikam_client.sign_in(client_secret="right")
    assert (refused.status, refused.body["error"], *refused.body["error_codes"]) == expected
    assert (await fabrikam_client.sign_in(client_secret="right")).status == 200


async def test_graph_takes_the_tenant_from_the_token() -> None:
    async with Sandbox(three_customers(), at=MONDAY) as sandbox:
        for customer in (contoso(), fabrikam()):
            async with Asking(sandbox, customer.tenant_id) as client:
                answer = await client.get("/organization")
            assert answer.body["value"][0]["id"] == customer.tenant_id


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer made.up.token", "Basic abc"])
async def test_an_unknown_token_is_refused(fabrikam_client: Asking, token: str) -> None:
    answer = await fabrikam_client.get("/organization", Authorization=token)
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


async def test_an_expired_token_is_refused() -> None:
    async with (
        Sandbox([fabrikam()], at=MONDAY, token_lifetime=-1) as sandbox,
        Asking(sandbox, TENANT) as client,
    ):
        answer = await client.get("/organization")
    assert (answer.status, answer.code) == (401, "InvalidAuthenticationToken")


async def test_portal_tokens_verify_against_the_published_keys(sandbox: Sandbox) -> None:
    token = sandbox.issue(tid=TENANT, roles=["Reports.Read"], aud="api://reports")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{sandbox.origin}/discovery/v2.0/keys") as response,
    ):
        keys = jwt.PyJWKSet.from_dict(await response.json())
    kid = jwt.get_unverified_header(token)["kid"]
    claims = jwt.decode(
        token,
        keys[kid],
        algorithms=["RS256"],
        audience="api://reports",
        issuer=f"{sandbox.origin}/{TENANT}/v2.0",
        options={"require": ["exp", "nbf", "iat", "iss", "aud", "tid", "oid"]},
    )
    assert (claims["tid"], claims["roles"]) == (TENANT, ["Reports.Read"])


async def test_a_claim_of_a_portal_token_can_be_overridden_or_dropped(sandbox: Sandbox) -> None:
    token = sandbox.issue(tid=TENANT, roles=[], aud="x", iss="https://elsewhere.example", oid=None)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iss"] == "https://elsewhere.example"
    assert "oid" not in claims


async def test_a_portal_token_can_be_ordered_over_http(
    sandbox: Sandbox, fabrikam_client: Asking
) -> None:
    order = {"tid": TENANT, "aud": APP_ID, "roles": ["Reports.Read"], "overrides": {"exp": 1}}
    answer = await fabrikam_client.post("/sandbox/token", order)
    claims = jwt.decode(answer.body["access_token"], options={"verify_signature": False})
    assert (claims["exp"], claims["aud"]) == (1, APP_ID)


async def test_moving_the_instant_over_http_moves_every_tenant(sandbox: Sandbox) -> None:
    later = MONDAY + timedelta(weeks=1)
    async with Asking(sandbox, TENANT) as client:
        assert (await client.post("/sandbox/at", {"at": later})).status == 204
    assert sandbox.at == later
