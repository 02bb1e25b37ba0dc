"""Sign-in to the pages over HTTP: who gets in, who does not, and what an attacker may try."""

from datetime import timedelta
from urllib.parse import quote, urlencode

import aiohttp
import pytest

from dev.host.worker import Answer
from shared_code.core.audit import Act
from shared_code.core.caller import Caller
from shared_code.core.sign_in import own_path
from shared_code.core.tenant import TenantId
from shared_code.links.keys import KeyRing
from shared_code.links.seal import HmacSeal
from shared_code.wiring.build import now
from tests.functions.browsing import ENGINEER, HTML, READER, Browser, engineer, query_of, signed_in
from tests.functions.house import CONTOSO, FABRIKAM, PARTNER, STRANGER, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

PORTAL = f"/portal/{CONTOSO}"


def cookie(answer: Answer, name: str) -> dict[str, str]:
    [morsel] = [c[name] for c in answer.cookies if name in c]
    return {**morsel, "value": morsel.value}


def location(answer: Answer) -> str:
    assert answer.status == 303, answer.body
    return answer.headers["Location"]


async def test_a_browser_without_a_session_is_sent_to_the_sign_in_and_back(house: House) -> None:
    await house.delivered(weeks_ago=1)
    browser, mailed = Browser(house), f"{PORTAL}/reports/guest-users?f=idle"

    asked = location(await browser.get(mailed))
    assert asked == f"/signin?{urlencode({'to': mailed}, safe='/')}"
    back = await browser.choose(location(await browser.get(asked)))
    assert location(await browser.get(back)) == mailed
    opened = location(await browser.get(mailed))

    house.seen(opened.split("/r/")[1].partition("#")[0])
    assert opened.endswith("#f=idle")
    assert (await browser.get(PORTAL)).status == 200


async def test_what_is_asked_of_entra(house: House) -> None:
    asked = query_of(await Browser(house).begin())
    again = query_of(await Browser(house).begin())

    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://127.0.0.1:7071/signin/callback"
    assert asked["scope"] == "openid"
    for once in ("state", "nonce", "code_challenge"):
        assert len(asked[once]) >= 43
        assert asked[once] != again[once]


async def test_the_cookies_are_out_of_reach_and_short_lived(house: House) -> None:
    browser = Browser(house)
    begun = await browser.get("/signin")
    [pending] = [name for c in begun.cookies for name in c]
    answer = await browser.get(await browser.choose(location(begun)))

    for found in (cookie(begun, pending), cookie(answer, "session")):
        assert (found["path"], found["samesite"], found["domain"]) == ("/", "Lax", "")
        assert found["httponly"]
    assert cookie(begun, pending)["max-age"] == "600"
    assert cookie(answer, "session")["max-age"] == str(8 * 3600)
    assert cookie(answer, pending)["max-age"] == "0"
    assert list(browser.cookies) == ["session"]


async def test_two_pages_of_one_mail_may_be_signed_in_to_at_once(house: House) -> None:
    browser = Browser(house)
    first, second = await browser.begin("/portal?a=1"), await browser.begin("/portal?a=2")

    assert location(await browser.get(await browser.choose(first))) == "/portal?a=1"
    assert location(await browser.get(await browser.choose(second))) == "/portal?a=2"


async def test_signing_out_closes_the_portal_in_this_browser(house: House) -> None:
    browser = await signed_in(house)
    assert (await browser.get(PORTAL)).status == 200

    answer = await browser.get("/signout")

    assert answer.status == 200
    assert b"/organizations/oauth2/v2.0/logout?" in answer.body
    assert browser.cookies == {}
    assert location(await browser.get(PORTAL)).startswith("/signin?to=")


async def refusals(house: House, told: TenantId) -> list[str]:
    """Whose sign-ins were refused, as that tenant's audit has it."""
    entries = await house.services.audit.entries(told)
    return [entry.subject for entry in entries if entry.act is Act.SIGN_IN_REFUSED]


@pytest.mark.parametrize(
    ("tenant_id", "role"), [(CONTOSO, ""), (STRANGER, READER)], ids=["no role", "not a customer"]
)
async def test_whoever_has_nothing_to_see_gets_the_same_sentence(
    house: House, tenant_id: str, role: str
) -> None:
    browser, told = Browser(house), TenantId(CONTOSO if tenant_id == CONTOSO else PARTNER)
    answer = await browser.sign_in(tenant_id, role=role)

    assert answer.status == 403
    assert "Bitten Sie Ihren Admin um die App-Rolle" in answer.body.decode()
    assert browser.cookies == {}
    noted = await refusals(house, told)
    assert tenant_id in noted

    for _ in range(3):
        assert (await browser.sign_in(tenant_id, role=role)).status == 403
    assert await refusals(house, told) == noted, "again and again fills no audit"


async def test_sign_ins_stand_in_the_audit_without_a_name(house: House) -> None:
    await signed_in(house)
    await engineer(house)

    own = (await house.services.audit.entries(CONTOSO))[0]
    partners = (await house.services.audit.entries(TenantId(PARTNER)))[0]

    assert (own.act, own.detail) == (Act.SIGNED_IN, "reader")
    assert (partners.act, partners.detail) == (Act.SIGNED_IN, "engineer")


async def test_a_page_is_refused_in_the_readers_language(house: House) -> None:
    browser = await signed_in(house, FABRIKAM)
    sent = {
        "Accept": HTML,
        "Accept-Language": "en",
        "Cookie": f"session={browser.cookies['session']}",
    }

    answer = await house.ask("GET", PORTAL, sent)

    assert answer.status == 403
    assert b"Ask your admin" in answer.body


OTHERS = [
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "/portal//evil.example",
    "/portal/../../evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/portal\r\nSet-Cookie: a=b",
    "/portal\n",
    "/portal?x=\r\n",
    "/portal?to=https://evil.example",
    "/portal#@evil.example",
    "/portal@evil.example",
    "portal",
    "/%2f%2fevil.example",
    "/portal/%0d%0a",
    " /portal",
    "/portal ",
    "/signout",
    "/api/health",
    "/portalevil",
    "/portal/ü",
    "/portal/" + "x" * 2000,
    "",
]


@pytest.mark.parametrize("to", OTHERS, ids=range(len(OTHERS)))
async def test_the_sign_in_leads_nowhere_but_to_our_own_pages(house: House, to: str) -> None:
    assert own_path(to) == "/portal"
    browser = Browser(house)
    address = location(await browser.get(f"/signin?to={quote(to, safe='')}"))

    answer = await browser.get(await browser.choose(address))

    assert location(answer) == "/portal"


@pytest.mark.parametrize(
    "to",
    [
        "/portal",
        f"{PORTAL}/archive/2026-01?lang=de",
        f"{PORTAL}/reports/guest-users?lang=de&f=idle",
        f"{PORTAL}/reports/guest-users/20251229T050000Z/report.de.pdf?lang=de",
        "/r/v1.k1.AAAA_-.x.y.1700000000.Zz_-/report.de.html",
    ],
)
async def test_our_own_pages_are_where_one_comes_back_to(to: str) -> None:
    assert own_path(to) == to


async def refused(answer: Answer) -> bool:
    return answer.status == 400 and not any("session" in c for c in answer.cookies)


async def test_a_code_is_good_once(house: House) -> None:
    browser = Browser(house)
    back = await browser.choose(await browser.begin())
    kept = dict(browser.cookies)
    assert (await browser.get(back)).status == 303

    replaying = Browser(house, kept)

    assert await refused(await replaying.get(back))
    assert "session" not in replaying.cookies


async def test_another_browser_cannot_finish_a_sign_in(house: House) -> None:
    """Login CSRF: the victim would work in the attacker's account without noticing."""
    attacker, victim = Browser(house), Browser(house)
    back = await attacker.choose(await attacker.begin(), FABRIKAM)
    await victim.begin()

    assert await refused(await victim.get(back))
    assert "session" not in victim.cookies


async def test_a_state_that_this_browser_did_not_begin_with_is_refused(house: House) -> None:
    browser = Browser(house)
    back = await browser.choose(await browser.begin())
    code, state = query_of(back)["code"], query_of(back)["state"]
    for wrong in (
        "",
        "x",
        state[:-1],
        state[:-1] + ("A" if state[-1] != "A" else "B"),
        state + "A",
    ):
        path = f"/signin/callback?{urlencode({'code': code, 'state': wrong})}"
        assert await refused(await Browser(house, dict(browser.cookies)).get(path))
    assert (await browser.get(back)).status == 303, "nothing of this used the code up"


async def test_a_code_of_another_sign_in_fails_at_the_verifier(house: House) -> None:
    browser = Browser(house)
    mine = await browser.choose(await browser.begin())
    others = await browser.choose(await browser.begin())
    mixed = urlencode({"code": query_of(others)["code"], "state": query_of(mine)["state"]})

    assert await refused(await browser.get(f"/signin/callback?{mixed}"))


@pytest.mark.parametrize(
    "query", ["", "error=access_denied", "code=x", "code=x&state=y", "state=y", "code=&state="]
)
async def test_an_answer_without_a_sign_in_is_refused(house: House, query: str) -> None:
    assert await refused(await Browser(house).get(f"/signin/callback?{query}"))


FORGED = {
    "audience": {"aud": "api://another"},
    "audience of the API": {"aud": "api://pro-active-reports"},
    "issuer": {"iss": "https://login.example/v2.0"},
    "tenant": {"tid": FABRIKAM},
    "tenant is a word": {"tid": "common"},
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "nonce is no text": {"nonce": 1},
    "expired": {"exp": 1},
    "not yet": {"nbf": 9_999_999_999},
    "no object": {"oid": None},
}


@pytest.mark.parametrize("why", FORGED)
async def test_id_tokens_that_are_not_for_this_sign_in_are_refused(
    house: House, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, issue = Browser(house), house.sandbox.issue
    back = await browser.choose(await browser.begin())

    def forged(**claims: object) -> str:
        # The issuer stays that of the tenant the token was for.
        said = {"iss": f"{house.sandbox.origin}/{claims['tid']}/v2.0", **claims, **FORGED[why]}
        return issue(**said)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(house.sandbox, "issue", forged)

    assert await refused(await browser.get(back))
    assert "session" not in browser.cookies


async def test_an_id_token_opens_no_api(house: House) -> None:
    sent = house.bearer(nonce="x")
    assert (await house.ask("GET", f"/api/tenants/{CONTOSO}/reports", sent)).status == 401


async def test_entra_being_down_is_said_and_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(house)
    back = await browser.choose(await browser.begin())
    monkeypatch.setattr(house.sandbox._sign_in, "_secret", "rotated")

    answer = await browser.get(back)

    assert answer.status == 503
    assert "session" not in browser.cookies


async def entered(house: House, session: str) -> int:
    return (await Browser(house, {"session": session}).get(PORTAL, accept="*/*")).status


def sealed(
    house: House,
    *,
    purpose: str = "session",
    ring: KeyRing | None = None,
    lifetime: timedelta = timedelta(hours=1),
    content: object = None,
) -> str:
    caller = Caller(tenant_id=CONTOSO, object_id="o", is_reader=True, is_engineer=False)
    from shared_code.settings import read_settings  # noqa: PLC0415

    keys = ring or read_settings(house.settings).link_keys
    return house.seen(
        HmacSeal(keys, purpose=purpose, clock=now).close(content or caller, lifetime=lifetime)
    )


async def test_sessions_of_another_key_purpose_time_or_kind_are_none(house: House) -> None:
    assert await entered(house, sealed(house)) == 200
    others = {
        "key": sealed(house, ring=KeyRing("k1", {"k1": b"x" * 32})),
        "key name": sealed(house, ring=KeyRing("k9", {"k9": b"x" * 32})),
        "purpose": sealed(house, purpose="sign-in"),
        "expired": sealed(house, lifetime=timedelta(seconds=-1)),
        "kind": sealed(house, content={"tenant_id": CONTOSO}),
        "not even an object": sealed(house, content=[1]),
        "unsigned": sealed(house).rpartition(".")[0] + ".",
        "alg none": "eyJhbGciOiJub25lIn0.e30.",
        "nonsense": "a.b.c.d.e",
        "link token": await house.token(await house.delivered(weeks_ago=1)),
    }
    statuses = {why: await entered(house, session) for why, session in others.items()}
    assert statuses == dict.fromkeys(others, 401)


async def test_keys_rotate_without_signing_anybody_out() -> None:
    old = KeyRing("k1", {"k1": b"1" * 32})
    rotated = KeyRing("k2", {"k2": b"2" * 32, "k1": b"1" * 32})
    caller = Caller(tenant_id=CONTOSO, object_id="o", is_reader=True, is_engineer=False)
    kept = HmacSeal(old, purpose="session", clock=now).close(caller, lifetime=timedelta(hours=1))

    assert HmacSeal(rotated, purpose="session", clock=now).open(kept, Caller) == caller


async def test_the_engineers_role_counts_in_the_partners_tenant_only(house: House) -> None:
    assumed = Browser(house)
    assert (await assumed.get(await claimed(assumed, CONTOSO))).status == 403
    browser = await engineer(house)
    assert (await browser.get(f"/portal/{FABRIKAM}")).status == 200


async def test_engineers_begin_with_all_customers(house: House) -> None:
    page = (await (await engineer(house)).get("/portal")).body.decode()
    for tenant_id in (CONTOSO, FABRIKAM):
        assert f'href="/portal/{tenant_id}?lang=de"' in page
    assert 'href="/signout"' in page


async def claimed(browser: Browser, tenant_id: str) -> str:
    """Back from Entra as somebody whose own tenant gave the engineers' role."""
    people = browser.house.sandbox._sign_in.people
    person = people()[f"{tenant_id}~{READER}"]
    engineers = type(person)(person.name, tenant_id, (ENGINEER,))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            browser.house.sandbox._sign_in,
            "people",
            lambda: people() | {engineers.key: engineers},
        )
        return await browser.choose(await browser.begin(), tenant_id, role=ENGINEER)


async def test_the_sandboxes_page_lets_one_choose_who_to_be(house: House) -> None:
    address = await Browser(house).begin()
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        page = await answer.text()
    assert "Admin von Contoso Maschinenbau AG" in page
    assert "Techniker des Partners" in page
