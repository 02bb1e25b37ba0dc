"""What the documentation lists and counts is what the code declares."""

import re
import tomllib

import pytest
import typer
from typer.core import TyperGroup

from infra.check.agreement import settings_read, source_of, timers
from infra.check.source import Template
from ops.app import app
from ops.session import Exit
from shared_code.core.readiness import Cause
from shared_code.core.run import RunState
from shared_code.reports import registry
from shared_code.storage.accounts import CONTAINERS, QUEUES, TABLES, Holds
from tests.functions.description import described
from tests.test_documented import PAGES, ROOT, text


def section(page: str, title: str) -> str:
    """Up to the next heading."""
    return text(page).split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def first_cells(markdown: str) -> list[str]:
    """Of the rows of tables, heads left out."""
    rows = re.findall(r"^\| (.+?) \|", markdown, re.MULTILINE)
    heads = re.findall(r"^\| (.+?) \|.*\n\|---", markdown, re.MULTILINE)
    return [row for row in rows if row not in heads]


def quoted(markdown: str) -> list[str]:
    return re.findall(r"`([^`]+)`", markdown)


@pytest.mark.parametrize("page", PAGES)
def test_every_route_that_is_named_is_described(page: str) -> None:
    known = [re.sub(r"\{\w+\}", "x", path) for path in described()["paths"]]
    routes = r"(?<![\w.])(?:\$API|<PUBLIC_URL>|\$FUNCTION_APP_URL)?(/(?:api|portal|onboarding|r|sign(?:in|out))\b(?!-)[\w/{}$.]*)"
    for route in re.findall(routes, text(page)):
        path = re.sub(r"\{\w+\}|\$\w+", "x", route)
        # Whatever begins like that: `/portal...`, `/api`.
        path = re.sub(r"^/\w+$", r"\g<0>...", path).replace("...", "\0").rstrip(".")
        pattern = re.escape(path).replace("\0", ".*")
        assert any(re.fullmatch(pattern, each) for each in known), route


def test_every_command_of_the_command_line_is_explained() -> None:
    groups = typer.main.get_command(app)
    assert isinstance(groups, TyperGroup)
    words = re.sub(r"`, `", " ", text("docs/operations.md"))
    for name, group in groups.commands.items():
        assert f"`ops {name}" in words
        for each in group.commands if isinstance(group, TyperGroup) else ():
            assert re.search(rf"\b{name}\b[^\n]*\b{each}\b", words), f"{name} {each}"


def test_the_exit_codes_are_those_of_the_commands() -> None:
    told = re.findall(r"^\| (\d) \|", text("docs/operations.md"), re.MULTILINE)

    assert told == [str(int(code)) for code in Exit]
    assert re.findall(r"\d", app.info.epilog or "") == told


def test_every_table_container_and_queue_has_its_place_in_the_architecture() -> None:
    rows = section("docs/architecture.md", "Where state lives").splitlines()
    found: dict[str, set[str]] = {"Table": set(), "container": set(), "queue": set()}
    for row in rows:
        sort = re.match(r"\| [^|]+ \| (Table|container|queue)s? ([^|]+)", row)
        if sort:
            found[sort[1]] |= set(quoted(sort[2]))

    assert found["Table"] == set(TABLES)
    assert found["container"] == set(CONTAINERS)
    assert found["queue"] - {"-poison"} == {q for q in QUEUES if not q.endswith("-poison")}


def test_what_may_be_of_a_tenant_is_told_among_personal_data() -> None:
    told = set(quoted(section("docs/security.md", "Personal data")))

    assert {n for n, holds in (TABLES | CONTAINERS).items() if holds is not Holds.PARTNER} <= told


def test_how_people_appear_in_each_report_is_told() -> None:
    rows = re.findall(r"^\| (`.+`) \|.*\| (\w+) \|$", text("docs/security.md"), re.MULTILINE)
    told = {name: mode for names, mode in rows for name in quoted(names)}

    assert told == {name: report.privacy.value for name, report in registry().items()}


def test_the_layers_are_those_that_are_checked() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    drawn = re.search(r"```\n(.*?)```", section("docs/architecture.md", "Layers"), re.DOTALL)
    assert drawn
    names = [
        [word for word in re.split(r"  +", line)[:9] if re.fullmatch(r"[a-z]+(/graph)?", word)]
        for line in drawn[1].splitlines()
        if re.match(r"[a-z]", line)
    ]

    assert [{name.removesuffix("/graph") for name in each} for each in names] == [
        {part.removeprefix("shared_code.") for part in layer.split(" | ")} for layer in layers
    ]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = re.findall(
        r"^\| (\d+) \|", section("docs/architecture.md", "Decisions"), re.MULTILINE
    )

    assert numbers == [str(n + 1) for n in range(len(numbers))]


def test_every_end_of_a_run_and_every_cause_of_a_probe_is_explained() -> None:
    ends = first_cells(section("docs/architecture.md", "What a run can end in"))
    causes = " ".join(first_cells(section("docs/architecture.md", "What a probe finds")))

    assert set(ends) == {state.value for state in RunState if state.is_final}
    assert {cause.value for cause in Cause} <= set(re.findall(r"[a-z]+", causes))


def test_every_setting_of_the_table_is_read_by_the_app() -> None:
    cells = first_cells(section("README.md", "Settings"))
    named = {name for cell in cells for name in quoted(cell) if not name.startswith("__")}

    # Of the host's connections, for whoever deploys.
    assert named - settings_read() == {"REPORTS_STORAGE"} - settings_read()


def test_the_costs_count_the_timers_and_the_alerts_that_there_are() -> None:
    hourly, daily = 0, 0
    for schedule in timers(source_of(ROOT / "functions")).values():
        _, minute, hour, *_ = schedule.split()
        every = re.fullmatch(r"\*/(\d+)", minute)
        hourly += 60 // int(every[1]) if every else hour == "*"
        daily += hour != "*"
    alerts = Template(ROOT / "infra" / "alerts.bicep", ROOT / "infra")
    rules = alerts.value(alerts.by_name["rules"].value)
    assert isinstance(rules, list)
    often = [r for r in rules if isinstance(r, dict) and r["every"] == "PT5M"]
    costs = text("docs/costs.md")

    assert f"| {hourly} an hour and {daily} a day, and 4 an hour for each report type," in costs
    assert f"| {len(rules) - len(often)} that ask every quarter of an hour or less often" in costs
    assert f", {len(often)} every five minutes" in costs


def test_every_file_of_the_deployment_is_listed() -> None:
    files = {path.name for path in (ROOT / "infra").iterdir() if path.is_file()}
    listed = set(quoted(text("infra/README.md").split("\n## ", 1)[0]))

    assert files - {"README.md"} - listed == set()
