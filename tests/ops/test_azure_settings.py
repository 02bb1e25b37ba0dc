"""Settings of the app in Azure, as a file that commands read."""

import json
import os
from pathlib import Path
from typing import Self

import pytest

from infra.check.source import Template, properties
from ops import azure_settings
from ops.session import Options, opened
from shared_code.core.errors import ConfigurationError

ROOT = Path(__file__).parents[2]
GUID = "5e8c1f0a-2b7d-4c63-8f19-a4d0b6e7c852"
VALUES = {
    "GRAPH_BASE_URL": "https://graph.microsoft.com/v1.0",
    "INSTANCE_MEMORY_MB": "2048",
    "LINK_LIFETIME_DAYS": "30",
    "MAIL_SENDER": "",
    "PARTNER_NAME": "Pro-Active Services",
    "PORTAL_ISSUER": "https://login.microsoftonline.com/{tid}/v2.0",
    "GRAPH_CERTIFICATE": "",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "",
    "OTEL_EXPORTER_OTLP_HEADERS": "",
}
KEY = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def value(name: str) -> str:
    """Of a setting that the template sets: what it is like once it is deployed."""
    if name in ("LINK_KEYS", "PSEUDONYM_KEY"):
        secret = name.lower().replace("_", "-")
        return f"@Microsoft.KeyVault(SecretUri=https://kv-x.vault.example/secrets/{secret})"
    if name.endswith(("Uri", "URL")):
        return f"https://{name.lower().replace('_', '-')}.example"
    return VALUES.get(name, GUID)


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Template(ROOT / "infra" / "modules" / "app.bicep", ROOT / "infra")
    declared = app.by_name["settings"].value
    assert declared is not None
    listed = [{"name": name, "value": value(name)} for name, _ in properties(declared)]
    (tmp_path / "listed").write_text(json.dumps(listed), "utf-8")
    program = tmp_path / "az"
    program.write_text(
        f"#!/bin/sh\ncase $1 in keyvault) echo {KEY} ;; *) cat {tmp_path / 'listed'} ;; esac\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


class SignIn:
    """No sign-in: nothing is asked of storage."""

    async def get_token(self, *scopes: str, **options: object) -> object:
        raise ConfigurationError("asked for a token")

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None: ...


@pytest.mark.usefixtures("az")
def test_keys_stay_in_the_vault_unless_they_are_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "azure.settings.json"

    assert azure_settings.main(["rg", "func", "--out", str(out)]) == 0
    assert not {"LINK_KEYS", "PSEUDONYM_KEY"} & set(json.loads(out.read_bytes())["Values"])

    assert azure_settings.main(["rg", "func", "--out", str(out), "--with-keys"]) == 0
    assert json.loads(out.read_bytes())["Values"]["LINK_KEYS"] == KEY
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("az")
@pytest.mark.parametrize("options", [[], ["--with-keys"]])
async def test_commands_take_the_file_as_it_is(tmp_path: Path, options: list[str]) -> None:
    out = tmp_path / "azure.settings.json"
    azure_settings.main(["rg", "func", "--out", str(out), *options])

    # It gets as far as the sign-in: every setting is there and well-formed.
    with pytest.raises(ConfigurationError, match="asked for a token"):
        async with opened(Options(settings=out, as_me=True), sign_in=SignIn):  # pyright: ignore[reportArgumentType]
            pass


def test_an_az_that_fails_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "az").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "az").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert azure_settings.main(["rg", "func", "--out", str(tmp_path / "out")]) == 1
    assert "az gave no settings" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
