"""A process that produces runs and may be killed at it: python -m tests.kill.worker.

Reads its settings from the first line, then one order a line; forks a process for each, because
a killed one cannot be asked again and a new one takes a second to start.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from dev.timepiece import Stopwatch
from functions.runs import postponed
from shared_code.core.errors import LeaseLost, RunHeld, UpstreamError
from shared_code.core.run import RunRequest
from shared_code.rendering import RENDERINGS
from shared_code.settings import read_settings
from shared_code.sources.graph.limits import Limiter
from shared_code.wiring.app import Services
from shared_code.wiring.build import build
from tests.kill.steps import Side, Steps, stepped


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Step 0: undisturbed. `endings` of the renderings to make; all cost the most."""

    request: RunRequest
    lease: float
    step: int = 0
    side: Side = Side.BEFORE
    signal: int = signal.SIGKILL
    endings: tuple[str, ...] = ("csv", "json")


class Begun(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    pid: int


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`signal` that ended it, or what it did and in which steps."""

    signal: int = 0
    outcome: str = ""
    steps: list[str] = []


def services(settings: Mapping[str, str], job: Job) -> Services:
    """Graph's limits for all tenants together are waited for on a stopwatch that jumps."""
    stopwatch = Stopwatch()
    limiter = Limiter(clock=stopwatch, sleep=stopwatch.sleep, patience=3600)
    built = build(read_settings(settings), limiter=limiter, lease=timedelta(seconds=job.lease))
    chosen = tuple(r for r in RENDERINGS if r.ending in job.endings)
    return replace(built, producer=replace(built.producer, renderings=chosen))


async def deliver(services: Services, request: RunRequest) -> str:
    """What the queue's function does with a message."""
    try:
        run = await services.produce(request)
    except LeaseLost:
        return "lost"
    except (RunHeld, UpstreamError) as error:
        again, delay = postponed(request, error, now=datetime.now(UTC))
        await services.queue.send(again, delay=delay)
        return type(error).__name__
    return run.state.value if run else "settled before"


async def _work(settings: Mapping[str, str], job: Job) -> Ended:
    steps = Steps(at=job.step, side=job.side, number=job.signal)
    working = stepped(services(settings, job), steps)
    try:
        return Ended(outcome=await deliver(working, job.request), steps=steps.seen)
    finally:
        await working.close()


def _forked(settings: Mapping[str, str], job: Job) -> int:
    pid = os.fork()
    if pid:
        return pid
    say(asyncio.run(_work(settings, job)))
    os._exit(0)


def say(message: Begun | Ended) -> None:
    os.write(1, msgspec.json.encode(message) + b"\n")


def main() -> None:
    settings = msgspec.json.decode(sys.stdin.readline(), type=dict[str, str])
    # Imports what all of them need, before the first is forked.
    build(read_settings(settings))
    for line in sys.stdin:
        pid = _forked(settings, msgspec.json.decode(line, type=Job))
        say(Begun(pid=pid))
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            say(Ended(signal=os.WTERMSIG(status)))
        elif status:
            say(Ended(outcome="crashed"))


if __name__ == "__main__":
    main()
