"""register.sh, with an az that keeps what it was given."""

import json
import sys
from pathlib import Path

import pytest

from ops import app_registration
from tests.infra.scripts import program, run

REGISTER = Path(__file__).parents[2] / "infra" / "register.sh"

# As little of Entra as register.sh asks for; what it made is in files.
AZ_ENTRA = """#!/bin/sh
echo "$*" >>"$ENTRA/asked"
body() { for word; do case $word in @*) cat "${word#@}" ;; esac; done; }
case "$*" in
  *"--method post --url"*/applications*) body "$@" >"$ENTRA/application"; echo the-app ;;
  *"--method patch --url"*"appId='the-app'"*) body "$@" >"$ENTRA/application" ;;
  *"ad sp create --id the-app"*) touch "$ENTRA/principal" ;;
  *"account show"*) echo our-tenant ;;
  *"ad sp list --filter appId eq 'the-app'"*) echo the-principal ;;
  *"ad sp show"*) echo microsoft-graph ;;
  *"federated-credential list"*)
    test ! -f "$ENTRA/trust" || sed -n 's/.*"subject": "\\(.*\\)".*/\\1/p' "$ENTRA/trust" ;;
  *"federated-credential create"* | *"federated-credential update"*) body "$@" >"$ENTRA/trust" ;;
  *"--method post --url"*appRoleAssignedTo*)
    if [ -f "$ENTRA/refusal" ]; then cat "$ENTRA/refusal" >&2; exit 1; fi
    if [ -f "$ENTRA/granted" ]; then
      echo "Bad Request: Permission being assigned already exists on the object" >&2; exit 1
    fi
    body "$@" >"$ENTRA/granted" ;;
  *) echo "not expected: $*" >&2; exit 2 ;;
esac
"""


@pytest.fixture
def entra(tmp_path: Path) -> Path:
    folder = tmp_path / "entra"
    folder.mkdir()
    program(tmp_path, "az", AZ_ENTRA)
    return folder


def register(entra: Path, **settings: str) -> str:
    return run(REGISTER, programs=entra.parent, ENTRA=str(entra), PYTHON=sys.executable, **settings)


def test_the_application_is_registered_first_and_its_id_is_all_that_is_printed(entra: Path) -> None:
    assert register(entra, ENGINEERS_GROUP_ID="the-engineers") == "the-app\n"

    body = json.loads((entra / "application").read_text("utf-8"))
    assert body["signInAudience"] == "AzureADMultipleOrgs"
    assert body["displayName"] == "Pro-active reports"
    assert "web" not in body
    assert (entra / "principal").exists()
    assert not (entra / "trust").exists()
    assert not (entra / "granted").exists()


def test_after_the_deployment_it_trusts_the_app_and_engineers_get_their_role_once(
    entra: Path,
) -> None:
    outputs = {
        "GRAPH_CLIENT_ID": "the-app",
        "IDENTITY_PRINCIPAL_ID": "the-identity",
        "FUNCTION_APP_URL": "https://func.example",
        "ENGINEERS_GROUP_ID": "the-engineers",
    }
    register(entra, **outputs)
    register(entra, **outputs)

    web = json.loads((entra / "application").read_text("utf-8"))["web"]
    assert "https://func.example/signin/callback" in web["redirectUris"]
    trust = json.loads((entra / "trust").read_text("utf-8"))
    assert trust["subject"] == "the-identity"
    assert "our-tenant" in trust["issuer"]
    assert json.loads((entra / "granted").read_text("utf-8"))["principalId"] == "the-engineers"
    assert (entra / "asked").read_text("utf-8").count("federated-credential create") == 1


def test_what_is_not_said_again_stays_as_it_is(entra: Path) -> None:
    """In a later shell that knows the id only: browsers still come back, customers read the same name."""
    register(entra, GRAPH_CLIENT_ID="the-app", WATCH_GDAP="yes")

    body = json.loads((entra / "application").read_text("utf-8"))
    assert {"web", "displayName"} & set(body) == set()
    assert body["requiredResourceAccess"]


def test_a_role_that_cannot_be_given_is_told(entra: Path) -> None:
    (entra / "refusal").write_text("Forbidden: Insufficient privileges", "utf-8")

    with pytest.raises(AssertionError, match="Insufficient privileges"):
        register(entra, GRAPH_CLIENT_ID="the-app", ENGINEERS_GROUP_ID="the-engineers")


def test_an_identity_that_was_made_anew_is_trusted_in_place_of_the_old_one(entra: Path) -> None:
    for identity in ("the-identity", "another"):
        register(entra, GRAPH_CLIENT_ID="the-app", IDENTITY_PRINCIPAL_ID=identity)

    assert json.loads((entra / "trust").read_text("utf-8"))["subject"] == "another"


def test_delegated_access_is_watched_only_where_it_is_asked_for(entra: Path) -> None:
    register(entra, GRAPH_CLIENT_ID="the-app", WATCH_GDAP="yes")

    granted = json.loads((entra / "granted").read_text("utf-8"))
    assert granted == app_registration.grant(
        to="the-principal", role="DelegatedAdminRelationship.Read.All", on="microsoft-graph"
    )
