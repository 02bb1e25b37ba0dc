"""Every route of the app against the credentials of another customer: none lets anything out."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from dev.host.worker import Answer
from shared_code.core.audit import Act
from shared_code.core.run import Run
from shared_code.core.tenant import LinkOptions
from tests.functions.browsing import HTML, Browser, engineer, query_of, signed_in
from tests.functions.house import CONTOSO, FABRIKAM, PARTNER, REPORT, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

# What anybody may ask: it takes no sign-in, or is the way to one, and speaks of no tenant.
OPEN = {"health", "sign_in", "sign_in_callback", "sign_out"}
# Back from Entra's consent: it shows a tenant nothing but what became of its own invitation.
# A link is a credential of its own.
LINKS = {"open_link", "open_file"}
KEPT_SAFE = {
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}
WRITING = {"POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True)
class Place:
    function: str
    method: str
    path: str


def places(house: House, run: Run, jti: str) -> list[Place]:
    """Every HTTP function and method, with what belongs to the tenant of the run in its path."""
    values = {
        "id": run.tenant_id,
        "tenant": run.tenant_id,
        "run": run.id,
        "jti": jti,
        "report": REPORT,
        "month": f"{run.end:%Y-%m}",
        "end": f"{run.end:%Y%m%dT%H%M%SZ}",
        "file": "report.de.html",
        "token": "v1.x",
        "state": "o1.x",
    }
    found: list[Place] = []
    for name in house.app.names:
        trigger = house.app.trigger(name)
        if trigger["type"] == "httpTrigger":
            path = "/" + trigger["route"]
            for word, value in values.items():
                path = path.replace(f"{{{word}}}", value)
            assert "{" not in path, f"{path}: say above what of the tenant stands there"
            found += [Place(name, method, path) for method in trigger["methods"]]
    return found


def is_content(answer: Answer) -> bool:
    return answer.status < 300 or (
        answer.status < 400 and not answer.headers.get("Location", "").startswith("/signin")
    )


@pytest_asyncio.fixture(loop_scope="session")
async def foreign(house: House) -> AsyncIterator[list[Place]]:
    run = await house.delivered(FABRIKAM)
    yield places(house, run, (await house.token(run)).split(".")[4])


def guarded(foreign: list[Place]) -> list[Place]:
    return [place for place in foreign if place.function not in OPEN | LINKS]


# Of one's own tenant, in all the places where somebody might look for it.
QUERY = f"?id={CONTOSO}&tenant={CONTOSO}&tenant_id={CONTOSO}&tid={CONTOSO}"
BODY = json.dumps({"id": CONTOSO, "tenant": CONTOSO, "confirm": FABRIKAM}).encode()


async def leaks(house: House, place: Place, headers: dict[str, str]) -> bool:
    answer = await house.ask(place.method, place.path + QUERY, headers, BODY)
    assert answer.ok, (place, answer.error)
    if place.path == "/portal":
        return FABRIKAM in answer.body.decode() + answer.headers.get("Location", "")
    words = ("Fabrikam", FABRIKAM, *house.people())
    told = answer.body.decode("utf-8", "replace")
    return is_content(answer) or any(word in told for word in words)


async def test_with_the_credentials_of_one_customer_no_route_shows_another(
    house: House, foreign: list[Place]
) -> None:
    browser = await signed_in(house, CONTOSO)
    cookie = f"session={browser.cookies['session']}"
    ways = {
        "token": house.bearer(tid=CONTOSO),
        "token without a role": house.bearer(tid=FABRIKAM, roles=[]),
        "the engineers' role given by a customer": house.bearer(
            tid=CONTOSO, roles=["Reports.Engineer", "Reports.Reader"]
        ),
        "token and headers of the host": house.bearer(tid=CONTOSO)
        | {"X-MS-CLIENT-PRINCIPAL-ID": FABRIKAM, "X-Tenant-Id": FABRIKAM, "tid": FABRIKAM},
        "token and session": house.bearer(tid=CONTOSO) | {"Cookie": cookie},
        "session": {"Cookie": cookie},
        "session in a browser": {"Cookie": cookie, "Accept": HTML},
        "nothing": {},
        "nothing in a browser": {"Accept": HTML},
    }
    found = [
        (why, place)
        for why, headers in ways.items()
        for place in guarded(foreign)
        if await leaks(house, place, headers)
    ]
    assert found == []
    assert len(guarded(foreign)) >= 12


async def test_the_same_routes_open_for_their_own_tenant(
    house: House, foreign: list[Place]
) -> None:
    """Or the test above would prove nothing."""
    sent = house.bearer(tid=FABRIKAM)
    shown = {
        place.function
        for place in guarded(foreign)
        if place.method == "GET"
        and (await house.ask(place.method, place.path, sent)).status in (200, 303)
    }
    assert shown >= {
        "portal_page",
        "archive_page",
        "audit_page",
        "newest_report",
        "archived_file",
        "list_reports",
        "list_links",
    }


async def test_no_answer_is_kept_framed_sniffed_or_told_to_others(
    house: House, foreign: list[Place]
) -> None:
    """Whatever it is: a page, a refusal, a redirect, or nothing at all."""
    sent = house.bearer(tid=FABRIKAM)
    for place in foreign:
        for headers in (sent, sent | {"Accept": HTML}, {}, {"Accept": HTML}):
            answer = await house.ask(place.method, place.path, headers, BODY)
            found = {name.lower(): value for name, value in answer.headers.items()}
            assert {n: v for n, v in KEPT_SAFE.items() if found.get(n) != v} == {}, place
            if found.get("content-type", "").startswith("text/html"):
                policy = found["content-security-policy"]
                assert policy.startswith("default-src 'none'"), place
                assert "frame-ancestors 'none'" in policy, place
                assert "unsafe" not in policy, place


async def test_a_session_changes_nothing_and_reads_no_api(
    house: House, foreign: list[Place]
) -> None:
    """A page of somebody else can make a browser send its cookies."""
    browser = await signed_in(house, FABRIKAM)
    sent = {"Cookie": f"session={browser.cookies['session']}"}
    asked = [
        place
        for place in guarded(foreign)
        if place.method in WRITING or place.path.startswith("/api/")
    ]
    statuses = {
        (p.function, p.method): (await house.ask(p.method, p.path, sent, b"{}")).status
        for p in asked
    }
    assert set(statuses.values()) == {401}, statuses


async def test_a_wrong_token_is_not_made_up_for_by_a_session(house: House) -> None:
    browser = await signed_in(house)
    sent = {"Cookie": f"session={browser.cookies['session']}", "Authorization": "Bearer x.y.z"}
    assert (await house.ask("GET", f"/portal/{CONTOSO}", sent)).status == 401


async def optioned(house: House, **options: Any) -> str:
    """A link's path where Contoso wants something of its links."""
    tenant = await house.services.tenants.get(CONTOSO)
    assert tenant
    await house.services.tenants.save(replace(tenant, links=LinkOptions(**options)))
    return f"/r/{await house.token(await house.delivered())}"


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _no_options(house: House) -> AsyncIterator[None]:
    yield
    tenant = await house.services.tenants.get(CONTOSO)
    assert tenant
    await house.services.tenants.save(replace(tenant, links=LinkOptions()))


async def test_a_link_that_wants_a_sign_in_leads_there_and_back(house: House) -> None:
    page = f"{await optioned(house, sign_in_required=True)}/report.de.html"
    browser = Browser(house)

    asked = (await browser.get(page)).headers["Location"]
    assert query_of(asked)["to"] == page
    begun = (await browser.get(asked)).headers["Location"]
    back = await browser.get(await browser.choose(begun))

    assert back.headers["Location"] == page
    opened = await browser.get(page)
    assert opened.status == 200
    assert b'id="lines"' in opened.body


async def test_a_link_that_wants_a_sign_in_is_dead_for_other_customers(house: House) -> None:
    path = await optioned(house, sign_in_required=True)
    other, dead = await signed_in(house, FABRIKAM), await Browser(house).get("/r/x/report.de.html")
    for each in (path, f"{path}/report.de.html", f"{path}/report.de.xlsx"):
        answer = await other.get(each)
        assert (answer.status, answer.body) == (410, dead.body)
        assert answer.headers == dead.headers
    assert (await (await engineer(house)).get(f"{path}/report.de.html")).status == 200


async def test_a_used_up_link_looks_like_every_dead_one(house: House) -> None:
    page = f"{await optioned(house, allowed_opens=1)}/report.de.html"
    for method in ("HEAD", "HEAD", "GET"):
        assert (await house.ask(method, page)).status == 200
    dead = await house.ask("GET", "/r/x/report.de.html")
    answer = await house.ask("GET", page)
    assert (answer.status, answer.body, answer.headers) == (410, dead.body, dead.headers)


async def test_links_are_listed_with_what_became_of_them(house: House) -> None:
    run = await house.delivered(FABRIKAM)
    token = await house.token(run, lifetime=timedelta(days=2))
    jti = token.split(".")[4]
    await house.ask("GET", f"/r/{token}/report.de.html")
    await house.signed_in("DELETE", f"/api/links/{jti}", FABRIKAM)

    for tenant_id, role in ((FABRIKAM, "Reports.Reader"), (PARTNER, "Reports.Engineer")):
        answer = await house.signed_in("GET", f"/api/tenants/{FABRIKAM}/links", tenant_id, role)
        [found] = [x for x in json.loads(answer.body)["links"] if x["id"] == jti]
        assert (found["opens"], found["report"], bool(found["revoked"])) == (1, REPORT, True)
        assert token not in answer.body.decode()
    entries = await house.services.audit.entries(FABRIKAM)
    assert [e.act for e in entries if e.subject == jti] == [Act.LINK_REVOKED, Act.LINK_ISSUED]
