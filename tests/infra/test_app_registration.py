"""The app registration: the same by template and by command, and just what reports need."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.check.source import Template, Value, property_of
from ops import app_registration, generated
from ops.permission_ids import IDS
from shared_code.core.errors import ConfigurationError
from shared_code.reports import registry
from shared_code.signin.entra import ENGINEER, READER

ROOT = Path(__file__).parents[2]
LEAST = ROOT.parent / "shared" / "contract" / "permissions-least.json"
BICEP = Template(ROOT / "infra" / "app-registration.bicep", ROOT / "infra")


def application() -> Any:
    return app_registration.manifest(name="Reports", public_url="https://reports.example")


def bicep(resource: str, *path: str) -> Value:
    return BICEP.value(property_of(BICEP.by_name[resource].value, *path))


def test_the_application_asks_for_what_the_reports_need_and_nothing_else() -> None:
    [graph] = application()["requiredResourceAccess"]
    needed = {each for report in registry().values() for each in report.permissions}

    assert {each["id"] for each in graph["resourceAccess"]} == {IDS[name] for name in needed}
    assert {each["type"] for each in graph["resourceAccess"]} == {"Role"}


def test_the_manifest_has_the_id_of_every_permission() -> None:
    manifest = json.loads(generated.manifest())

    assert manifest["ids"] == {name: IDS[name] for name in manifest["permissions"]}


def test_a_permission_without_an_id_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"Everything\.Read\.All"):
        generated.permission_id("Everything.Read.All")


@pytest.mark.skipif(
    not LEAST.is_file(), reason="Microsoft's permissions are not beside this checkout"
)
def test_the_ids_are_those_that_microsoft_publishes() -> None:
    published = json.loads(LEAST.read_text("utf-8"))

    assert {name: published[name]["appRoleId"] for name in IDS} == IDS


def test_template_and_command_make_the_same_application() -> None:
    ours = application()

    assert bicep("application", "signInAudience") == ours["signInAudience"]
    assert bicep("application", "api", "requestedAccessTokenVersion") == 2
    assert ours["api"] == {"requestedAccessTokenVersion": 2}
    assert BICEP.value(BICEP.by_name["pages"].value) == list(app_registration.PAGES)
    assert BICEP.value(BICEP.by_name["graph"].value) == app_registration.GRAPH


def test_template_and_command_trust_the_same_identity() -> None:
    ours = app_registration.credential(tenant="T", principal="P")

    assert bicep("trust", "audiences") == ours["audiences"]
    assert ours["issuer"] == "https://login.microsoftonline.com/T/v2.0"
    assert ours["subject"] == "P"


def test_what_watches_gdap_is_granted_in_the_partners_tenant_only() -> None:
    watches = IDS["DelegatedAdminRelationship.Read.All"]
    [graph] = application()["requiredResourceAccess"]

    assert BICEP.value(BICEP.by_name["readsGdap"].value) == watches
    assert watches not in {each["id"] for each in graph["resourceAccess"]}


def test_browsers_come_back_to_pages_that_there_are() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "functions").glob("*.py"))
    routes = set(re.findall(r'route="([^"]+)"', source))

    assert set(app_registration.PAGES) <= routes
    assert {route for route in routes if route.endswith("callback")} <= set(app_registration.PAGES)


def test_the_roles_are_those_the_pages_ask_for() -> None:
    assert {role["value"] for role in application()["appRoles"]} == {READER, ENGINEER}


def test_without_an_address_those_that_are_registered_stay() -> None:
    body = app_registration.manifest(name="Reports", public_url=None)

    assert "web" not in body


def test_a_role_of_ours_and_a_permission_of_microsofts_are_granted_by_their_ids() -> None:
    [engineer] = [role for role in application()["appRoles"] if role["value"] == ENGINEER]

    ours = app_registration.grant(to="people", role=ENGINEER, on="application")
    theirs = app_registration.grant(to="application", role="User.Read.All", on="graph")

    assert ours == {
        "principalId": "people",
        "resourceId": "application",
        "appRoleId": engineer["id"],
    }
    assert theirs["appRoleId"] == IDS["User.Read.All"]


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        ("manifest --name Reports", "appRoles"),
        ("credential --tenant T --principal P", "issuer"),
        ("grant --to P --role Reports.Engineer --on S", "appRoleId"),
    ],
)
def test_bodies_are_printed_as_json(
    capsys: pytest.CaptureFixture[str], arguments: str, key: str
) -> None:
    assert app_registration.main(arguments.split()) == 0

    assert key in json.loads(capsys.readouterr().out)
