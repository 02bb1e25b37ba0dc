"""The portal's pages over HTTP: who gets which, and that a click leads to the file."""

import pytest

from tests.functions.house import CONTOSO, FABRIKAM, PARTNER, STRANGER, House

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGINEER = "Reports.Engineer"


def paths(tenant_id: str) -> list[str]:
    reports = f"/portal/{tenant_id}/reports/guest-users"
    return [
        f"/portal/{tenant_id}",
        f"/portal/{tenant_id}/archive/2026-01",
        reports,
        f"{reports}/20251229T050000Z/report.de.html",
    ]


@pytest.mark.parametrize("path", ["/portal", *paths(CONTOSO)])
async def test_without_a_sign_in_there_is_no_page(house: House, path: str) -> None:
    assert (await house.ask("GET", path)).status == 401


@pytest.mark.parametrize("path", paths(CONTOSO))
async def test_another_customer_sees_nothing_and_an_engineer_does(house: House, path: str) -> None:
    await house.delivered(weeks_ago=1)
    assert (await house.signed_in("GET", path, FABRIKAM)).status == 403
    assert (await house.signed_in("GET", path, CONTOSO, ENGINEER)).status == 403
    assert (await house.signed_in("GET", path, PARTNER, ENGINEER)).status in (200, 303)
    assert (await house.signed_in("GET", path, CONTOSO)).status in (200, 303)


async def test_the_way_from_the_portal_to_the_file(house: House) -> None:
    await house.delivered(weeks_ago=1)
    own = await house.signed_in("GET", "/portal", CONTOSO)
    assert own.headers["Location"] == f"/portal/{CONTOSO}"
    page = await house.signed_in("GET", f"/portal/{CONTOSO}", CONTOSO)
    assert b"Ihre Berichte" in page.body
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert b"/r/v1." not in page.body, "no link is made by looking"


async def test_a_click_leads_to_the_filtered_page(house: House) -> None:
    await house.delivered(weeks_ago=1)
    path = f"/portal/{CONTOSO}/reports/guest-users"
    house_answer = await house.app.http(
        "newest_report",
        method="GET",
        url=f"http://127.0.0.1:7071{path}?lang=en&f=idle",
        headers=house.bearer(),
        route={"id": CONTOSO, "report": "guest-users"},
        query={"lang": "en", "f": "idle"},
    )
    address = house_answer.headers["Location"]
    assert address.endswith("/report.en.html#f=idle")
    token = house.seen(address.split("/r/")[1].partition("/")[0])
    opened = await house.ask("GET", f"/r/{token}/report.en.html")
    assert opened.status == 200


async def test_the_audit_shows_customers_what_was_done_and_how_links_were_opened(
    house: House,
) -> None:
    token = await house.token(await house.delivered())
    await house.ask("GET", f"/r/{token}/report.de.html")

    answer = await house.signed_in("GET", f"/portal/{CONTOSO}/audit", CONTOSO)
    page = answer.body.decode()

    assert answer.status == 200
    assert "Link ausgestellt" in page
    assert "Link geöffnet" in page
    assert "report.de.html" in page
    assert token not in page


@pytest.mark.parametrize(
    "path",
    [
        f"/portal/{CONTOSO}/archive/2026-13",
        f"/portal/{CONTOSO}/archive/x",
        f"/portal/{CONTOSO}/archive/0001-01",
        f"/portal/{CONTOSO}/archive/9999-12",
        f"/portal/{CONTOSO}/reports/guest-users/00010101T000000Z/report.de.html",
        f"/portal/{CONTOSO}/reports/guest-users/99991231T235959Z/report.de.html",
        f"/portal/{CONTOSO}/reports/no-such-report",
        f"/portal/{CONTOSO}/reports/guest-users/yesterday/report.de.html",
        f"/portal/{CONTOSO}/reports/guest-users/19990101T000000Z/report.de.html",
        f"/portal/{CONTOSO}/reports/guest-users/20251229T050000Z/memory.bin",
        f"/portal/{CONTOSO}/reports/guest-users/20251229T050000Z/..%2Fsecret",
    ],
)
async def test_nonsense_is_not_found(house: House, path: str) -> None:
    await house.delivered(weeks_ago=1)
    assert (await house.signed_in("GET", path, CONTOSO)).status == 404


async def test_an_unknown_tenant_has_no_page(house: House) -> None:
    path = f"/portal/{STRANGER}"
    assert (await house.signed_in("GET", path, PARTNER, ENGINEER)).status == 404
