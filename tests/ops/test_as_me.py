"""`--as-me` as an engineer has it: the Azure CLI's token, and storage that takes tokens only.

The emulator looks at a token's times, issuer and audience; signatures and roles are Azure's.
"""

import asyncio
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import jwt
import pytest
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue.aio import QueueServiceClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dev.azurite import Azurite
from shared_code.storage.accounts import Accounts
from shared_code.storage.tenants import TableTenants
from tests.ops.stage import ACTOR, CONTOSO, VALUES, contoso

ROOT = Path(__file__).resolve().parents[2]
STORAGE = "https://storage.azure.com"
SIGNED_OUT = "#!/bin/sh\necho \"Please run 'az login' to setup account.\" >&2\nexit 1\n"


@dataclass(frozen=True, slots=True)
class Desk:
    """An engineer's machine: an Azure CLI on the path, settings without keys."""

    folder: Path
    certificate: Path

    def ops(
        self, *words: str, encoding: str = "utf-8", out: int = subprocess.PIPE
    ) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "ops", *words, "--as-me"]
        # aiohttp reads the certificates when it is imported: hence another process.
        environment = {
            **os.environ,
            "PATH": f"{self.folder}:/usr/bin:/bin",
            "OPS_SETTINGS": str(self.folder / "settings.json"),
            "SSL_CERT_FILE": str(self.certificate),
            "PYTHONIOENCODING": encoding,
        }
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    def signed_in(self, *, audience: str = STORAGE) -> None:
        now = datetime.now(UTC)
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{VALUES['PARTNER_TENANT_ID']}/",
            "iat": now,
            "nbf": now - timedelta(minutes=1),
            "exp": now + timedelta(hours=1),
            "oid": ACTOR,
            "name": "Megan Bowen",
        }
        token = jwt.encode(claims, "k" * 32, algorithm="HS256")
        told = {"accessToken": token, "expires_on": int(claims["exp"].timestamp())}
        self.az(f"#!/bin/sh\necho asked >> {self.asked}\necho '{json.dumps(told)}'\n")

    @property
    def asked(self) -> Path:
        """A line for each time that the Azure CLI was."""
        return self.folder / "asked"

    def az(self, script: str) -> None:
        program = self.folder / "az"
        program.write_text(script, "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Of this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(pem))
    unlocked = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files[1].write_bytes(unlocked)
    return files


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Azurite, Path]]:
    certificate = _certificate(tmp_path_factory.mktemp("tls"))
    with Azurite(certificate=certificate) as running:
        asyncio.run(_prepare(running, certificate[0]))
        yield running, certificate[0]


async def _prepare(azurite: Azurite, certificate: Path) -> None:
    """What the template does in Azure, and one tenant."""
    text = azurite.connection_string
    trusting: Any = {"connection_verify": str(certificate)}
    accounts = Accounts(
        tables=TableServiceClient.from_connection_string(text, **trusting),
        blobs=BlobServiceClient.from_connection_string(text, **trusting),
        queues=QueueServiceClient.from_connection_string(text, **trusting),
        is_keyless=False,
    )
    async with accounts:
        await accounts.ensure()
        await TableTenants(accounts.table("tenants")).save(contoso())


@pytest.fixture
def desk(azurite: tuple[Azurite, Path], tmp_path: Path) -> Desk:
    running, certificate = azurite
    keys = ("LINK_KEYS", "PSEUDONYM_KEY", "REPORTS_STORAGE")
    values = {name: value for name, value in VALUES.items() if name not in keys}
    for service, address in running.addresses.items():
        values[f"REPORTS_STORAGE__{service.lower()}ServiceUri"] = address
    (tmp_path / "settings.json").write_text(json.dumps({"Values": values}), "utf-8")
    desk = Desk(tmp_path, certificate)
    desk.signed_in()
    return desk


def test_tables_queues_and_blobs_are_read_with_the_engineers_own_sign_in(desk: Desk) -> None:
    listed = desk.ops("tenants", "list", "--json")

    assert (listed.returncode, listed.stderr) == (0, "")
    assert [row["id"] for row in json.loads(listed.stdout)] == [CONTOSO]
    assert desk.ops("queues").returncode == 0
    assert desk.ops("poison", "list").stdout == "nothing failed too often\n"


def test_the_azure_cli_is_asked_once_whatever_a_command_reads(desk: Desk) -> None:
    assert desk.ops("poison", "list").returncode == 0

    assert desk.asked.read_text("utf-8") == "asked\n"


def test_a_terminal_that_lacks_a_sign_is_shown_its_number(desk: Desk) -> None:
    listed = desk.ops("queues", encoding="ascii")

    assert (listed.returncode, listed.stderr) == (0, "")
    assert "\\u2013" in listed.stdout


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_answer_that_nobody_can_keep_is_one_line(desk: Desk, form: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = desk.ops("queues", *form, out=full.fileno())

    assert ended.returncode == 1
    assert ended.stderr.startswith("error: done, but the answer cannot be written")
    assert ended.stderr.count("\n") == 1


def test_what_is_done_is_written_down_under_the_object_id_of_the_sign_in(desk: Desk) -> None:
    for deed in ("suspend", "resume"):
        assert desk.ops("tenants", deed, CONTOSO).returncode == 0

    entries = json.loads(desk.ops("tenants", "audit", CONTOSO, "--json").stdout)
    assert {entry["actor"] for entry in entries} == {ACTOR}
    assert [entry["act"] for entry in entries] == ["resumed", "suspended"]


def test_who_is_not_signed_in_is_told_to(desk: Desk) -> None:
    desk.az(SIGNED_OUT)

    ended = desk.ops("tenants", "list")

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == "error: not signed in: run `az login` and ask again with --as-me\n"


def test_a_sign_in_that_storage_does_not_take_is_no_outage(desk: Desk) -> None:
    desk.signed_in(audience="https://graph.microsoft.com")

    ended = desk.ops("tenants", "list")

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.count("\n") == 1
