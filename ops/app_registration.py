"""python -m ops.app_registration: what infra/register.sh sends to Microsoft Graph, as JSON.

The same application as infra/app-registration.bicep, which needs the Microsoft Graph extension of Bicep.
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
_AUDIENCE = "api://AzureADTokenExchange"


def manifest(*, name: str | None, public_url: str | None) -> dict[str, object]:
    """The body of the application as Microsoft Graph takes it; what is left out stays as it is."""
    needed = sorted({each for report in registry().values() for each in report.permissions})
    pages = {"redirectUris": [f"{public_url}/{page}" for page in PAGES]}
    return {
        **({"displayName": name} if name else {}),
        **({"web": pages} if public_url else {}),
        "signInAudience": "AzureADMultipleOrgs",
        "api": {"requestedAccessTokenVersion": 2},
        "appRoles": [{**role, "isEnabled": True} for role in _roles()],
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


def grant(*, to: str, role: str, on: str) -> dict[str, object]:
    """A role of the application to people, or a permission of Microsoft Graph to the application."""
    ours = {each["value"]: each["id"] for each in _roles()}
    return {"principalId": to, "resourceId": on, "appRoleId": ours.get(role) or permission_id(role)}


def _roles() -> list[dict[str, str]]:
    return json.loads(APP_ROLES.read_text("utf-8"))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.app_registration", description=__doc__)
    bodies = parser.add_subparsers(dest="body", required=True)
    application = bodies.add_parser("manifest", help="the application")
    application.add_argument("--name", help="what customers read; a new one needs it")
    application.add_argument("--public-url", help="PUBLIC_URL of the service, once there is one")
    trust = bodies.add_parser("credential", help="its trust in the managed identity")
    trust.add_argument("--tenant", required=True, help="the partner's tenant")
    trust.add_argument("--principal", required=True, help="the managed identity")
    role = bodies.add_parser("grant", help="a role, or a permission of Microsoft Graph")
    role.add_argument("--to", required=True, help="object id of who gets it")
    role.add_argument("--role", required=True)
    role.add_argument("--on", required=True, help="object id of the service principal that has it")
    asked = vars(parser.parse_args(arguments))
    body = {"manifest": manifest, "credential": credential, "grant": grant}[asked.pop("body")]
    print(json.dumps(body(**asked), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
