"""Onboarding: nothing is written before consent is verified, and misspellings are named at once."""

import dataclasses
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from shared_code.core.audit import Act
from shared_code.core.errors import ConfigurationError, FieldInvalid, NotPermitted, TenantGone
from shared_code.core.options import Options
from shared_code.core.ports import Enterprise
from shared_code.core.privacy import Privacy
from shared_code.core.tenant import PrivacyChoice, Subscription, TenantState
from shared_code.core.text import Language
from shared_code.service.onboard import Onboarded, Onboarding, Order
from tests.fakes import FakeAudit, FakeClock, FakeDirectory, FakeTenants
from tests.service.stage import CONTOSO, FABRIKAM, MONDAY, TINY, WEEK, tenant


class Shade(Options, frozen=True, kw_only=True):
    darkest: int = 7


SHADED = dataclasses.replace(TINY, name="shaded-report", options=Shade)


class Reception:
    def __init__(self, *permissions: str) -> None:
        self.tenants, self.audit = FakeTenants(), FakeAudit()
        found = Enterprise(
            tenant_id=CONTOSO,
            name="Contoso GmbH",
            domain="contoso.example",
            permissions=frozenset(permissions),
        )
        self.directory = FakeDirectory({CONTOSO: found})

    async def onboard(self, **changes: Any) -> Onboarded:
        order = {"tenant_id": CONTOSO, "reports": [TINY.name], "since": MONDAY} | changes
        reports = {each.name: each for each in (TINY, SHADED)}
        desk = Onboarding(
            directory=self.directory,
            tenants=self.tenants,
            reports=reports,
            audit=self.audit,
            clock=FakeClock(MONDAY),
        )
        return await desk.onboard(Order(**order), by="0e11")


async def test_an_order_becomes_an_active_tenant_named_as_the_directory_has_it() -> None:
    reception = Reception("User.Read.All")

    onboarded = await reception.onboard()

    assert onboarded.missing == ()
    kept = reception.tenants.kept[CONTOSO]
    assert kept == onboarded.tenant
    assert (kept.customer, kept.domain) == ("Contoso GmbH", "contoso.example")
    assert kept.state is TenantState.ACTIVE
    assert kept.subscriptions == {TINY.name: Subscription(since=MONDAY)}
    [entry] = reception.audit.kept
    assert (entry.act, entry.actor, entry.detail) == (Act.ACTIVATED, "0e11", TINY.name)


async def test_permissions_that_were_not_granted_are_named() -> None:
    assert (await Reception().onboard()).missing == ("User.Read.All",)


@pytest.mark.parametrize(
    "slip",
    [
        {"customer": ""},
        {"customer": "Contoso\x1b[31m"},
        {"customer": "x" * 201},
    ],
)
async def test_an_order_that_no_offer_could_hold_is_refused(slip: dict[str, Any]) -> None:
    reception = Reception()

    with pytest.raises(FieldInvalid):
        await reception.onboard(**slip)

    assert (reception.tenants.kept, reception.audit.kept) == ({}, [])


async def test_without_consent_nothing_is_written() -> None:
    reception = Reception()

    with pytest.raises(TenantGone):
        await reception.onboard(tenant_id=FABRIKAM)

    assert reception.tenants.kept == {}


@pytest.mark.parametrize(
    ("mistake", "named"),
    [
        ({"reports": [TINY.name, "tiny-rapport"]}, "tiny-rapport"),
        ({"options": {"tiny-rapport": {}}}, "tiny-rapport"),
        ({"options": {SHADED.name: {"darkest": "black"}}}, rf"{SHADED.name}.*{CONTOSO}.*darkest"),
        ({"options": {SHADED.name: {"lightest": 1}}}, "lightest"),
        ({"options": {TINY.name: {"darkest": 1}}}, "darkest"),
        ({"time_zone": "Europe/Wien"}, "time zone"),
        ({"time_zone": "../../etc/passwd"}, "time zone"),
        ({"since": datetime(2026, 11, 23)}, "since"),  # noqa: DTZ001
    ],
)
async def test_a_misspelt_order_is_refused_before_anything_is_written(
    mistake: dict[str, Any], named: str
) -> None:
    reception = Reception("User.Read.All")

    with pytest.raises(ConfigurationError, match=named):
        await reception.onboard(**mistake)

    assert reception.tenants.kept == {}


async def test_a_beginning_in_local_time_is_kept_in_utc() -> None:
    reception = Reception("User.Read.All")

    onboarded = await reception.onboard(since=datetime.fromisoformat("2026-11-23T06:00:00+01:00"))

    since = onboarded.tenant.subscriptions[TINY.name].since
    assert since.isoformat() == "2026-11-23T05:00:00+00:00"


async def test_a_tenant_that_orders_again_keeps_the_cadence_agreed_with_it() -> None:
    reception = Reception("User.Read.All")
    agreed = Subscription(since=MONDAY - 9 * WEEK, cadence="0 6 * * *")
    await reception.tenants.save(replace(tenant(), subscriptions={TINY.name: agreed}))

    await reception.onboard()

    [kept] = reception.tenants.kept[CONTOSO].subscriptions.values()
    assert (kept.cadence, kept.since) == ("0 6 * * *", MONDAY)


@pytest.mark.parametrize("state", [TenantState.SUSPENDED, TenantState.OFFBOARDED])
async def test_a_tenant_that_comes_back_begins_anew(state: TenantState) -> None:
    reception = Reception("User.Read.All")
    await reception.tenants.save(tenant(state=state, since=MONDAY - 9 * WEEK))

    onboarded = await reception.onboard()

    assert onboarded.tenant.state is TenantState.ACTIVE
    assert onboarded.tenant.subscriptions[TINY.name].since == MONDAY


async def test_a_served_tenant_that_orders_more_keeps_what_it_has() -> None:
    reception = Reception("User.Read.All")
    agreed = {SHADED.name: Subscription(since=MONDAY - 9 * WEEK, cadence="0 6 * * *")}
    before = replace(
        tenant(),
        customer="Contoso",
        subscriptions=agreed,
        language=Language.EN,
        time_zone="Europe/London",
    )
    await reception.tenants.save(before)

    kept = (await reception.onboard()).tenant

    assert kept.subscriptions == agreed | {TINY.name: Subscription(since=MONDAY)}
    assert (kept.customer, kept.language, kept.time_zone) == (
        "Contoso",
        Language.EN,
        "Europe/London",
    )


async def test_what_is_being_deleted_is_not_brought_back() -> None:
    reception = Reception("User.Read.All")
    leaving = tenant(state=TenantState.OFFBOARDING)
    reception.tenants.kept[CONTOSO] = leaving

    with pytest.raises(NotPermitted):
        await reception.onboard()

    assert reception.tenants.kept[CONTOSO] == leaving
    assert reception.audit.kept == []


async def test_what_an_order_does_not_name_stays_as_it_was() -> None:
    reception = Reception("User.Read.All")
    agreed = {TINY.name: PrivacyChoice(mode=Privacy.AGGREGATE)}
    await reception.tenants.save(replace(tenant(), privacy=agreed))
    await reception.onboard(options={SHADED.name: {"darkest": 9}})

    kept = (await reception.onboard()).tenant

    assert kept.privacy == agreed
    assert SHADED.options_of(kept) == Shade(darkest=9)
