"""Scripts and workflow of a deployment, with an az that writes down what it is asked."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.check.__main__ import FUNCTIONS as CODE
from infra.check.agreement import source_of, timers
from ops import app_registration
from shared_code.links.keys import parse_key_ring
from shared_code.reports import registry

ROOT = Path(__file__).parents[2]
KEYS = ROOT / "infra" / "keys.sh"
SMOKE = ROOT / "infra" / "smoke.sh"
REGISTER = ROOT / "infra" / "register.sh"
OUTPUTS = ROOT / "infra" / "outputs.sh"
TYPESETTER = ROOT / "infra" / "typesetter.sh"
FUNCTIONS = ROOT / "infra" / "functions.sh"
WORKFLOW = ROOT / ".github" / "workflows" / "deploy.yml"

AZ_VAULT = """#!/bin/sh
case "$*" in
  *"secret list"*) ls "$VAULT" ;;
  *"secret set"*)
    while [ $# -gt 0 ]; do
      case $1 in --name) name=$2 ;; --file) file=$2 ;; esac
      shift
    done
    cp "$file" "$VAULT/$name" ;;
esac
"""


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(text, "utf-8")
    path.chmod(0o755)


def run(script: Path, *arguments: str, programs: Path, **settings: str) -> str:
    environment = {**os.environ, **settings, "PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(
        [script, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder = tmp_path / "vault"
    folder.mkdir()
    program(tmp_path, "az", AZ_VAULT)
    return folder


def test_the_keys_written_are_such_as_the_app_reads(tmp_path: Path, vault: Path) -> None:
    run(KEYS, "kv-x", programs=tmp_path, VAULT=str(vault))

    link = parse_key_ring((vault / "link-keys").read_text("utf-8"), setting="LINK_KEYS")
    pseudonym = parse_key_ring(
        (vault / "pseudonym-key").read_text("utf-8"), setting="PSEUDONYM_KEY"
    )
    assert len(link.secrets[link.signing]) == len(pseudonym.secrets[pseudonym.signing]) == 32
    assert link.secrets[link.signing] != pseudonym.secrets[pseudonym.signing]


def test_keys_that_are_there_stay(tmp_path: Path, vault: Path) -> None:
    (vault / "pseudonym-key").write_text("p1:there", "utf-8")

    printed = run(KEYS, "kv-x", programs=tmp_path, VAULT=str(vault))

    assert (vault / "pseudonym-key").read_text("utf-8") == "p1:there"
    assert printed.splitlines() == ["link-keys: written", "pseudonym-key: there"]


def test_no_key_is_printed(tmp_path: Path, vault: Path) -> None:
    printed = run(KEYS, "kv-x", programs=tmp_path, VAULT=str(vault))

    assert (vault / "link-keys").read_text("utf-8").split(":")[1] not in printed


def test_the_secrets_written_are_those_the_settings_refer_to() -> None:
    app = (ROOT / "infra" / "modules" / "app.bicep").read_text("utf-8")

    for name in ("link-keys", "pseudonym-key"):
        assert f"secrets/{name})" in app
        assert f"\nwrite {name} " in KEYS.read_text("utf-8")


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
  *"--method get --url"*appRoleAssignedTo*) test ! -f "$ENTRA/granted" || echo there ;;
  *"--method post --url"*appRoleAssignedTo*) body "$@" >>"$ENTRA/granted" ;;
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
    assert body["web"] == {"redirectUris": []}
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


def test_outputs_have_the_names_of_the_template_whatever_azure_makes_of_them(
    tmp_path: Path,
) -> None:
    program(
        tmp_path,
        "az",
        """#!/bin/sh\necho '{"keY_VAULT_NAME": {"type": "String", "value": "kv-x"}}'\n""",
    )

    assert run(OUTPUTS, "reports-test", programs=tmp_path) == "KEY_VAULT_NAME=kv-x\n"


def expected() -> list[str]:
    return subprocess.run([FUNCTIONS], capture_output=True, text=True, check=True).stdout.split()


def test_every_function_is_expected_after_a_deployment() -> None:
    planners = {f"plan_{name.replace('-', '_')}" for name in registry()}

    assert planners | set(timers(source_of(CODE))) | {
        "runs",
        "runs_poison",
        "health",
        "open_link",
    } <= set(expected())
    assert len(expected()) == len(set(expected()))


def answering(folder: Path, listed: list[str], health: str) -> None:
    program(folder, "az", "#!/bin/sh\nprintf 'func/%s\\n' " + " ".join(listed) + "\n")
    program(folder, "curl", f"#!/bin/sh\necho '{health}'\n")
    program(folder, "sleep", "#!/bin/sh\n")


def test_what_is_listed_and_well_passes(tmp_path: Path) -> None:
    answering(tmp_path, expected(), '{"status": "ok", "failing": []}')

    printed = run(SMOKE, "rg", "func", "https://x.example", programs=tmp_path)

    assert printed == f"{len(expected())} functions, health ok\n"


@pytest.mark.parametrize(
    ("leaves_out", "health"),
    [("runs", '{"status": "ok"}'), ("", '{"status": "failing", "failing": ["storage"]}')],
)
def test_what_is_missing_or_unwell_fails_by_name(
    tmp_path: Path, leaves_out: str, health: str
) -> None:
    answering(tmp_path, [name for name in expected() if name != leaves_out], health)

    done = subprocess.run(
        [SMOKE, "rg", "func", "https://x.example"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert f"not listed: {leaves_out or 'none'}\n" in done.stderr
    assert health in done.stderr


AZ_BLOBS = """#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in exists | upload) act=$1 ;; --name) name=$2 ;; --file) file=$2 ;; esac
  shift
done
if [ -e "$BLOBS/refused" ]; then rm "$BLOBS/refused"; exit 1; fi
case $act in
  exists) [ -e "$BLOBS/$name" ] && echo true || echo false ;;
  upload) cp "$file" "$BLOBS/$name" ;;
esac
"""


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    for name in ("blobs", "dist"):
        (tmp_path / name).mkdir()
    program(tmp_path, "az", AZ_BLOBS)
    program(tmp_path, "sleep", "#!/bin/sh\n")
    (tmp_path / "dist" / "typesetter-1.zip").write_text("new", "utf-8")
    return tmp_path / "blobs"


def upload(folder: Path, blobs: Path) -> str:
    return run(TYPESETTER, "st", str(folder / "dist"), programs=folder, BLOBS=str(blobs))


def test_the_typesetter_is_uploaded_beside_those_of_older_versions(
    tmp_path: Path, blobs: Path
) -> None:
    (blobs / "typesetter-0.zip").write_text("old", "utf-8")

    assert upload(tmp_path, blobs) == "typesetter-1.zip: uploaded\n"

    assert {each.name: each.read_text("utf-8") for each in blobs.iterdir()} == {
        "typesetter-0.zip": "old",
        "typesetter-1.zip": "new",
    }


def test_a_typesetter_that_is_there_is_left_alone(tmp_path: Path, blobs: Path) -> None:
    (blobs / "typesetter-1.zip").write_text("there", "utf-8")

    assert upload(tmp_path, blobs) == "typesetter-1.zip: there\n"

    assert (blobs / "typesetter-1.zip").read_text("utf-8") == "there"


def test_a_role_that_was_just_given_is_waited_for(tmp_path: Path, blobs: Path) -> None:
    (blobs / "refused").touch()

    assert upload(tmp_path, blobs) == "typesetter-1.zip: uploaded\n"


def test_without_a_package_nothing_is_uploaded(tmp_path: Path, blobs: Path) -> None:
    (tmp_path / "dist" / "typesetter-1.zip").unlink()

    with pytest.raises(AssertionError, match="run make package first"):
        upload(tmp_path, blobs)

    assert list(blobs.iterdir()) == []


def workflow() -> Any:
    return yaml.safe_load(WORKFLOW.read_text("utf-8"))


def test_the_workflow_tests_first_and_shows_what_would_change_before_it_changes() -> None:
    jobs = workflow()["jobs"]

    assert jobs["what-if"]["needs"] == "test"
    assert jobs["deploy"]["needs"] == "what-if"
    steps = [step.get("name") for step in jobs["deploy"]["steps"]]
    order = ("Package", "Infrastructure", "Keys", "Typesetter", "App")
    assert sorted(order, key=steps.index) == list(order)
    assert steps[-1] == "Does it answer"


def test_the_workflow_signs_in_without_a_stored_secret() -> None:
    text = WORKFLOW.read_text("utf-8")

    assert "secrets." not in text
    for name in ("what-if", "deploy"):
        assert workflow()["jobs"][name]["permissions"] == {"contents": "read", "id-token": "write"}


def test_what_the_workflow_asks_of_the_deployment_is_an_output_of_it() -> None:
    asked = re.findall(r"steps\.infrastructure\.outputs\.(\w+)", WORKFLOW.read_text("utf-8"))
    main = (ROOT / "infra" / "main.bicep").read_text("utf-8")

    assert asked
    for name in asked:
        assert f"\noutput {name} string" in main


def test_every_variable_of_the_parameter_files_is_given_by_the_workflow() -> None:
    jobs = workflow()["jobs"]
    for file in (ROOT / "infra").glob("*.bicepparam"):
        asked = file.read_text("utf-8").split("readEnvironmentVariable('")[1:]
        names = {each.split("'")[0] for each in asked}
        for job in ("what-if", "deploy"):
            assert names <= set(jobs[job]["env"]), file.name


def test_azd_deploys_the_same_templates_and_writes_the_keys() -> None:
    project = yaml.safe_load((ROOT / "azure.yaml").read_text("utf-8"))
    parameters = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))

    assert (ROOT / project["infra"]["path"] / f"{project['infra']['module']}.bicep").is_file()
    hooks = {name: hook["run"].split()[0] for name, hook in project["hooks"].items()}
    assert hooks == {
        "prepackage": "make",
        "postprovision": "infra/keys.sh",
        "predeploy": "infra/typesetter.sh",
    }
    assert "'azd-service-name': 'api'" in (ROOT / "infra/modules/app.bicep").read_text("utf-8")
    assert set(project["services"]) == {"api"}
    assert parameters["parameters"]["environmentName"] == {"value": "${AZURE_ENV_NAME}"}
