"""`make run`: starts the service on local parts, delivers reports, prints links, stops on Ctrl-C."""

import argparse
import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dev.azurite import AzuriteError
from dev.front_desk import NotOnboardedError
from dev.host.running import HostNotStarted
from dev.sandbox import contoso, fabrikam, northwind
from dev.stage import Options, Stage
from shared_code.core.run import Run
from shared_code.core.text import Language


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev", description=__doc__)
    parser.add_argument("--members", type=int, default=3_000, help="members of the large tenant")
    parser.add_argument("--guests", type=int, default=3_600, help="guests of the large tenant")
    parser.add_argument(
        "--weeks",
        type=int,
        default=8,
        choices=range(13),
        metavar="0..12",
        help="past weeks to deliver first",
    )
    parser.add_argument("--hostile", action="store_true", help="hostile names in the large tenant")
    parser.add_argument("--calm", action="store_true", help="no faults from Graph")
    parser.add_argument("--port", type=int, default=7071, help="of the host; 0 takes a free one")
    parser.add_argument("--once", action="store_true", help="stop after the links are printed")
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="write a local.settings.json for `ops` there"
    )
    return parser.parse_args(words)


class _Progress:
    """One line per step, with the seconds since the start."""

    def __init__(self) -> None:
        self._begin = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self._begin:6.1f} s  {text}", flush=True)


def _stop_on_signal() -> None:
    """Also where a shell started us in the background, which has us ignore Ctrl-C."""
    if task := asyncio.current_task():
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


async def _run(arguments: argparse.Namespace) -> None:
    _stop_on_signal()
    say = _Progress().say
    large = contoso(members=arguments.members, guests=arguments.guests, hostile=arguments.hostile)
    options = Options(
        customers=(large, fabrikam(), northwind()),
        withdrawn=frozenset({northwind().tenant_id}),
        weeks=arguments.weeks,
        port=arguments.port or _free_port(),
        faults=not arguments.calm,
    )
    say("starting Azurite and the sandbox tenants")
    async with Stage(options) as stage:
        if arguments.settings:
            _write_settings(stage, arguments.settings)
        async for tenant in stage.onboard():
            say(f"onboarded {tenant.customer}: invited, consented, {tenant.state}")
        async for run in stage.deliver_past():
            say(f"delivered {run.report} of {run.end:%Y-%m-%d} for {run.tenant_id}")
        stage.withdraw()
        stage.disturb()
        await stage.start_host()
        say(f"host on {stage.host.address}; firing the timers")
        await stage.fire_timers()
        runs: list[Run] = []
        async for run in stage.settled():
            say(f"{run.state}: {run.report} for {run.tenant_id}")
            runs.append(run)
        mails, digest = await stage.digests()
        say(f"digests mailed: {mails}; the last one: {digest}")
        await _print_links(stage, runs)
        if not arguments.once:
            print("\nCtrl-C stops everything.", flush=True)
            await asyncio.Event().wait()


async def _print_links(stage: Stage, runs: Sequence[Run]) -> None:
    names = {c.tenant_id: c.name for c in stage.sandbox.customers.values()}
    print(f"\nPortal: {stage.portal}\n")
    for run in runs:
        print(f"{names[run.tenant_id]} · {run.report} · {run.state}")
        print(f"  {run.headline[Language.DE]}")
        if run.state.is_delivered:
            print(f"  {await stage.link(run)}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _write_settings(stage: Stage, file: Path) -> None:
    """Good as long as the stage runs: keys and ports are new every time."""
    text = json.dumps({"IsEncrypted": False, "Values": stage.settings}, indent=2)
    file.touch(mode=0o600)
    file.write_text(f"{text}\n", "utf-8")


def main() -> int:
    arguments = _arguments(sys.argv[1:])
    try:
        asyncio.run(_run(arguments))
    except asyncio.CancelledError:
        print("\nstopped")
    except (AzuriteError, HostNotStarted, NotOnboardedError, OSError) as error:
        print(f"the stage does not start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
