"""The report's page as readers see and use it: one run of Chromium, one test for each check."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.pages import write_pages

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
_CHECK = re.compile(r"^export async function (\w+)", re.MULTILINE)

MISSING = [
    word
    for word, is_there in (
        ("/usr/bin/chromium", CHROMIUM.exists()),
        ("node", shutil.which("node")),
        ("node_modules (npm ci)", (ROOT / "node_modules/playwright-core").exists()),
    )
    if not is_there
]

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.timeout(300),  # the first test waits for all checks
]


def _checks() -> list[str]:
    sources = (Path(__file__).with_name(name).read_text() for name in ("looks.mjs", "deeds.mjs"))
    return [name for source in sources for name in _CHECK.findall(source)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pages")
    write_pages(root, tmp_path_factory.mktemp("spools"))
    return root


@pytest.fixture(scope="module")
def complaints(pages: Path) -> dict[str, str | None]:
    script = Path(__file__).with_name("check.mjs")
    run = subprocess.run(
        ["node", script, pages], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize("check", _checks())
def test_in_the_browser(complaints: dict[str, str | None], check: str) -> None:
    assert complaints[check] is None, complaints[check]


def test_the_pages_are_valid_html(pages: Path) -> None:
    files = sorted(pages.glob("*/*.html"))
    rules = Path(__file__).with_name("htmlvalidate.json")
    tool = ROOT / "node_modules/.bin/html-validate"
    run = subprocess.run(
        [tool, "--config", rules, "--formatter", "text", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[:4000]


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="not installed: pdftotext")
@pytest.mark.parametrize(("name", "least"), [("small", 1), ("large", 5)])
def test_no_printed_page_is_blank_and_the_table_head_comes_again(
    pages: Path, complaints: dict[str, str | None], name: str, least: int
) -> None:
    assert complaints["print"] is None
    text = subprocess.run(
        ["pdftotext", "-layout", pages / f"{name}.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    printed = text.rstrip("\f").split("\f")
    assert len(printed) >= least
    assert all(len(page.split()) > 10 for page in printed), [p[:80] for p in printed]
    full = [page for page in printed if page.count("fabrikam") > 3]
    assert all("Letzte" in page and "Sponsor" in page for page in full)
    assert "Datenquelle" in text
