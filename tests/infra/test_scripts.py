"""Scripts of a deployment, with an az that writes down what it is asked."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.check.__main__ import FUNCTIONS as CODE
from infra.check.agreement import source_of, timers
from shared_code.links.keys import parse_key_ring
from shared_code.reports import registry
from tests.infra.scripts import program, run

ROOT = Path(__file__).parents[2]
KEYS = ROOT / "infra" / "keys.sh"
SMOKE = ROOT / "infra" / "smoke.sh"
REFRESH = ROOT / "infra" / "refresh.sh"
OUTPUTS = ROOT / "infra" / "outputs.sh"
TYPESETTER = ROOT / "infra" / "typesetter.sh"
FUNCTIONS = ROOT / "infra" / "functions.sh"

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


# Each reading finds one secret more; what is read last is what a new role lets it read.
AZ_REFERENCES = """#!/bin/sh
case "$*" in
  *"functionapp show"*) echo /sites/func ;;
  *"--method post --url /sites/func/config/configreferences/appsettings/refresh?"*) sed -i 1d "$UNREAD" ;;
  *"--method get --url /sites/func/config/configreferences/appsettings?"*) cat "$UNREAD" ;;
  *) echo "not expected: $*" >&2; exit 2 ;;
esac
"""


@pytest.mark.parametrize(
    ("unread", "printed"),
    [("LINK_KEYS\nPSEUDONYM_KEY\n", "the app has read its secrets\n"), ("x\n" * 99, "")],
)
def test_the_app_reads_its_secrets_anew_until_it_has_all_and_smoke_judges(
    tmp_path: Path, unread: str, printed: str
) -> None:
    program(tmp_path, "az", AZ_REFERENCES)
    program(tmp_path, "sleep", "#!/bin/sh\n")
    (tmp_path / "unread").write_text(unread, "utf-8")

    assert run(REFRESH, "rg", "func", programs=tmp_path, UNREAD=str(tmp_path / "unread")) == printed


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
    (folder / "release.txt").write_text("new", "utf-8")
    program(folder, "curl", f"#!/bin/sh\necho '{health}'\n")
    program(folder, "sleep", "#!/bin/sh\n")


def test_what_is_listed_and_well_passes(tmp_path: Path) -> None:
    answering(tmp_path, expected(), '{"status": "ok", "failing": [], "release": "new"}')

    printed = run(SMOKE, "rg", "func", "https://x.example", str(tmp_path), programs=tmp_path)

    assert printed == f"{len(expected())} functions, health ok, release new\n"


@pytest.mark.parametrize(
    ("leaves_out", "health"),
    [
        ("runs", '{"status": "ok", "release": "new"}'),
        ("", '{"status": "failing", "failing": ["storage"], "release": "new"}'),
        ("", '{"status": "ok", "failing": [], "release": "old"}'),
    ],
)
def test_what_is_missing_or_unwell_fails_by_name(
    tmp_path: Path, leaves_out: str, health: str
) -> None:
    answering(tmp_path, [name for name in expected() if name != leaves_out], health)

    done = subprocess.run(
        [SMOKE, "rg", "func", "https://x.example", str(tmp_path)],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert f"not listed: {leaves_out or 'none'}\n" in done.stderr
    assert health in done.stderr
    assert "release wanted: new\n" in done.stderr


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
