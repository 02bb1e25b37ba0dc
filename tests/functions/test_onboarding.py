"""Onboarding over HTTP: the whole way with the sandbox's consent page, and every call-back an attacker sends."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import aiohttp
import pytest
import pytest_asyncio
from msgspec.structs import replace

from dev.host.worker import Answer
from dev.sandbox import FaultKind
from shared_code.core.audit import Act
from shared_code.core.invitation import InvitationId
from shared_code.core.privacy import Privacy
from shared_code.core.tenant import TenantId, TenantState
from tests.functions.house import CONTOSO, FABRIKAM, NORTHWIND, PARTNER, STRANGER, House
from tests.functions.offers import START, offer, post
from tests.functions.test_links import assert_unseen, headers

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALL = "https://graph.microsoft.com/.default"


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _as_before(house: House) -> AsyncIterator[None]:
    """Northwind is a customer again, as other tests know it."""
    known = await house.services.tenants.get(NORTHWIND)
    assert known
    yield
    await house.services.tenants.save(known)
    await house.change_login(NORTHWIND, None)


async def invited(house: House, **changes: Any) -> str:
    """The path of a new invitation's page."""
    answer = await post(house, offer(**changes))
    assert answer.status == 201, answer.body
    address = json.loads(answer.body)["address"]
    house.seen(address.rpartition("/")[2])
    return urlsplit(address).path


async def fresh(house: House) -> None:
    """Northwind as if it never had been a customer, and its consent not given yet."""
    known = await house.services.tenants.get(NORTHWIND)
    assert known
    await house.services.tenants.save(
        replace(known, state=TenantState.INVITED, subscriptions={}, privacy={}, contacts=())
    )
    await house.change_login(NORTHWIND, FaultKind.APPLICATION_MISSING)


async def state(house: House) -> TenantState:
    tenant = await house.services.tenants.get(NORTHWIND)
    assert tenant
    return tenant.state


async def consent_link(house: House, path: str) -> str:
    page = (await house.ask("GET", path)).body.decode()
    [address] = set(re.findall(r'href="(http[^"]+/adminconsent[^"]+)"', page))
    return address.replace("&amp;", "&")


async def pressed(address: str, button: str) -> str:
    """Where Microsoft leads back to, as path and query."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}&{button}=1", allow_redirects=False) as answer,
    ):
        assert answer.status == 302
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"


async def call_back(house: House, target: str) -> Answer:
    return await house.ask("GET", target)


async def acts(house: House, tenant_id: str = NORTHWIND) -> list[tuple[Act, str]]:
    entries = await house.services.audit.entries(TenantId(tenant_id))
    return [(entry.act, entry.detail) for entry in entries]


def callback(token: str, **changes: str | None) -> str:
    query = {"admin_consent": "True", "tenant": NORTHWIND, "scope": ALL, "state": token} | changes
    return "/onboarding/callback?" + urlencode({k: v for k, v in query.items() if v is not None})


async def test_an_admin_reads_consents_and_the_tenant_becomes_active(house: House) -> None:
    await fresh(house)
    path = await invited(house)

    page = await house.ask("GET", path)
    assert page.status == 200
    assert_unseen(page)
    assert "script" not in headers(page)["content-security-policy"]
    text = page.body.decode()
    assert "Northwind &lt;Traders&gt;" in text
    assert "AuditLog.Read.All" in text
    assert "it@northwindtraders.example" in text
    assert f"{START:%d.%m.%Y}" in text
    assert "<script" not in text
    assert await state(house) is TenantState.INVITED

    target = await pressed(await consent_link(house, path), "accept")
    back = await call_back(house, target)
    assert back.status == 303
    assert headers(back)["location"] == path
    assert_unseen(back)

    assert await state(house) is TenantState.ACTIVE
    assert "alles ist bereit" in (await house.ask("GET", path)).body.decode()
    tenant = await house.services.tenants.get(NORTHWIND)
    assert tenant
    assert set(tenant.subscriptions) == {"guest-users"}
    assert tenant.domain == "northwindtraders.com"
    assert [act for act, _ in await acts(house)][:3] == [
        Act.ACTIVATED,
        Act.CONSENT_GIVEN,
        Act.CHANGED,
    ]

    again = await call_back(house, target)
    assert again.status == 410
    assert (await acts(house))[0] == (Act.CALLBACK_REFUSED, "used")


async def test_a_declined_consent_changes_nothing_and_can_be_made_good(house: House) -> None:
    await fresh(house)
    path = await invited(house)
    link = await consent_link(house, path)

    answer = await call_back(house, await pressed(link, "decline"))

    assert answer.status == 200
    assert "Sie haben nicht zugestimmt" in answer.body.decode()
    assert "AADSTS65004" not in answer.body.decode()
    assert await state(house) is TenantState.INVITED
    assert (await acts(house))[0] == (Act.CONSENT_REFUSED, "declined")
    await call_back(house, await pressed(link, "accept"))
    assert await state(house) is TenantState.ACTIVE


async def test_a_call_back_without_consent_activates_nobody_until_consent_is_there(
    house: House,
) -> None:
    await fresh(house)
    path = await invited(house)
    token = path.rpartition("/")[2]
    link = await consent_link(house, path)

    assert (await call_back(house, callback(token))).status == 303

    assert await state(house) is TenantState.INVITED
    page = (await house.ask("GET", path)).body.decode()
    assert "wird geprüft" in page
    assert "adminconsent" in page
    # The admin consents now; whatever the call-back says, the timer finds it.
    target = await pressed(link, "accept")
    assert (await house.app.timer("complete_onboarding")).ok
    assert await state(house) is TenantState.ACTIVE
    assert (await call_back(house, target)).status == 410


async def test_two_call_backs_at_once_activate_once(house: House) -> None:
    await fresh(house)
    path = await invited(house)
    target = await pressed(await consent_link(house, path), "accept")
    before = len(await acts(house))

    answers = await asyncio.gather(*(call_back(house, target) for _ in range(8)))

    assert {answer.status for answer in answers} <= {303, 410}
    written = [act for act, _ in (await acts(house))[:-before]]
    assert written.count(Act.ACTIVATED) == written.count(Act.CONSENT_GIVEN) == 1
    assert written.count(Act.CHANGED) == 1
    assert written.count(Act.CALLBACK_REFUSED) >= 1
    assert await state(house) is TenantState.ACTIVE


def _spoiled(token: str) -> list[str]:
    return [
        "",
        "x",
        token[:-1],
        token + "A",
        token.upper(),
        token.replace("o1.", "v1.", 1),
        token + "\r\nSet-Cookie: a=b",
        "A" * 100_000,
        "' or 1 eq 1 or '",
        "../../tenants",
        "\x00",
        "ä" * 50,
    ]


async def test_every_state_that_is_not_ours_gets_the_same_page_and_changes_nothing(
    house: House,
) -> None:
    await fresh(house)
    token = (await invited(house)).rpartition("/")[2]
    run = await house.delivered(CONTOSO, weeks_ago=40)
    link = await house.token(run)
    before = await acts(house)

    answers = [await call_back(house, callback(each)) for each in [*_spoiled(token), link]]
    answers += [await house.ask("GET", f"/onboarding/{quote(each)}") for each in ("x", link)]
    answers.append(await house.ask("GET", f"/r/{link.replace('v1', 'o1', 1)}"))
    answers.append(await house.ask("GET", f"/r/{token}"))

    assert {answer.status for answer in answers} == {410}
    assert len({answer.body for answer in answers}) == 1
    for answer in answers:
        assert_unseen(answer)
    assert await acts(house) == before
    assert await state(house) is TenantState.INVITED


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"tenant": CONTOSO}, 200),
        ({"tenant": STRANGER}, 200),
        ({"tenant": None}, 200),
        ({"tenant": NORTHWIND + "\r\nX: y"}, 200),
        ({"tenant": "{" + NORTHWIND + "}"}, 200),
        ({"tenant": "urn:uuid:" + NORTHWIND}, 200),
        ({"tenant": "9" * 100_000}, 200),
        ({"admin_consent": None}, 200),
        ({"admin_consent": "False"}, 200),
        ({"admin_consent": "<i>"}, 200),
        ({"error": "access_denied", "error_description": "<script>alert(1)</script>"}, 200),
        ({"error": "<img src=x>", "error_description": "\r\nX: y"}, 200),
        ({"state": None}, 410),
    ],
)
async def test_a_call_back_that_is_not_whole_changes_nothing_and_is_never_repeated(
    house: House, changes: dict[str, str | None], status: int
) -> None:
    await fresh(house)
    path = await invited(house)
    token = path.rpartition("/")[2]
    await house.change_login(NORTHWIND, None)

    answer = await call_back(house, callback(token, **changes))

    assert answer.status == status
    assert_unseen(answer)
    text = answer.body.decode()
    for value in changes.values():
        assert not value or value in {CONTOSO, "False"} or value not in text
    assert "<script" not in text
    assert "<img" not in text
    assert await state(house) is TenantState.INVITED
    for _, detail in await acts(house):
        assert "<" not in detail
        assert "\n" not in detail


async def test_the_tenant_may_come_back_in_capital_letters(house: House) -> None:
    await fresh(house)
    token = (await invited(house)).rpartition("/")[2]
    await house.change_login(NORTHWIND, None)

    answer = await call_back(house, callback(token, tenant=NORTHWIND.upper(), admin_consent="true"))

    assert answer.status == 303
    assert await state(house) is TenantState.ACTIVE


async def test_the_state_of_another_tenant_activates_neither(house: House) -> None:
    await fresh(house)
    token = (await invited(house)).rpartition("/")[2]
    before = await house.services.tenants.get(FABRIKAM)

    answer = await call_back(house, callback(token, tenant=FABRIKAM))

    assert "anderen Verzeichnis" in answer.body.decode()
    assert await state(house) is TenantState.INVITED
    assert await house.services.tenants.get(FABRIKAM) == before
    assert (await acts(house))[0] == (Act.CALLBACK_REFUSED, "other-tenant")


async def test_an_invitation_that_is_over_is_gone(house: House) -> None:
    await fresh(house)
    path = await invited(house)
    token = path.rpartition("/")[2]
    claims = house.services.accepting.signer.verify(token)
    filed = await house.services.accepting.invitations.get(NORTHWIND, claims.id)
    assert filed
    over = replace(filed.invitation, expires=datetime.now(UTC) - timedelta(seconds=1))
    await house.services.accepting.invitations.add(over)
    await house.change_login(NORTHWIND, None)

    assert (await house.ask("GET", path)).status == 410
    assert (await call_back(house, callback(token))).status == 410
    assert (await acts(house))[0] == (Act.CALLBACK_REFUSED, "expired")
    assert await state(house) is TenantState.INVITED


async def test_a_second_invitation_takes_the_first_back(house: House) -> None:
    await fresh(house)
    first = await invited(house)
    second = await invited(house)
    await house.change_login(NORTHWIND, None)

    assert (await house.ask("GET", first)).status == 410
    assert (await call_back(house, callback(first.rpartition("/")[2]))).status == 410
    assert await state(house) is TenantState.INVITED
    assert (await house.ask("GET", second)).status == 200


async def test_a_tenant_that_is_served_stays_active_and_gets_more(house: House) -> None:
    await fresh(house)
    await house.change_login(NORTHWIND, None)
    token = (await invited(house)).rpartition("/")[2]
    await call_back(house, callback(token))
    assert await state(house) is TenantState.ACTIVE

    more = await invited(house, subscriptions={"news": {}}, customer="Northwind AG")
    assert await state(house) is TenantState.ACTIVE
    known = await house.services.tenants.get(NORTHWIND)
    assert known
    assert set(known.subscriptions) == {"guest-users"}
    await call_back(house, callback(more.rpartition("/")[2]))

    known = await house.services.tenants.get(NORTHWIND)
    assert known
    assert set(known.subscriptions) == {"guest-users", "news"}
    assert known.customer == "Northwind AG"
    assert (await acts(house))[0][0] is Act.CONSENT_GIVEN


@pytest.mark.parametrize("closed", [TenantState.SUSPENDED, TenantState.OFFBOARDED])
async def test_a_tenant_that_was_closed_meanwhile_is_not_opened_by_its_admin(
    house: House, closed: TenantState
) -> None:
    await fresh(house)
    path = await invited(house)
    await house.change_login(NORTHWIND, None)
    await house.services.tenants.set_state(NORTHWIND, closed)

    assert (await house.ask("GET", path)).status == 410
    assert (await call_back(house, callback(path.rpartition("/")[2]))).status == 410
    assert await state(house) is closed
    refused = await post(house, offer())
    assert refused.status == 409
    assert closed in json.loads(refused.body)["detail"]


async def test_a_domain_leads_to_its_tenant(house: House) -> None:
    await fresh(house)
    answer = await post(house, offer("NorthwindTraders.com"))

    assert json.loads(answer.body)["tenant"] == NORTHWIND


async def test_what_was_agreed_about_privacy_stands_on_the_page(house: House) -> None:
    await fresh(house)
    approved = {"mode": "named", "approved_by": "Betriebsrat", "approved_on": "2026-10-01"}
    path = await invited(house, privacy={"guest-users": approved})

    page = (await house.ask("GET", path)).body.decode()

    assert "Mit Namen" in page
    assert "Betriebsrat" in page
    english = await call_back(house, f"{path}?lang=en")
    assert "With names" in english.body.decode()
    tenant = await house.services.tenants.get(NORTHWIND)
    assert tenant
    assert tenant.privacy["guest-users"].mode is Privacy.NAMED


async def test_the_consent_link_asks_for_the_tenants_own_directory(house: House) -> None:
    await fresh(house)
    path = await invited(house)

    address = urlsplit(await consent_link(house, path))

    query = parse_qs(address.query)
    assert address.path == f"/{NORTHWIND}/v2.0/adminconsent"
    assert query["scope"] == [ALL]
    assert query["redirect_uri"] == ["http://127.0.0.1:7071/onboarding/callback"]
    assert query["state"] == [path.rpartition("/")[2]]


async def test_forged_call_backs_are_noted_once_a_minute_for_the_partner(house: House) -> None:
    for _ in range(5):
        await call_back(house, callback("forged"))

    noted = [entry for entry in await acts(house, PARTNER) if entry[1] == "no state of ours"]
    assert len(noted) >= 1
    entries = await house.services.audit.entries(TenantId(PARTNER))
    assert {entry.subject for entry in entries if entry.act is Act.CALLBACK_REFUSED} == {""}
    assert InvitationId("forged") not in {entry.subject for entry in entries}
