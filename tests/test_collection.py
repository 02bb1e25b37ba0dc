"""The tests have the same names in every process: else their workers refuse to share them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COLLECT = """
import sys, time, pytest
clock, ahead = time.time, float(sys.argv[1])
time.time = lambda: clock() + ahead
sys.exit(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider"]))
"""


def test_two_processes_collect_the_same_tests() -> None:
    """Names made of the clock or of a set's order differ now and then only, but then in CI."""
    first = _collecting(hash_seed="1", seconds_ahead="0")
    second = _collecting(hash_seed="2", seconds_ahead="90")

    tests = _tests(first)
    assert len(tests) > 1_000
    assert _tests(second) == tests


def _collecting(*, hash_seed: str, seconds_ahead: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COLLECT, seconds_ahead],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        text=True,
    )


def _tests(collecting: subprocess.Popen[str]) -> list[str]:
    out, _ = collecting.communicate(timeout=300)
    assert collecting.returncode == 0, out[-2000:]
    return [line for line in out.splitlines() if "::" in line]
