"""What an attacker does with headers, addresses, cookies and timing; who is told what of it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from msgspec.structs import replace

from dev.host.worker import Answer
from shared_code.core.tenant import LinkOptions, Tenant, TenantState
from tests.functions.browsing import HTML, Browser, query_of, signed_in
from tests.functions.house import CONTOSO, FABRIKAM, PARTNER, House
from tests.functions.successes import OFFER, engineer

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVIL = "evil.example"
# What proxies, gateways and App Service's own sign-in put into requests, and anybody can.
POISON = {
    "Host": EVIL,
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Proto": "http",
    "X-Forwarded-For": "127.0.0.1",
    "X-Original-Host": EVIL,
    "X-Original-URL": "/api/tenants",
    "X-Rewrite-URL": "/api/tenants",
    "X-HTTP-Method-Override": "DELETE",
    "Forwarded": f"host={EVIL};proto=http",
    "X-ARR-SSL": "",
    "DISGUISED-HOST": EVIL,
    "WAS-DEFAULT-HOSTNAME": EVIL,
    "Referer": f"https://{EVIL}/",
    "Origin": f"https://{EVIL}",
}
PRINCIPAL = {
    "claims": [{"typ": "roles", "val": "Reports.Engineer"}, {"typ": "tid", "val": PARTNER}],
    "auth_typ": "aad",
}
CLAIMED = {
    "X-MS-CLIENT-PRINCIPAL": base64.b64encode(json.dumps(PRINCIPAL).encode()).decode(),
    "X-MS-CLIENT-PRINCIPAL-ID": PARTNER,
    "X-MS-CLIENT-PRINCIPAL-IDP": "aad",
    "X-MS-TOKEN-AAD-ID-TOKEN": "x",
    "X-Tenant-Id": PARTNER,
    "x-functions-key": "x",
}
OURS = "http://127.0.0.1:7071"
PORTAL = f"/portal/{CONTOSO}"


@pytest_asyncio.fixture(loop_scope="session")
async def contoso(house: House) -> AsyncIterator[Tenant]:
    """As it was, whatever a test makes of it."""
    known = await house.services.tenants.get(CONTOSO)
    assert known
    yield known
    await house.services.tenants.set_state(CONTOSO, known.state)
    await house.services.tenants.save(known)


def told(answer: Answer) -> str:
    cookies = " ".join(cookie.output() for cookie in answer.cookies)
    return f"{answer.body.decode('utf-8', 'replace')} {dict(answer.headers)} {cookies}"


async def test_no_header_says_where_we_are(house: House) -> None:
    run = await house.delivered()
    token = await house.token(run)
    asked = [
        await house.ask("GET", "/portal", POISON | {"Accept": HTML}),
        await house.ask("GET", "/signin?to=/portal", POISON),
        await house.ask("GET", "/signout", POISON),
        await house.ask("GET", f"/r/{token}", POISON),
        await house.ask("GET", PORTAL, POISON | house.bearer()),
        await house.ask("GET", f"/api/tenants/{CONTOSO}/reports", POISON | house.bearer()),
        await house.ask(
            "POST", f"/api/tenants/{CONTOSO}/runs/{run.id}/links", POISON | house.bearer()
        ),
        await house.ask(
            "POST", "/api/invitations", POISON | engineer(house), json.dumps(OFFER).encode()
        ),
    ]

    assert all(answer.status < 400 for answer in asked)
    assert not [answer for answer in asked if EVIL in told(answer)]
    assert query_of(asked[1].headers["Location"])["redirect_uri"].startswith(OURS)
    for answer in asked[-2:]:
        address = json.loads(answer.body)
        place = address.get("url") or address["address"]
        assert place.startswith(f"{OURS}/")
        house.seen(place.rpartition("/")[2])
    for report in json.loads(asked[5].body)["reports"]:
        for shown in report["runs"]:
            house.seen((shown["link"] or {"url": "/none"})["url"].rpartition("/")[2])


async def test_no_header_says_who_asks(house: House) -> None:
    for path in ("/api/tenants", f"/api/tenants/{CONTOSO}/reports", PORTAL, "/portal"):
        assert (await house.ask("GET", path, CLAIMED)).status == 401
    own = house.bearer(tid=FABRIKAM)
    for path in ("/api/tenants", f"/api/tenants/{CONTOSO}/reports", PORTAL):
        assert (await house.ask("GET", path, CLAIMED | own)).status == 403


@pytest.mark.parametrize("name", ["id", "tenant", "tenant_id", "tid", "role", "roles", "code"])
async def test_no_query_and_no_body_says_whose_it_is(house: House, name: str) -> None:
    own, claimed = house.bearer(tid=FABRIKAM), json.dumps({name: CONTOSO}).encode()
    query = f"?{name}={CONTOSO}&{name}={PARTNER}"
    for path in (f"/api/tenants/{CONTOSO}/reports", f"/api/tenants/{CONTOSO}/audit", PORTAL):
        assert (await house.ask("GET", f"{path}?{name}={FABRIKAM}", own, claimed)).status == 403
    shown = await house.ask("GET", f"/api/tenants/{FABRIKAM}/reports{query}", own, claimed)
    assert json.loads(shown.body)["tenant"]["id"] == FABRIKAM
    led = await house.ask("GET", f"/portal{query}", own)
    assert led.headers["Location"] == f"/portal/{FABRIKAM}"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "POST"])
async def test_methods_that_a_page_does_not_have_are_not_there(house: House, method: str) -> None:
    for path in (PORTAL, "/portal", "/signin", "/signin/callback", "/signout", "/onboarding/x"):
        assert (await house.ask(method, path, house.bearer())).status == 404


FILES = [
    "..%2Fmemory.bin",
    "..%252Fmemory.bin",
    "%2e%2e%2fmemory.bin",
    "..%5Cmemory.bin",
    "%2Fetc%2Fpasswd",
    "C%3A%5Cwindows%5Cwin.ini",
    "memory.bin",
    "MEMORY.BIN",
    "memory.bin%00.html",
    "report.de.html%00",
    "report.de.html%20",
    "report.de.html.",
    "report.de.html%2F",
    "report.de.html%3Bx",
    "REPORT.DE.HTML",
    ".%2Freport.de.html",
    "report.de.html%2F..%2Fmemory.bin",
    "%EF%BC%8E%EF%BC%8E%EF%BC%8Fmemory.bin",
    "%C0%AE%C0%AE%C0%AFmemory.bin",
    "r%CC%81eport.de.html",
    "report.de.htm%E2%80%8Bl",
    "%E2%80%AElmth.ed.troper",
    "*",
    "%3F",
    "%7B%7D",
    "x" * 20_000,
]


@pytest.mark.parametrize("name", FILES, ids=range(len(FILES)))
async def test_only_a_files_own_name_opens_it(house: House, name: str) -> None:
    token = await house.token(await house.delivered())
    dead = await house.ask("GET", "/r/hello/report.de.html")
    for method in ("GET", "HEAD"):
        answer = await house.ask(method, f"/r/{token}/{name}")
        assert (answer.status, answer.body, answer.headers) == (410, dead.body, dead.headers)
    run = await house.delivered()
    place = f"/portal/{CONTOSO}/reports/guest-users/{run.end:%Y%m%dT%H%M%SZ}/{name}"
    assert (await house.ask("GET", place, house.bearer())).status == 404


async def test_of_many_who_open_a_link_at_once_as_many_get_in_as_are_allowed(
    house: House, contoso: Tenant
) -> None:
    await house.services.tenants.save(replace(contoso, links=LinkOptions(allowed_opens=1)))
    page = f"/r/{await house.token(await house.delivered())}/report.de.html"

    answers = await asyncio.gather(*(house.ask("GET", page) for _ in range(12)))

    assert sorted(answer.status for answer in answers) == [200, *[410] * 11]


@pytest.mark.parametrize("state", [TenantState.OFFBOARDING, TenantState.OFFBOARDED])
async def test_who_left_keeps_nothing_but_the_proof(
    house: House, contoso: Tenant, state: TenantState
) -> None:
    run = await house.delivered()
    token, browser = await house.token(run), await signed_in(house)
    await house.services.tenants.save(replace(contoso, state=state))
    reports = f"{PORTAL}/reports/guest-users"
    for path in (
        PORTAL,
        f"{PORTAL}/archive/{run.end:%Y-%m}",
        f"{PORTAL}/audit",
        reports,
        f"{reports}/{run.end:%Y%m%dT%H%M%SZ}/report.de.html",
        f"{PORTAL}/proof",
    ):
        assert (await browser.get(path)).status == 404, path
    for place in ("reports", "links", "audit", "evidence", "readiness", "proof"):
        path = f"/api/tenants/{CONTOSO}/{place}"
        assert (await house.ask("GET", path, house.bearer())).status == 404, path
    path = f"/api/tenants/{CONTOSO}/runs/{run.id}/links"
    assert (await house.ask("POST", path, house.bearer())).status == 404
    assert (await browser.get(f"/r/{token}/report.de.html")).status == 410
    refused = await Browser(house).sign_in()
    assert refused.status == 403


async def test_a_suspended_customer_reads_what_was_delivered(house: House, contoso: Tenant) -> None:
    token = await house.token(await house.delivered())
    await house.services.tenants.save(replace(contoso, state=TenantState.SUSPENDED))

    assert (await house.ask("GET", f"/r/{token}/report.de.html")).status == 200
    assert (await (await signed_in(house)).get(PORTAL)).status == 200


@pytest_asyncio.fixture(loop_scope="session")
async def secure(house: House) -> AsyncIterator[House]:
    """As it is in Azure: at an address with https."""
    async with house.with_settings(PUBLIC_URL="https://reports.example"):
        yield house


def morsels(answer: Answer) -> SimpleCookie:
    [found] = answer.cookies
    return found


async def test_cookies_belong_to_this_host_alone(secure: House) -> None:
    begun = await secure.ask("GET", "/signin", POISON)

    [(name, cookie)] = morsels(begun).items()
    secure.seen(cookie.value)
    assert name.startswith("__Host-signin-")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    back = query_of(begun.headers["Location"])["redirect_uri"]
    assert back == "https://reports.example/signin/callback"


async def test_a_cookie_that_a_neighbour_could_have_written_is_none(house: House) -> None:
    """Without the prefix, http or another host of the domain may have set it."""
    session = (await signed_in(house)).cookies["session"]
    async with house.with_settings(PUBLIC_URL="https://reports.example"):
        for name, status in (
            ("session", 401),
            ("__host-session", 401),
            ("__Secure-session", 401),
            ("__Host-session", 200),
        ):
            sent = {"Cookie": f"{name}={session}"}
            assert (await house.ask("GET", PORTAL, sent)).status == status


async def test_of_two_cookies_of_one_name_the_second_is_not_tried(house: House) -> None:
    session = (await signed_in(house)).cookies["session"]
    for sent in (f"session=x; session={session}", f"a={session}", f"xsession={session}"):
        assert (await house.ask("GET", PORTAL, {"Cookie": sent})).status == 401


@pytest.mark.parametrize("state", ["ü" * 20, "%0D%0ASet-Cookie:%20a=b", "%00", ";=,", "x" * 9000])
async def test_no_name_of_a_cookie_is_made_of_what_was_sent(house: House, state: str) -> None:
    answer = await house.ask("GET", f"/signin/callback?code=x&state={state}")

    assert answer.status == 400
    [name] = morsels(answer)
    assert name.isascii()
    assert name.replace("-", "").isalnum()
    assert morsels(answer)[name]["max-age"] == "0"


async def test_a_sign_in_that_we_cannot_prove_ourselves_for_says_to_come_again(
    house: House,
) -> None:
    browser = Browser(house)
    back = await browser.choose(await browser.begin())
    # A secret is for a login on this machine: the setting is wrong.
    async with house.with_settings(PORTAL_LOGIN_URL="https://login.example"):
        answer = await browser.get(back)

    assert answer.status == 503
    assert "session" not in browser.cookies


async def test_a_sign_in_leads_back_to_a_path_and_to_no_host(house: House) -> None:
    for address in (
        "",
        "//evil.example/portal",
        f"https://{EVIL}/portal",
        "http://x:y",
    ):
        answer = await house.app.http("own_portal", url=address, headers={"Accept": HTML})
        assert (answer.ok, answer.status) == (True, 303), answer.error
        led = urlsplit(answer.headers["Location"])
        assert (led.netloc, led.path) == ("", "/signin")
        assert EVIL not in answer.headers["Location"]
