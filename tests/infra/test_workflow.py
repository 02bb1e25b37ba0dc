"""Workflow and azd: tests first, what would change before it changes, no stored secret."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "deploy.yml"


def workflow() -> Any:
    return yaml.safe_load(WORKFLOW.read_text("utf-8"))


def test_the_workflow_tests_first_and_shows_what_would_change_before_it_changes() -> None:
    jobs = workflow()["jobs"]

    assert jobs["what-if"]["needs"] == "test"
    assert jobs["deploy"]["needs"] == "what-if"
    steps = [step.get("name") for step in jobs["deploy"]["steps"]]
    order = ("Package", "Infrastructure", "Keys", "Secrets", "Typesetter", "App")
    assert sorted(order, key=steps.index) == list(order)
    assert steps[-1] == "Does it answer"


def test_the_workflow_signs_in_without_a_stored_secret() -> None:
    text = WORKFLOW.read_text("utf-8")

    assert "secrets." not in text
    for name in ("what-if", "deploy"):
        assert workflow()["jobs"][name]["permissions"] == {"contents": "read", "id-token": "write"}


def test_whoever_asks_for_a_token_of_a_new_kind_has_just_signed_in() -> None:
    """GitHub's own token ends after five minutes, sooner than a deployment."""
    steps = workflow()["jobs"]["deploy"]["steps"]
    for name in ("Infrastructure", "Keys", "Typesetter"):
        before = next(n for n, step in enumerate(steps) if step.get("name") == name) - 1
        assert steps[before]["uses"].startswith("azure/login@"), name


def test_the_tests_run_where_their_packages_are_and_on_the_python_of_the_app() -> None:
    image = workflow()["jobs"]["test"]["container"]["image"]

    assert image == f"python:{(ROOT / '.python-version').read_text('utf-8').strip()}-bookworm"


def test_what_nobody_approves_may_only_read() -> None:
    steps = workflow()["jobs"]["what-if"]["steps"]

    assert "--validation-level ProviderNoRbac" in steps[-1]["run"]


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
