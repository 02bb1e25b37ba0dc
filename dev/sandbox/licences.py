"""What a tenant has bought, as Graph shows it in /subscribedSkus."""

from typing import Any

from dev.sandbox.population import Population

P1 = ("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM")
P2 = ("eec0eb4f-6444-4f95-aba0-50c24d67f998", "AAD_PREMIUM_P2")
EXCHANGE = ("efb87545-963c-4e0d-99df-69c6916d9eb0", "EXCHANGE_S_ENTERPRISE")
EXCHANGE_SMALL = ("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "EXCHANGE_S_STANDARD")
TEAMS = ("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1")
INTUNE = ("c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "INTUNE_A")
SKUS = {
    "E5": ("06ebc4ee-1bb5-47dd-8120-11324bc54e06", "SPE_E5", (P1, P2, EXCHANGE, TEAMS, INTUNE)),
    "BusinessPremium": (
        "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46",
        "SPB",
        (P1, EXCHANGE_SMALL, TEAMS, INTUNE),
    ),
    "BusinessBasic": (
        "3b555118-da6a-4418-894f-7df1e2096870",
        "O365_BUSINESS_ESSENTIALS",
        (EXCHANGE_SMALL, TEAMS),
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
