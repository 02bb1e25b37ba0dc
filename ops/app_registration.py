"""python -m ops.app_registration: the multi-tenant application, for engineers who register it with az.

The same as infra/app-registration.bicep, which needs the Microsoft Graph extension of Bicep.
"""

import argparse
import json
import sys
from pathlib import Path

from ops.generated import permission_id
from shared_code.reports import registry

GRAPH = "00000003-0000-0000-c000-000000000000"
APP_ROLES = Path(__file__).parents[1] / "infra" / "app-roles.json"
# Where Entra sends browsers back to.
PAGES = ("signin/callback", "signout", "onboarding/callback")
_WATCHES_GDAP = "DelegatedAdminRelationship.Read.All"
_GRAPH = "https://graph.microsoft.com/v1.0"
_AUDIENCE = "api://AzureADTokenExchange"


def manifest(*, name: str, public_url: str | None) -> dict[str, object]:
    """The body of the application as Microsoft Graph takes it."""
    needed = sorted({each for report in registry().values() for each in report.permissions})
    roles = json.loads(APP_ROLES.read_text("utf-8"))
    return {
        "displayName": name,
        "signInAudience": "AzureADMultipleOrgs",
        "api": {"requestedAccessTokenVersion": 2},
        "appRoles": [{**role, "isEnabled": True} for role in roles],
        "web": {"redirectUris": [f"{public_url}/{page}" for page in PAGES] if public_url else []},
        "requiredResourceAccess": [
            {
                "resourceAppId": GRAPH,
                "resourceAccess": [{"id": permission_id(each), "type": "Role"} for each in needed],
            }
        ],
    }


def credential(*, tenant: str, principal: str) -> dict[str, object]:
    """What makes the application trust the managed identity; no secret is involved."""
    return {
        "name": "function-app",
        "description": "The managed identity of the function app",
        "issuer": f"https://login.microsoftonline.com/{tenant}/v2.0",
        "subject": principal,
        "audiences": [_AUDIENCE],
    }


def commands(*, tenant: str, principal: str, public_url: str) -> str:
    """For a shell; both files are printed by this module."""
    gdap = permission_id(_WATCHES_GDAP)
    return f"""\
# 1. Signed in to the partner's tenant as an application administrator. appId is GRAPH_CLIENT_ID.
python -m ops.app_registration --manifest > application.json
az rest --method post --url {_GRAPH}/applications \\
  --body @application.json --query '{{appId:appId, id:id}}'
az ad sp create --id APP_ID --query id

# 2. After main.bicep, with its output IDENTITY_PRINCIPAL_ID and the service's address.
#    The same again when reports were added; customers then consent to what is new.
python -m ops.app_registration --manifest --public-url {public_url} > application.json
az rest --method patch --url {_GRAPH}/applications/ID --body @application.json
python -m ops.app_registration --credential --tenant {tenant} --principal {principal} > trust.json
az ad app federated-credential create --id APP_ID --parameters @trust.json

# 3. To be warned before GDAP relationships end: {_WATCHES_GDAP}, in this tenant only.
#    SP_ID is the id of step 1, GRAPH_ID that of: az ad sp show --id {GRAPH} --query id
az rest --method post --url {_GRAPH}/servicePrincipals/SP_ID/appRoleAssignments \\
  --body '{{"principalId": "SP_ID", "resourceId": "GRAPH_ID", "appRoleId": "{gdap}"}}'
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.app_registration", description=__doc__)
    parser.add_argument("--manifest", action="store_true", help="print the application as JSON")
    parser.add_argument("--credential", action="store_true", help="print the trust as JSON")
    parser.add_argument("--name", default="M365 Pro-Active Reports", help="what customers read")
    parser.add_argument("--public-url", help="PUBLIC_URL of the service")
    parser.add_argument("--tenant", default="TENANT_ID", help="the partner's tenant")
    parser.add_argument("--principal", default="IDENTITY_PRINCIPAL_ID", help="the managed identity")
    asked = parser.parse_args(arguments)
    if asked.manifest:
        print(json.dumps(manifest(name=asked.name, public_url=asked.public_url), indent=2))
    elif asked.credential:
        print(json.dumps(credential(tenant=asked.tenant, principal=asked.principal), indent=2))
    else:
        url = asked.public_url or "PUBLIC_URL"
        print(commands(tenant=asked.tenant, principal=asked.principal, public_url=url), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
