"""Runs a job in a fresh process; processor time and peak memory are read from outside."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self

import msgspec

from bench.job import Job

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class ChildFailed(Exception):
    """The process ended without a result."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of a child's life: seconds since its start, of its processor time, bytes at its peak."""

    wall: float
    cpu: float
    peak: int

    def __sub__(self, earlier: Self) -> "Mark":
        return Mark(self.wall - earlier.wall, self.cpu - earlier.cpu, self.peak)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`cpu` is rusage of the whole life, start and end of the interpreter included."""

    marks: dict[str, Mark]
    result: Any
    cpu: float

    @property
    def work(self) -> Mark:
        return self.between("ready", "done")

    def between(self, begin: str, end: str) -> Mark:
        return self.marks[end] - self.marks[begin]


def measure(module: str, job: Job) -> Measured:
    """Raises ChildFailed."""
    return measure_program([sys.executable, "-m", module], job)


def measure_program(program: Sequence[str], job: Job) -> Measured:
    """Raises ChildFailed."""
    command = [*program, msgspec.json.encode(job).decode()]
    begin = time.perf_counter()
    # A file: whoever writes more than a pipe holds would wait for us, who wait for the next mark.
    with (
        TemporaryFile("w+") as errors,
        subprocess.Popen(  # noqa: S603 - our own programs
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as child,
    ):
        marks, result = _followed(child, begin)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if result is None or child.returncode:
            errors.seek(0)
            raise ChildFailed(f"{program[-1]} {job.variant}: {errors.read().strip()[-2000:]}")
    return Measured(marks=marks, result=result, cpu=usage.ru_utime + usage.ru_stime)


def _followed(child: subprocess.Popen[str], begin: float) -> tuple[dict[str, Mark], Any]:
    lines, answers = _pipes(child)
    marks: dict[str, Mark] = {}
    for line in lines:
        if line.startswith("="):
            return marks, msgspec.json.decode(line[1:])
        marks[line.strip()] = _mark(child.pid, begin)
        answers.write("\n")
        answers.flush()
    return marks, None


def _pipes(child: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert child.stdout is not None  # noqa: S101 - for the type checker
    assert child.stdin is not None  # noqa: S101
    return child.stdout, child.stdin


def _mark(pid: int, begin: float) -> Mark:
    wall = time.perf_counter() - begin
    # What clock_getcpuclockid(3) computes: the same sum as rusage, of a process that still runs.
    cpu = time.clock_gettime((~pid << 3) | 2)
    peak = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    return Mark(wall, cpu, int(peak[1]) * 1024 if peak else 0)


def alternated[K](kinds: Sequence[K], rounds: int) -> list[list[K]]:
    """Forwards, backwards, forwards: whoever goes first is not always the same."""
    there, back = list(kinds), list(reversed(kinds))
    return [back if number % 2 else there for number in range(rounds)]
