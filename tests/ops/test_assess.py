"""The engineers' command that writes an assessment, lists them and deletes one."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dev.azurite import Azurite
from dev.sandbox import Sandbox, fabrikam
from dev.stage import stage_settings

ROOT = Path(__file__).resolve().parents[2]
WORDS = ("--de", "Prüfen Sie Ihre Regeln.", "--en", "Check your rules.")


async def assess(settings: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ops.assess", *words, "--settings", str(settings)]
    return await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
async def settings(azurite: Azurite, tmp_path: Path) -> Path:
    file = tmp_path / "local.settings.json"
    async with Sandbox([fabrikam()]) as sandbox:
        file.write_text(json.dumps({"Values": stage_settings(sandbox, azurite, 7071)}))
    return file


async def test_an_assessment_is_written_listed_shown_and_deleted(settings: Path) -> None:
    written = await assess(settings, "mc900301", *WORDS, "--recommendation", "act")
    assert (written.returncode, written.stderr) == (0, "")
    assert written.stdout.startswith("MC900301  act ")

    assert written.stdout.strip() in (await assess(settings)).stdout
    shown = await assess(settings, "MC900301")
    assert shown.stdout.splitlines()[1:] == ["Prüfen Sie Ihre Regeln.", "Check your rules."]

    assert (await assess(settings, "MC900301", "--delete")).stdout == "deleted\n"
    assert (await assess(settings, "MC900301")).stdout == "there is none\n"


async def test_what_is_wrong_is_named_and_nothing_is_written(settings: Path) -> None:
    number = await assess(settings, "900302", *WORDS)
    assert (number.returncode, number.stdout) == (1, "")
    assert "MC123456" in number.stderr

    half = await assess(settings, "MC900302", "--de", "Prüfen Sie es.")
    assert half.returncode == 2
    assert "belong together" in half.stderr
    assert (await assess(settings, "MC900302")).stdout == "there is none\n"
