"""How long the function app takes to be imported: from the package, and from where it was made."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from ops.package.contents import PACKAGES

_SOMEBODY = "00000000-0000-4000-8000-000000000000"

# Enough for the app to be loaded: nothing is connected.
SETTINGS = {
    "REPORTS_STORAGE__blobServiceUri": "https://package.invalid",
    "REPORTS_STORAGE__queueServiceUri": "https://package.invalid",
    "REPORTS_STORAGE__tableServiceUri": "https://package.invalid",
    "GRAPH_CLIENT_ID": _SOMEBODY,
    "GRAPH_IDENTITY_CLIENT_ID": _SOMEBODY,
    "LINK_KEYS": f"package:{secrets.token_urlsafe(32)}",
    "PSEUDONYM_KEY": f"package:{secrets.token_urlsafe(32)}",
    "PUBLIC_URL": "https://package.invalid",
    "PORTAL_AUDIENCE": "api://package",
    "PARTNER_TENANT_ID": _SOMEBODY,
}

# As the host finds them: the app's folder first, then its packages.
_IMPORT = """
import json, sys, time
sys.path[:0] = json.loads(sys.argv[1])
begin = time.perf_counter()
import function_app
print(time.perf_counter() - begin)
"""


def search_path(package: Path) -> list[str]:
    return [str(package), str(package / PACKAGES)]


def import_times(paths: Sequence[Sequence[str]], rounds: int) -> list[float]:
    """Medians in seconds, one per search path; they alternate, after one that does not count."""
    times: list[list[float]] = [[] for _ in paths]
    for number in range(rounds + 1):
        for place, path in enumerate(paths):
            seconds = _import_time(path)
            if number:
                times[place].append(seconds)
    return [median(each) for each in times]


def _import_time(path: Sequence[str]) -> float:
    command = [sys.executable, "-I", "-S", "-c", _IMPORT, json.dumps(list(path))]
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, **SETTINGS}, capture_output=True, text=True, check=True
    )
    return float(done.stdout)
