"""Runs the local host in a process of its own: one app per process, and it can be killed."""

import atexit
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).resolve().parents[2]
_STARTED = "Listening on "
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


class HostNotStarted(Exception):
    """The host ended at start; the message is what it printed."""


class RunningHost:
    """Keeps the settings file and the log in `work`; the caller removes them."""

    def __init__(
        self,
        app: Path | str,
        settings: Mapping[str, str],
        *,
        work: Path,
        port: int = 0,
        visibility_seconds: float = 600,
        grace_seconds: float = 5,
    ) -> None:
        self._settings, self._log = work / "host.settings.json", work / "host.log"
        self._settings.write_text(json.dumps({"Values": dict(settings)}), encoding="utf-8")
        options = {
            "--app": app,
            "--settings": self._settings,
            "--port": port,
            "--visibility-seconds": visibility_seconds,
            "--grace-seconds": grace_seconds,
        }
        words = [str(word) for option in options.items() for word in option]
        self._command = [sys.executable, "-m", "dev.host", *words]
        self._child: subprocess.Popen[bytes] | None = None
        self.address = ""

    def start(self) -> Self:
        atexit.register(self.kill)
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603
                self._command,
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.address = self._await_address(self._child)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit code: 0 after a clean stop."""
        atexit.unregister(self.kill)
        child, self._child = self._child, None
        if child is None:
            return 0
        child.send_signal(number)
        try:
            return child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()

    def kill(self) -> None:
        """As when the platform takes the instance away: nothing is finished or given back."""
        self.stop(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _await_address(self, child: subprocess.Popen[bytes]) -> str:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            has_ended = child.poll() is not None
            _, started, rest = self.log.partition(_STARTED)
            if started and "\n" in rest:
                return rest.split()[0]
            if has_ended:
                raise HostNotStarted(self.log.strip())
            time.sleep(0.05)
        raise HostNotStarted(f"not listening after {_START_SECONDS:.0f} s: {self.log.strip()}")
