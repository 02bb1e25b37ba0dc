"""python -m ops.azure_settings GROUP APP: a settings file for `ops --as-me`, from the app in Azure."""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

# Of the host: of no use outside Azure.
_HOST = ("AzureWebJobs", "APPLICATIONINSIGHTS_")
_IN_VAULT = re.compile(r"@Microsoft\.KeyVault\(SecretUri=(.+)\)")


def settings(group: str, app: str, *, with_keys: bool) -> dict[str, str]:
    """Keys stay in the vault unless asked for. Raises CalledProcessError, with az's own words."""
    listed = json.loads(
        _az(
            *("functionapp", "config", "appsettings", "list"),
            *("--resource-group", group, "--name", app, "--output", "json"),
        )
    )
    return dict(_read({each["name"]: each["value"] for each in listed}, with_keys=with_keys))


def _read(given: Mapping[str, str], *, with_keys: bool) -> Iterator[tuple[str, str]]:
    for name, value in sorted(given.items()):
        if name.startswith(_HOST) or not value:
            continue
        in_vault = _IN_VAULT.fullmatch(value)
        if in_vault is None:
            yield name, value
        elif with_keys:
            show = ("keyvault", "secret", "show", "--id", in_vault[1])
            yield name, _az(*show, "--query", "value", "--output", "tsv").strip()


def _az(*arguments: str) -> str:
    command = ["az", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603


def write(path: Path, values: Mapping[str, str]) -> None:
    """For its owner only: keys may be in it."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"Values": dict(values)}, file, indent=2)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ops.azure_settings", description=__doc__)
    parser.add_argument("group", help="AZURE_RESOURCE_GROUP")
    parser.add_argument("app", help="FUNCTION_APP_NAME")
    parser.add_argument("--out", type=Path, default=Path("azure.settings.json"))
    parser.add_argument("--with-keys", action="store_true", help="to invite, and to issue links")
    asked = parser.parse_args(arguments)
    try:
        values = settings(asked.group, asked.app, with_keys=asked.with_keys)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"az gave no settings: {error}", file=sys.stderr)
        return 1
    write(asked.out, values)
    print(f"{asked.out}: {len(values)} settings, {'with' if asked.with_keys else 'without'} keys")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
