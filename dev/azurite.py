"""Starts and stops Azurite, Microsoft's Storage emulator, on free ports of this computer."""

import asyncio
import atexit
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

_SCRIPT = "node_modules/azurite/dist/src/azurite.js"
_ACCOUNT = "devstoreaccount1"
# The key every emulator has; it opens nothing but an emulator.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_LISTENING = re.compile(r"Azurite (\w+) service is successfully listening at (https?://\S+)")
_SERVICES = ("Blob", "Queue", "Table")
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


class AzuriteError(Exception):
    """Azurite is not installed or does not start."""


class Azurite:
    """Blobs, queues and tables; in memory without a folder, kept in the folder with one.

    With a `certificate` and its key it answers over TLS, and takes access tokens for storage.
    """

    def __init__(
        self,
        folder: Path | str | None = None,
        *,
        ports: tuple[int, int, int] = (0, 0, 0),
        project: Path | str | None = None,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._folder = folder
        self._ports = ports
        self._project = Path(project) if project else Path(__file__).resolve().parent.parent
        self._certificate = certificate
        self._running: subprocess.Popen[bytes] | None = None
        self._addresses: Mapping[str, str] = {}

    @property
    def addresses(self) -> Mapping[str, str]:
        """Of `Blob`, `Queue` and `Table`."""
        if not self._addresses:
            raise AzuriteError("Azurite is not running")
        return {service: f"{self._addresses[service]}/{_ACCOUNT}" for service in _SERVICES}

    @property
    def connection_string(self) -> str:
        endpoints = (f"{service}Endpoint={url};" for service, url in self.addresses.items())
        account = f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};"
        return account + "".join(endpoints)

    @property
    def origins(self) -> Mapping[str, str]:
        """By service: blob, queue, table."""
        return {service.lower(): origin for service, origin in self._addresses.items()}

    def start(self) -> Self:
        if self._running is not None:
            raise AzuriteError("Azurite is already running")
        command = self._command()
        atexit.register(self.stop)
        with tempfile.TemporaryFile() as log:
            self._running = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
            try:
                self._addresses = _await_addresses(self._running, log)
            except BaseException:
                self.stop()
                raise
        return self

    def stop(self) -> None:
        atexit.unregister(self.stop)
        running, self._running, self._addresses = self._running, None, {}
        if running is None:
            return
        running.terminate()
        try:
            running.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *exception: object) -> None:
        await asyncio.to_thread(self.stop)

    def _command(self) -> list[str]:
        # The Python SDKs send a newer API version than Azurite knows; telemetry goes to Microsoft.
        options = ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]
        for service, port in zip(_SERVICES, self._ports, strict=True):
            options += [f"--{service.lower()}Port", str(port)]
        if self._certificate:
            certificate, key = map(str, self._certificate)
            options += ["--oauth", "basic", "--cert", certificate, "--key", key]
        where = ["--location", str(self._folder)] if self._folder else ["--inMemoryPersistence"]
        return [_node(), str(_installed(self._project)), *options, *where]


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise AzuriteError("Azurite needs Node.js: no `node` on the PATH")
    return node


def _installed(project: Path) -> Path:
    script = project / _SCRIPT
    if not script.is_file():
        raise AzuriteError("Azurite is not installed: run make install")
    return script


def _await_addresses(running: subprocess.Popen[bytes], log: IO[bytes]) -> Mapping[str, str]:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        has_ended = running.poll() is not None
        # Not seek and read: the file's position is shared with Azurite, which writes at it.
        text = os.pread(log.fileno(), 65_536, 0).decode(errors="replace")
        addresses = dict(_LISTENING.findall(text))
        if len(addresses) == len(_SERVICES):
            return addresses
        if has_ended:
            raise AzuriteError(f"Azurite ended at start: {text.strip()[-500:]}")
        time.sleep(0.05)
    raise AzuriteError(f"Azurite did not answer within {_START_SECONDS:.0f} s")
