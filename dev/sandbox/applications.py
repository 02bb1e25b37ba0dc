"""The tenant's own record and the service principals in it, with the app roles granted to ours."""

from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from dev.sandbox.clock import graph_time
from dev.sandbox.permissions import GRAPH_APP_ID, ROLE_IDS
from dev.sandbox.population import FOUNDED, Population

OUR_NAME = "Pro-active reports"


def organization(population: Population) -> list[dict[str, Any]]:
    customer = population.customer
    domains = [(customer.domain, True), (customer.initial_domain, False)]
    return [
        {
            "id": customer.tenant_id,
            "deletedDateTime": None,
            "displayName": customer.name,
            "countryLetterCode": "DE",
            "preferredLanguage": "de",
            "createdDateTime": graph_time(FOUNDED),
            "businessPhones": [],
            "technicalNotificationMails": [f"it@{customer.domain}"],
            "securityComplianceNotificationMails": [],
            "tenantType": "AAD",
            "onPremisesSyncEnabled": True if customer.has_p2 else None,
            "assignedPlans": [],
            "verifiedDomains": [
                {
                    "capabilities": "Email",
                    "isDefault": default,
                    "isInitial": not default,
                    "name": name,
                    "type": "Managed",
                }
                for name, default in domains
            ],
        }
    ]


def object_id(tenant_id: str, app_id: str) -> str:
    return str(uuid5(UUID(tenant_id), app_id))


def service_principals(population: Population, our_app_id: str) -> list[dict[str, Any]]:
    tenant = population.customer.tenant_id
    return [
        _service_principal(tenant, GRAPH_APP_ID, "Microsoft Graph") | {"appRoles": _app_roles()},
        _service_principal(tenant, our_app_id, OUR_NAME),
        _service_principal(
            tenant, "00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"
        ),
    ]


def app_role_assignments(population: Population, our_app_id: str) -> list[dict[str, Any]]:
    tenant = population.customer.tenant_id
    return [
        {
            "id": sha256(f"{tenant}/{permission}".encode()).hexdigest()[:43],
            "deletedDateTime": None,
            "appRoleId": ROLE_IDS[permission],
            "createdDateTime": graph_time(FOUNDED),
            "principalDisplayName": OUR_NAME,
            "principalId": object_id(tenant, our_app_id),
            "principalType": "ServicePrincipal",
            "resourceDisplayName": "Microsoft Graph",
            "resourceId": object_id(tenant, GRAPH_APP_ID),
        }
        for permission in sorted(population.customer.permissions)
    ]


def _service_principal(tenant: str, app_id: str, name: str) -> dict[str, Any]:
    return {
        "id": object_id(tenant, app_id),
        "deletedDateTime": None,
        "accountEnabled": True,
        "appDisplayName": name,
        "appId": app_id,
        "appRoleAssignmentRequired": False,
        "appRoles": [],
        "displayName": name,
        "servicePrincipalNames": [app_id],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "tags": [],
    }


def _app_roles() -> list[dict[str, Any]]:
    return [
        {
            "id": role,
            "value": permission,
            "displayName": permission,
            "description": permission,
            "allowedMemberTypes": ["Application"],
            "isEnabled": True,
            "origin": "Application",
        }
        for permission, role in ROLE_IDS.items()
    ]
