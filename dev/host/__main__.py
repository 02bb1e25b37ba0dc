"""Starts the local host: python -m dev.host --app . --settings local.settings.json."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from dev.host.host import Host
from dev.host.journal import write_to_stdout
from dev.host.settings import SettingsError, read_settings
from dev.host.worker import AppError


def main() -> int:
    arguments = _arguments()
    write_to_stdout()
    try:
        asyncio.run(_serve(arguments))
    except (SettingsError, AppError, OSError) as error:
        print(f"the host does not start: {error}", file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev.host", description=__doc__)
    parser.add_argument("--app", type=Path, default=Path())
    parser.add_argument("--port", type=int, default=7071, help="0 takes a free one")
    parser.add_argument("--settings", type=Path, default=Path("local.settings.json"))
    parser.add_argument(
        "--visibility-seconds",
        type=float,
        default=600,
        help="how long a killed host keeps its messages from others",
    )
    parser.add_argument("--grace-seconds", type=float, default=5)
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    host = Host(
        arguments.app,
        read_settings(arguments.settings),
        port=arguments.port,
        visibility_seconds=arguments.visibility_seconds,
        grace_seconds=arguments.grace_seconds,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with host:
        print(f"Listening on {host.address}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
