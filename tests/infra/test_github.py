"""github.sh, with an az that keeps what it was given."""

import json
from pathlib import Path

import pytest

from tests.infra.scripts import program, run

GITHUB = Path(__file__).parents[2] / "infra" / "github.sh"

# Applications are called by their names, and keep in files what was asked for them.
AZ = """#!/bin/sh
body() { for word; do case $word in @*) cat "${word#@}" ;; esac; done; }
name() { printf '%s' "$*" | sed "s/.*GitHub \\([a-z-]*\\).*/\\1/"; }
case "$*" in
  *"account show --query id"*) echo sub ;;
  *"account show --query tenantId"*) echo tenant ;;
  *"role definition list"*) test ! -f "$ENTRA/role.json" || echo there ;;
  *"role definition create"*) body "$@" >"$ENTRA/role.json" ;;
  *"ad app list"*) n=$(name "$@"); test ! -f "$ENTRA/$n" || echo "$n" ;;
  *"ad app create"*) n=$(name "$@"); touch "$ENTRA/$n"; echo "$n" ;;
  *"ad sp list"*) ;;
  *"ad sp create --id "*) printf 'principal-%s\\n' "$5" ;;
  *"federated-credential list --id"*) test ! -f "$ENTRA/$6.trust" || echo github ;;
  *"federated-credential create --id"*) body "$@" >"$ENTRA/$6.trust" ;;
  *"role assignment create"*)
    if [ -f "$ENTRA/refusal" ]; then cat "$ENTRA/refusal" >&2; exit 1; fi
    echo "$5 $9" >>"$ENTRA/roles" ;;
  *) echo "not expected: $*" >&2; exit 2 ;;
esac
"""


@pytest.fixture
def entra(tmp_path: Path) -> Path:
    folder = tmp_path / "entra"
    folder.mkdir()
    program(tmp_path, "az", AZ)
    program(tmp_path, "sleep", "#!/bin/sh\n")
    return folder


def test_who_deploys_may_change_everything_and_who_looks_may_only_read(entra: Path) -> None:
    first, again = (
        run(GITHUB, "test", "contoso/reports", programs=entra.parent, ENTRA=str(entra))
        for _ in range(2)
    )

    assert first == again
    assert again.splitlines() == [
        "in both: AZURE_TENANT_ID=tenant AZURE_SUBSCRIPTION_ID=sub DEPLOYER_ID=principal-test",
        "test: AZURE_CLIENT_ID=test",
        "test-what-if: AZURE_CLIENT_ID=test-what-if",
    ]
    assert set((entra / "roles").read_text("utf-8").splitlines()) == {
        "principal-test Contributor",
        "principal-test Role Based Access Control Administrator",
        "principal-test-what-if Reports what-if sub",
    }
    role = json.loads((entra / "role.json").read_text("utf-8"))
    assert role["AssignableScopes"] == ["/subscriptions/sub"]
    assert {action.rsplit("/", 1)[1] for action in role["Actions"]} == {"read", "action"}


@pytest.mark.parametrize("github", ["test", "test-what-if"])
def test_each_trusts_one_environment_of_github(entra: Path, github: str) -> None:
    run(GITHUB, "test", "contoso-1/reports-2", programs=entra.parent, ENTRA=str(entra))

    trust = json.loads((entra / f"{github}.trust").read_text("utf-8"))
    assert trust == {
        "name": "github",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": f"repo:contoso-1/reports-2:environment:{github}",
        "audiences": ["api://AzureADTokenExchange"],
    }


def test_a_role_that_cannot_be_given_is_told(entra: Path) -> None:
    (entra / "refusal").write_text("AuthorizationFailed", "utf-8")

    with pytest.raises(AssertionError, match="AuthorizationFailed"):
        run(GITHUB, "test", "contoso/reports", programs=entra.parent, ENTRA=str(entra))
