"""The portal's API: who gets in, who sees what, and that nonsense is refused without an error of ours."""

import json
from typing import Any

import pytest

from dev.host.worker import Answer
from tests.functions.house import CONTOSO, FABRIKAM, PARTNER, REPORT, STRANGER, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGINEER = "Reports.Engineer"
READER = "Reports.Reader"


def shelf_path(tenant_id: str) -> str:
    return f"/api/tenants/{tenant_id}/reports"


def body(answer: Answer) -> Any:
    return json.loads(answer.body)


def is_problem(answer: Answer) -> bool:
    kind = {name.lower(): value for name, value in answer.headers.items()}["content-type"]
    return kind.startswith("application/problem+json") and body(answer)["status"] == answer.status


EVERYTHING = [
    ("GET", shelf_path(CONTOSO)),
    ("POST", f"/api/tenants/{CONTOSO}/runs/x/links"),
    ("DELETE", "/api/links/x"),
]


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
async def test_without_a_token_nobody_gets_in(house: House, method: str, path: str) -> None:
    for sent in ({}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}):
        answer = await house.ask(method, path, sent)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert is_problem(answer)


async def test_a_customer_sees_its_own_reports_with_links_that_open(house: House) -> None:
    run = await house.delivered()

    answer = await house.signed_in("GET", shelf_path(CONTOSO), CONTOSO)

    assert answer.status == 200
    assert "no-store" in answer.headers["Cache-Control"]
    listed = body(answer)
    assert listed["tenant"]["id"] == CONTOSO
    [report] = [each for each in listed["reports"] if each["report"] == REPORT]
    assert set(report["title"]) == {"de", "en"}
    [entry] = [entry for entry in report["runs"] if entry["id"] == run.id]
    house.seen(entry["link"]["url"].rpartition("/")[2])
    assert entry["link"]["files"]
    for file in entry["link"]["files"]:
        opened = await house.ask("GET", file["url"].removeprefix("http://127.0.0.1:7071"))
        assert opened.status == 200
        assert len(opened.body) == file["size"]
    assert "memory.bin" not in answer.body.decode()


async def test_the_list_speaks_of_no_person(house: House) -> None:
    await house.delivered()

    text = (await house.signed_in("GET", shelf_path(CONTOSO), CONTOSO)).body.decode()

    for entry in json.loads(text)["reports"][0]["runs"]:
        if entry["link"]:
            house.seen(entry["link"]["url"].rpartition("/")[2])
    assert [word for word in house.people() if word in text] == []


@pytest.mark.parametrize("tenant_id", [FABRIKAM, STRANGER, "not-a-tenant", "%27", "x" * 3000])
async def test_a_customer_learns_nothing_about_others_not_even_whether_they_exist(
    house: House, tenant_id: str
) -> None:
    known = await house.signed_in("GET", shelf_path(FABRIKAM), CONTOSO)
    for method, path in (
        ("GET", shelf_path(tenant_id)),
        ("POST", f"/api/tenants/{tenant_id}/runs/x/links"),
    ):
        answer = await house.signed_in(method, path, CONTOSO)
        assert (answer.status, is_problem(answer)) == (403, True)
        assert (answer.body, answer.headers) == (known.body, known.headers)


async def test_without_a_role_even_the_own_tenant_is_closed(house: House) -> None:
    for roles in ([], ["Reports.Other"], ["reports.reader"]):
        sent = house.bearer(roles=roles)
        for method, path in EVERYTHING:
            assert (await house.ask(method, path, sent)).status == 403


async def test_the_engineers_role_counts_in_the_partners_tenant_only(house: House) -> None:
    own = await house.signed_in("GET", shelf_path(FABRIKAM), PARTNER, ENGINEER)
    assumed = await house.signed_in("GET", shelf_path(FABRIKAM), CONTOSO, ENGINEER)

    assert own.status == 200
    assert assumed.status == 403


async def test_a_customer_we_do_not_serve_has_no_list(house: House) -> None:
    assert (await house.signed_in("GET", shelf_path(STRANGER), STRANGER)).status == 404


async def test_the_tenant_may_be_spelt_in_capitals(house: House) -> None:
    answer = await house.signed_in("GET", shelf_path(CONTOSO.upper()), CONTOSO)

    assert answer.status == 200


async def test_a_link_is_issued_opens_and_is_dead_the_moment_it_is_revoked(house: House) -> None:
    run = await house.delivered()
    issued = await house.signed_in("POST", f"/api/tenants/{CONTOSO}/runs/{run.id}/links", CONTOSO)
    assert issued.status == 201
    link = body(issued)
    path = link["url"].removeprefix("http://127.0.0.1:7071")
    house.seen(path.rpartition("/")[2])
    assert (await house.ask("GET", path)).status == 302

    revoked = await house.signed_in("DELETE", f"/api/links/{link['id']}", CONTOSO)

    assert revoked.status == 204
    assert (await house.ask("GET", path)).status == 410
    assert (await house.ask("GET", f"{path}/report.de.html")).status == 410


async def test_customers_cannot_touch_links_of_others_and_engineers_can(house: House) -> None:
    run = await house.delivered(FABRIKAM)
    token = await house.token(run)
    path = f"/api/links/{token.split('.')[4]}"

    assert (await house.signed_in("DELETE", path, CONTOSO)).status == 404
    assert (await house.ask("GET", f"/r/{token}")).status == 302
    assert (await house.signed_in("DELETE", path, PARTNER, ENGINEER)).status == 204
    assert (await house.ask("GET", f"/r/{token}")).status == 410


async def test_a_run_of_another_tenant_cannot_be_linked(house: House) -> None:
    foreign = await house.delivered(FABRIKAM)

    answer = await house.signed_in(
        "POST", f"/api/tenants/{CONTOSO}/runs/{foreign.id}/links", CONTOSO
    )

    assert answer.status == 404


NONSENSE = [
    "x",
    "%27",
    "%22",
    "a%2Fb",
    "..%2F..",
    "%00",
    "%C3%BC",
    "%0D%0A",
    "x" * 9000,
    "a b",
    "#",
]


@pytest.mark.parametrize("word", NONSENSE, ids=range(len(NONSENSE)))
@pytest.mark.parametrize("role", [READER, ENGINEER])
async def test_nonsense_in_the_path_is_the_callers_mistake_and_never_ours(
    house: House, word: str, role: str
) -> None:
    for method, path in (
        ("GET", shelf_path(word)),
        ("POST", f"/api/tenants/{word}/runs/x/links"),
        ("POST", f"/api/tenants/{CONTOSO}/runs/{word}/links"),
        ("DELETE", f"/api/links/{word}"),
    ):
        answer = await house.signed_in(method, path, PARTNER, role)
        assert answer.ok, answer.error
        assert 400 <= answer.status < 500
        assert b"Traceback" not in answer.body


async def test_query_strings_choose_no_tenant(house: House) -> None:
    answer = await house.app.http(
        "list_reports",
        headers=house.bearer(),
        route={"id": FABRIKAM},
        query={"id": CONTOSO, "tenant": CONTOSO},
    )

    assert answer.status == 403
