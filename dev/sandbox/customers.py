"""Three believable customers: a large one, a small one, and one that has withdrawn its consent."""

from dataclasses import replace
from typing import Unpack

from dev.sandbox.faults import FaultKind
from dev.sandbox.population import Changes, Customer


def contoso(**changes: Unpack[Changes]) -> Customer:
    standard = Customer(
        tenant_id="c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01",
        name="Contoso Maschinenbau AG",
        domain="contoso.com",
        members=40_000,
        guests=4_000,
        plan="E5",
        seed=1,
    )
    return replace(standard, **changes)


def fabrikam(**changes: Unpack[Changes]) -> Customer:
    standard = Customer(
        tenant_id="fab21ca3-7d42-4c1a-9e55-2b8d4e9f6a02",
        name="Fabrikam Steuerberatung GmbH",
        domain="fabrikam.com",
        members=60,
        guests=48,
        plan="BusinessPremium",
        seed=11,
    )
    return replace(standard, **changes)


def northwind(**changes: Unpack[Changes]) -> Customer:
    standard = Customer(
        tenant_id="0027481d-3f60-4b97-a2c8-91d7e5b4c303",
        name="Northwind Traders GmbH",
        domain="northwindtraders.com",
        members=320,
        guests=140,
        plan="BusinessPremium",
        seed=17,
        login_fault=FaultKind.CONSENT_WITHDRAWN,
    )
    return replace(standard, **changes)


def three_customers() -> tuple[Customer, ...]:
    return contoso(), fabrikam(), northwind()
