"""What the documentation tells engineers to type, to open and to set is there."""

import importlib.util
import re
import shlex
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from infra.check.source import Template
from ops.session import Exit, Options, RefusedError, Session
from tests.ops.stage import ops

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "README.md",
    "infra/README.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
FOLDERS = ("bench", "dev", "docs", "functions", "infra", "ops", "shared_code", "tests")
# What the reader fills in.
PLACEHOLDERS = {"APP_ID", "ID_OF_THE_TENANT", "SP_ID", "SUBSCRIPTION_ID", "TENANT_ID"}
_WORDS = {
    **dict.fromkeys(("TENANT", "$TENANT", "ID"), "c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01"),
    "REPORT": "guest-users",
    "OFFER": "-",
    "CHANGES": "-",
    "END": "2026-11-16T05:00:00Z",
    "INSTANT": "2026-11-16T05:00:00Z",
}


def text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(markdown: str) -> str:
    return "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", markdown, re.MULTILINE | re.DOTALL))


def commands(page: str) -> list[str]:
    """Command lines of ops, with something in each place."""
    typed = re.findall(r"(?:^ *|`|\.venv/bin/)ops ([a-z][^`\n]*)", text(page), re.MULTILINE)
    return sorted({each.strip() for each in typed})


@asynccontextmanager
async def nowhere(_options: Options) -> AsyncGenerator[Session]:
    raise RefusedError("as far as it was to go")
    yield


@pytest.mark.parametrize(
    ("page", "line"), [(page, line) for page in PAGES for line in commands(page)]
)
def test_every_command_that_is_printed_can_be_typed(page: str, line: str) -> None:
    bare = re.sub(r"[\[\]]|(?<= )\.\.\.$", "", line.replace("<tenant id>", "TENANT"))
    words = [_WORDS.get(word, word) for word in shlex.split(bare, comments=True)]
    ended = ops(*("-" if word.endswith(".json") else word for word in words), opening=nowhere)

    # Named in a sentence, not written out.
    is_named = re.fullmatch(r"[a-z -]+", bare.strip()) and "Missing" in ended.error
    assert ended.code == Exit.REFUSED or "--help" in words or is_named, ended.error


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_is_there(page: str) -> None:
    named = re.findall(rf"(?<![\w/.-])(?:{'|'.join(FOLDERS)})/[\w./-]*[\w/]", text(page))
    named += re.findall(r"(?<![\w/.-])\.(?:ci|github)/[\w./-]*\w", text(page))

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_between_pages_leads_to_a_heading_that_is_there(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text(page)):
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), target


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_is_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))

    assert set(re.findall(r"(?:`|^ *)make ([a-z]+)", text(page), re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_run_is_there(page: str) -> None:
    for name in set(re.findall(r"python -m ([\w.]+\w)", text(page))):
        assert importlib.util.find_spec(name), name


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_is_named_is_read_somewhere(page: str) -> None:
    sources = [ROOT / ".github/workflows/deploy.yml", ROOT / "Makefile", ROOT / "azure.yaml"]
    for folder in ("infra", "ops", "dev", "bench", "functions", "shared_code"):
        sources += [
            p
            for p in (ROOT / folder).rglob("*")
            if p.suffix in {".py", ".bicep", ".bicepparam", ".sh", ".json"}
        ]
    known = {
        word for path in sources for word in re.findall(r"[A-Z][A-Z0-9_]+", path.read_text("utf-8"))
    }

    named = set(re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", text(page)))
    assert named - known - PLACEHOLDERS == set()


PATH = (
    text("docs/operations.md").split("\n## From an empty subscription", 1)[1].split("\n## ", 1)[0]
)


def test_the_path_to_the_first_report_uses_nothing_that_it_has_not_set_before() -> None:
    main = Template(ROOT / "infra" / "main.bicep", ROOT / "infra")
    known = {"HOME", "PATH", "PWD"}
    for line in blocks(PATH).splitlines():
        # `${NAME:-...}` need not be there.
        assert set(re.findall(r"\$\{?([A-Z][A-Z_]+)\b(?!:-)", line)) <= known, line
        if "infra/outputs.sh" in line:
            known |= {output.name for output in main.all("output")}
        if line.strip().startswith("export "):
            known |= set(re.findall(r"([A-Z][A-Z_]+)=", line))
    assert known >= {"GRAPH_CLIENT_ID", "TENANT"}


def test_the_path_to_the_first_report_sets_what_the_parameter_file_asks_for() -> None:
    asked = re.findall(r"readEnvironmentVariable\('(\w+)'(,?)", text("infra/test.bicepparam"))
    steps = re.split(r"^5\. ", PATH, flags=re.MULTILINE)
    exported = set(re.findall(r"([A-Z][A-Z_]+)=", blocks(PATH)))

    assert {name for name, has_default in asked if not has_default} <= exported
    assert {"ENGINEERS_GROUP_ID", "DEPLOYER_ID", "BUDGET_START"} <= exported
    assert len(steps) == 2


def test_the_steps_of_the_path_are_numbered_without_a_gap() -> None:
    numbers = [int(each) for each in re.findall(r"^(\d+)\. \*\*", PATH, re.MULTILINE)]

    assert numbers == list(range(1, len(numbers) + 1))
