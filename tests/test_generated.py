"""What follows from the report registry stands in the files that are generated from it."""

import json
import shutil
from pathlib import Path

import pytest

from ops import generated
from shared_code.core.errors import ConfigurationError
from shared_code.reports import registry


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with this README and nothing generated yet."""
    shutil.copy(generated.ROOT / "README.md", tmp_path)
    return tmp_path


def test_the_generated_files_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert generated.main(["--check"]) == 0, capsys.readouterr().out


def test_every_permission_of_every_report_is_in_the_manifest() -> None:
    manifest = json.loads(generated.manifest())

    assert set(manifest["reports"]) == set(registry())
    for report in registry().values():
        assert manifest["reports"][report.name] == list(report.permissions)
        assert set(report.permissions) <= set(manifest["permissions"])
    assert manifest["permissions"] == sorted(set(manifest["permissions"]))


def test_the_service_asks_for_no_permission_to_write() -> None:
    permissions = json.loads(generated.manifest())["permissions"]

    # Resource.Operation.Constraint
    assert {name.split(".")[1] for name in permissions} == {"Read"}


def test_what_is_out_of_date_is_named_and_not_touched(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (root / "README.md").read_text("utf-8")

    assert generated.main(["--check"], root) == 1

    assert "permissions.json is out of date" in capsys.readouterr().out
    assert (root / "README.md").read_text("utf-8") == before
    assert not (root / "infra").exists()


def test_written_once_everything_is_up_to_date(root: Path) -> None:
    assert generated.main([], root) == 0

    assert generated.main(["--check"], root) == 0
    assert (root / "infra/permissions.json").read_text("utf-8") == generated.manifest()


def test_only_the_table_of_the_readme_is_written(root: Path) -> None:
    readme = root / "README.md"
    text = readme.read_text("utf-8")
    start, end = text.index("<!-- reports -->"), text.index("<!-- /reports -->")
    readme.write_text(text[:start] + "<!-- reports -->\nold\n" + text[end:], "utf-8")

    generated.main([], root)

    assert readme.read_text("utf-8") == generated.with_table(text)
    assert readme.read_text("utf-8")[:start] == text[:start]
    assert readme.read_text("utf-8").endswith(text[end:])


@pytest.mark.parametrize("mark", ["<!-- reports -->\n", "<!-- /reports -->"])
def test_a_readme_without_its_marks_is_refused_by_name(root: Path, mark: str) -> None:
    text = (root / "README.md").read_text("utf-8").replace(mark, "")

    with pytest.raises(ConfigurationError, match=r"README\.md"):
        generated.with_table(text)


def test_a_row_of_the_table_has_five_cells() -> None:
    for row in generated.table().splitlines():
        assert row.replace("\\|", "").count("|") == 6


def test_a_title_with_a_bar_stays_one_cell() -> None:
    assert generated._cell("Guests | members\nand more") == "Guests \\| members and more"
