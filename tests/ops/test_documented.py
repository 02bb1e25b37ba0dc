"""What docs/operations.md and the README tell engineers to type is there to be typed."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from ops.app import app

ROOT = Path(__file__).resolve().parents[2]
_TYPED = re.compile(r"(?:^ *|`|\.venv/bin/)ops ([a-z][^`\n]*)", re.MULTILINE)


def _typed(page: str) -> list[str]:
    return sorted({each.strip() for each in _TYPED.findall((ROOT / page).read_text("utf-8"))})


def _command(words: list[str]) -> tuple[Any, list[str]]:
    command: Any = typer.main.get_command(app)
    while words and (commands := getattr(command, "commands", None)):
        command, words = commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("page", ["docs/operations.md", "README.md"])
def test_every_command_that_is_printed_exists_with_its_options(page: str) -> None:
    typed = _typed(page)

    assert typed
    for line in typed:
        command, rest = _command(line.split())
        options = {name for each in command.params for name in each.opts}
        asked = {word.strip("[]") for word in rest if word.strip("[]").startswith("--")}
        assert asked <= options | {"--help"}, line
