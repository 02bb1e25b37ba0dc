"""What a tenant has bought, as Graph shows it in /subscribedSkus."""

from typing import Any

from dev.sandbox.population import Population

P1 = ("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM")
P2 = ("eec0eb4f-6444-4f95-aba0-50c24d67f998", "AAD_PREMIUM_P2")
EXCHANGE = ("efb87545-963c-4e0d-99df-69c6916d9eb0", "EXCHANGE_S_ENTERPRISE")
EXCHANGE_SMALL = ("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "EXCHANGE_S_STANDARD")
TEAMS = ("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1")
INTUNE = ("c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "INTUNE_A")
SHAREPOINT = ("5dbe027f-2339-4123-9542-606e4d348a72", "SHAREPOINTENTERPRISE")
SHAREPOINT_SMALL = ("c7699d2e-19aa-44de-8edf-1736da088ca1", "SHAREPOINTSTANDARD")
FORMS = ("e212cbc7-0961-4c40-9825-01117710dcb1", "FORMS_PLAN_E5")
FORMS_SMALL = ("159f4cd6-e380-449f-a816-af1a9ef76344", "FORMS_PLAN_E1")
PLANNER = ("b737dad2-2f6c-4c65-90e3-ca563267e8b9", "PROJECTWORKMANAGEMENT")
OFFICE = ("43de0ff5-c92c-492b-9116-175376d08c38", "OFFICESUBSCRIPTION")
OFFICE_SMALL = ("094e7854-93fc-4d55-b2c0-3ab5369ebdc1", "OFFICE_BUSINESS")
DEFENDER = ("871d91ec-ec1a-452b-a83f-bd76c7d770ef", "WINDEFATP")
PURVIEW = ("efb0351d-3b08-4503-993d-383af8de41e3", "MIP_S_CLP2")
POWER_BI = ("70d33638-9c74-4d01-bfd3-562de28bd4ba", "BI_AZURE_P2")
ENGAGE = ("7547a3fe-08ee-4ccb-b430-5077c5041653", "YAMMER_ENTERPRISE")
SKUS = {
    "E5": (
        "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
        "SPE_E5",
        (
            *(P1, P2, EXCHANGE, TEAMS, INTUNE, SHAREPOINT, FORMS, PLANNER, OFFICE),
            *(DEFENDER, PURVIEW, POWER_BI, ENGAGE),
        ),
    ),
    "BusinessPremium": (
        "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46",
        "SPB",
        (P1, EXCHANGE_SMALL, TEAMS, INTUNE, SHAREPOINT_SMALL, FORMS_SMALL, PLANNER, OFFICE_SMALL),
    ),
    "BusinessBasic": (
        "3b555118-da6a-4418-894f-7df1e2096870",
        "O365_BUSINESS_ESSENTIALS",
        (EXCHANGE_SMALL, TEAMS, SHAREPOINT_SMALL, FORMS_SMALL, PLANNER),
    ),
}
LAPSED_TRIAL = ("84a661c4-e949-4bd2-a560-ed7766fcaf2b", "AAD_PREMIUM_P2", (P1, P2))


def subscribed_skus(population: Population) -> list[dict[str, Any]]:
    customer = population.customer
    bought = _sku(population, SKUS[customer.plan], used=customer.members)
    if customer.has_p2:
        return [bought]
    # A trial that has run out: its plans are still listed, and a reader must not count them.
    return [bought, _sku(population, LAPSED_TRIAL, used=0) | {"capabilityStatus": "Suspended"}]


def _sku(
    population: Population, sku: tuple[str, str, tuple[tuple[str, str], ...]], *, used: int
) -> dict[str, Any]:
    sku_id, part, plans = sku
    tenant = population.customer.tenant_id
    return {
        "id": f"{tenant}_{sku_id}",
        "accountId": tenant,
        "accountName": population.customer.initial_domain.split(".")[0],
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": used,
        "prepaidUnits": {"enabled": used + 25, "suspended": 0, "warning": 0, "lockedOut": 0},
        "servicePlans": [
            {
                "servicePlanId": i,
                "servicePlanName": n,
                "provisioningStatus": "Success",
                "appliesTo": "User",
            }
            for i, n in plans
        ],
        "skuId": sku_id,
        "skuPartNumber": part,
        "subscriptionIds": [],
    }
