"""Checkov's rules for Azure over the templates, offline: what it refuses is skipped with a reason."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "infra"
SKIPPED = TEMPLATES / "checkov.yaml"
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
# Syntax newer than checkov's parser; infra/check reads them.
UNREADABLE = {"alerts.bicep", "app-registration.bicep", "modules/network.bicep"}

# Of every Python below: whoever asks the network is refused, and written down.
OFFLINE = """
import os, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        with open(os.environ["ASKED"], "a") as asked:
            asked.write(event + "\\n")
        raise OSError("no network")

sys.addaudithook(refuse)
"""

installed = pytest.mark.skipif(
    not CHECKOV.exists(), reason="checkov has an environment of its own: `make test` installs it"
)


def offline(folder: Path, *command: str | Path) -> tuple[str, list[str]]:
    """What it wrote, and what it asked the network for."""
    asked = folder / "asked"
    (folder / "sitecustomize.py").write_text(OFFLINE, "utf-8")
    done = subprocess.run(
        command,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "PYTHONPATH": str(folder),
            "ASKED": str(asked),
            # --skip-download does not keep checkov from asking for a newer version of itself.
            "CKV_SKIP_PACKAGE_UPDATE_CHECK": "True",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, asked.read_text("utf-8").split() if asked.exists() else []


def results(folder: Path, templates: Path) -> Any:
    command = (CHECKOV, "--directory", templates, "--framework", "bicep", "--skip-download")
    written, asked = offline(folder, *command, "--output", "json")
    assert asked == []
    return json.loads(written)["results"]


def refused(found: Any) -> dict[str, set[str]]:
    """Rules, each with the places that break it."""
    places: dict[str, set[str]] = {}
    for each in found["failed_checks"]:
        place = f"{each['file_path'].lstrip('/')}:{each['file_line_range'][0]}"
        places.setdefault(each["check_id"], set()).add(place)
    return places


def skipped() -> set[str]:
    return set(yaml.safe_load(SKIPPED.read_text("utf-8"))["skip-check"])


def test_every_rule_that_is_skipped_has_a_reason() -> None:
    lines = re.findall(r"^  - (\w+)(?: # (.+))?$", SKIPPED.read_text("utf-8"), re.MULTILINE)

    assert {rule for rule, _ in lines} == skipped()
    assert [rule for rule, reason in lines if not reason] == []


def test_whoever_asks_the_network_is_noticed(tmp_path: Path) -> None:
    _, asked = offline(
        tmp_path, sys.executable, "-c", "import socket; socket.create_connection(('x.example', 80))"
    )

    assert asked == ["socket.getaddrinfo"]


@installed
def test_what_checkov_refuses_is_skipped_with_a_reason_and_nothing_else_is(tmp_path: Path) -> None:
    found = results(tmp_path, TEMPLATES)
    places = refused(found)

    assert {rule: places[rule] for rule in set(places) - skipped()} == {}
    assert skipped() - set(places) == set()
    assert {
        Path(path).relative_to(TEMPLATES).as_posix() for path in found["parsing_errors"]
    } == UNREADABLE


@installed
def test_checkov_reports_seeded_faults_with_file_and_line(tmp_path: Path) -> None:
    templates = tmp_path / "infra"
    shutil.copytree(TEMPLATES, templates)
    storage = templates / "modules" / "storage.bicep"
    source = storage.read_text("utf-8")
    faulty = source.replace("publicAccess: 'None'", "publicAccess: 'Blob'")
    # As many lines as before, so that places stay where they are.
    storage.write_text(faulty.replace("    minimumTlsVersion: 'TLS1_2'\n", "\n"), "utf-8")

    places = refused(results(tmp_path, templates))

    def line(start: str) -> str:
        return f"modules/storage.bicep:{source[: source.index(start)].count('\n') + 1}"

    assert {rule: places[rule] for rule in set(places) - skipped()} == {
        "CKV_AZURE_34": {line("resource container ")},
        "CKV_AZURE_44": {line("resource account ")},
    }
