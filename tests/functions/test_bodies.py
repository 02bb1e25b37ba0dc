"""What is sent to the API: of one size at most, and whatever is wrong in it is named and never our error."""

import json
from typing import Any

import pytest
import pytest_asyncio

from dev.host.worker import Answer
from functions.signed_in import LARGEST_BODY
from shared_code.core.tenant import Tenant, TenantId, TenantState
from tests.functions.description import operations
from tests.functions.house import PARTNER, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

TENANT = TenantId("b0d1e5c0-5a1d-4e0f-8a6c-7d2b3c4e5f61")
READ = [key for key, operation in operations().items() if "requestBody" in operation]
WRITES = [key for key in operations() if key[0] in ("POST", "PUT", "PATCH", "DELETE")]
# What each route reads, and cannot but read, with every kind of value in it.
WHOLE: dict[str, dict[str, Any]] = {
    "/api/tenants/{id}": {
        "customer": "T",
        "subscriptions": {"usage": {"retention": 12}},
        "contacts": [{"address": "it@t.example", "reports": ["usage"]}],
        "privacy": {"usage": {"mode": "aggregate"}},
        "options": {"admin-roles": {"most_global": 5}},
        "language": "en",
        "service_end": "2030-06-30",
        "retention": {"runs": 12},
        "links": {"sign_in_required": False, "allowed_opens": 3},
    },
    "/api/tenants/{id}/offboard": {"confirm": "somebody else"},
    "/api/assessments/{id}": {"de": "a", "en": "b", "recommendation": "check"},
    "/api/invitations": {
        "tenant": "nobody.example",
        "customer": "T",
        "subscriptions": {"usage": {"cadence": "0 6 1 * *"}},
        "privacy": {"usage": {"mode": "aggregate"}},
        "contacts": [{"address": "it@t.example", "reports": ["usage"]}],
        "options": {"admin-roles": {"most_global": 5}},
        "service_end": "2030-06-30",
        "days": 14,
    },
}


async def sent(house: House, key: tuple[str, str], body: bytes, **headers: str) -> Answer:
    method, path = key
    identity = "MC777002" if "assessments" in path else TENANT
    place = path.replace("{id}", identity).replace("{run}", "x").replace("{jti}", "x")
    engineer = house.bearer(tid=PARTNER, roles=["Reports.Engineer"])
    return await house.ask(method, place, engineer | headers, body)


async def refused(house: House, key: tuple[str, str], body: bytes, status: int = 400) -> str:
    """Which field the problem names."""
    answer = await sent(house, key, body)
    assert answer.ok, answer.error
    assert answer.status == status, (body[:80], answer.body)
    assert answer.headers["content-type"].startswith("application/problem+json")
    told = json.loads(answer.body)
    assert (told["status"], set(told)) == (status, {"type", "title", "status", "detail", "field"})
    return told["field"]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def tenant(house: House) -> Tenant:
    """Nobody else's, and as it was: the next test must not depend on this one."""
    tenant = Tenant(id=TENANT, customer="T", domain="t.example", state=TenantState.ACTIVE)
    await house.services.tenants.save(tenant)
    return tenant


async def test_every_route_that_reads_a_body_is_tried_here() -> None:
    assert {path for _, path in READ} == set(WHOLE)


@pytest.mark.parametrize("key", WRITES, ids=" ".join)
async def test_a_larger_body_than_any_of_ours_is_not_read(
    house: House, key: tuple[str, str]
) -> None:
    assert await refused(house, key, b" " * (LARGEST_BODY + 1), 413) == "body"


@pytest.mark.parametrize("key", WRITES, ids=" ".join)
async def test_nobody_is_told_how_large_a_body_may_be(house: House, key: tuple[str, str]) -> None:
    method, path = key
    assert (await house.ask(method, path, {}, b" " * (LARGEST_BODY + 1))).status == 401


@pytest.mark.parametrize("key", READ, ids=" ".join)
async def test_a_body_of_the_largest_size_is_read(house: House, key: tuple[str, str]) -> None:
    whole = json.dumps(WHOLE[key[1]]).encode()
    answer = await sent(house, key, whole + b" " * (LARGEST_BODY - len(whole)))
    assert answer.status in (200, 400)
    assert json.loads(answer.body).get("field") in (None, "tenant", "confirm")


NO_OBJECT = {
    "nothing": b"",
    "space": b"  ",
    "cut": b'{"de": ',
    "a word": b"nothing",
    "null": b"null",
    "a number": b"1e999",
    "a list": b"[]",
    "a list of objects": b"[{}]",
    "a text": b'"{}"',
    "two of them": b"{}{}",
    "a comment": b"{} // x",
    "single quotes": b"{'de': 1}",
    "NaN": b"NaN",
    "NUL": b"\0",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "Latin-1": '{"de": "ä"}'.encode("latin-1"),
    "half a surrogate pair": b'{"de": "\\ud800"}',
    "a surrogate in UTF-8": b'{"de": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"de": "\xc0\xaf"}',
    "deep lists": b"[" * 60_000,
    "deep objects": b'{"a":' * 12_000,
    "deep in a field there is not": b'{"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "form fields": b"confirm=x&de=y",
}


# What is missed or met first, before the text ends or goes on where it must not.
FIRST = {"a", "de", "confirm", "tenant"}


@pytest.mark.parametrize("key", READ, ids=" ".join)
@pytest.mark.parametrize("why", NO_OBJECT)
async def test_what_is_no_object_in_json_is_no_body(
    house: House, key: tuple[str, str], why: str
) -> None:
    assert await refused(house, key, NO_OBJECT[why]) in {"body", *FIRST}


VALUES = [None, True, -1, 1.5, 10**40, 1e308, "", "x" * 50_000, [], [[]], {}, {"a": {}}, [None]]


@pytest.mark.parametrize(("key", "name"), [(k, n) for k in READ for n in WHOLE[k[1]]])
async def test_no_value_of_any_field_is_our_error(
    house: House, key: tuple[str, str], name: str
) -> None:
    for value in VALUES:
        answer = await sent(house, key, json.dumps(WHOLE[key[1]] | {name: value}).encode())
        assert answer.ok, (value, answer.error)
        assert answer.status in (200, 400), (value, answer.body)
        if answer.status == 400:
            told = json.loads(answer.body)
            assert told["field"].split(".")[0].split("[")[0] in {name, "tenant", "confirm"}
            assert "x" * 20 not in told["detail"]


@pytest.mark.parametrize("key", READ, ids=" ".join)
async def test_fields_there_are_not_are_named(house: House, key: tuple[str, str]) -> None:
    whole = WHOLE[key[1]]
    for name in ("tenant_id", "state", "__proto__", "Confirm"):
        assert await refused(house, key, json.dumps(whole | {name: 1}).encode()) == name
    hostile = json.dumps(whole | {"<script>": 1}).encode()
    assert await refused(house, key, hostile) == "?"


@pytest.mark.parametrize("key", READ, ids=" ".join)
async def test_numbers_without_measure_are_no_error(house: House, key: tuple[str, str]) -> None:
    for digits in (b"9" * 5_000, b"-" + b"9" * 5_000, b"1e999999", b"0." + b"0" * 5_000 + b"1"):
        for name in WHOLE[key[1]]:
            assert await refused(house, key, b'{"%s": %s}' % (name.encode(), digits))
        assert await refused(house, key, b'{"options": {"admin-roles": {"x": %s}}}' % digits)


async def test_of_a_field_that_is_there_twice_the_last_counts(house: House, tenant: Tenant) -> None:
    twice = b'{"language": "de", "language": "fr"}'
    assert await refused(house, ("PATCH", "/api/tenants/{id}"), twice) == "language"
    confirmed = b'{"confirm": "%s", "confirm": "x"}' % TENANT.encode()
    offboard = ("POST", "/api/tenants/{id}/offboard")
    assert await refused(house, offboard, confirmed) == "confirm"
    assert await house.services.tenants.get(TENANT) == tenant


async def test_what_a_body_is_called_makes_it_nothing_else(house: House) -> None:
    for kind in ("text/plain", "application/xml", "multipart/form-data", "x" * 5_000, ""):
        answer = await sent(
            house, ("PATCH", "/api/tenants/{id}"), b'{"language": "en"}', **{"Content-Type": kind}
        )
        assert answer.status == 200


@pytest.mark.parametrize(
    ("key", "body", "field"),
    [
        (("PUT", "/api/assessments/{id}"), b'{"de": "a", "en": "b"}', "recommendation"),
        (
            ("PUT", "/api/assessments/{id}"),
            b'{"de": " ", "en": "b", "recommendation": "check"}',
            "de",
        ),
        (
            ("PUT", "/api/assessments/{id}"),
            b'{"de": "a", "en": "b", "recommendation": "sell"}',
            "recommendation",
        ),
        (("PATCH", "/api/tenants/{id}"), b'{"contacts": [{}]}', "contacts[0].address"),
        (
            ("PATCH", "/api/tenants/{id}"),
            b'{"links": {"allowed_opens": 0}}',
            "links.allowed_opens",
        ),
        (("PATCH", "/api/tenants/{id}"), b'{"links": {"password": "x"}}', "links.password"),
        (("POST", "/api/tenants/{id}/offboard"), b"{}", "confirm"),
        (("POST", "/api/tenants/{id}/offboard"), b'{"confirm": 1}', "confirm"),
        (("POST", "/api/invitations"), b'{"tenant": 1}', "tenant"),
        (
            ("POST", "/api/invitations"),
            b'{"tenant": "contoso.example", "customer": "Contoso"}',
            "subscriptions",
        ),
        (
            ("POST", "/api/invitations"),
            b'{"tenant": "t.example", "customer": "T", "subscriptions": {"usage": {}}, "time_zone": "Mars"}',
            "time_zone",
        ),
    ],
)
async def test_which_part_is_wrong_is_told(
    house: House, key: tuple[str, str], body: bytes, field: str
) -> None:
    assert await refused(house, key, body) == field
