"""Takes a tenant into service: python -m ops.onboard TENANT --reports guest-users."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from shared_code.core.errors import ReportingError
from shared_code.core.tenant import TenantId
from shared_code.core.text import Language
from shared_code.reports import registry
from shared_code.service.onboard import Onboarded, Order
from shared_code.settings import read_settings
from shared_code.wiring import build


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.onboard", description=__doc__)
    parser.add_argument("tenant", help="tenant id")
    parser.add_argument("--reports", nargs="+", choices=list(registry()), default=list(registry()))
    parser.add_argument("--customer", help="name of the customer; default: the directory's own")
    parser.add_argument("--language", type=Language, choices=list(Language), default=Language.DE)
    parser.add_argument("--time-zone", default="Europe/Vienna")
    parser.add_argument(
        "--since",
        type=datetime.fromisoformat,
        default=datetime.now(UTC),
        help="reports are due after this instant, ISO 8601 with offset; default: now",
    )
    parser.add_argument(
        "--options",
        type=json.loads,
        default={},
        help='what the tenant chose of reports, e.g. \'{"admin-roles": {"most_global": 5}}\'',
    )
    parser.add_argument(
        "--settings", type=Path, help="a local.settings.json; default: the environment"
    )
    return parser.parse_args()


def values(settings: Path | None) -> Mapping[str, str]:
    return json.loads(settings.read_text("utf-8"))["Values"] if settings else os.environ


async def _onboard(arguments: argparse.Namespace) -> Onboarded:
    services = build(read_settings(values(arguments.settings)))
    order = Order(
        tenant_id=TenantId(arguments.tenant.lower()),
        reports=tuple(arguments.reports),
        since=arguments.since.astimezone(UTC),
        customer=arguments.customer,
        language=arguments.language,
        time_zone=arguments.time_zone,
        options=arguments.options,
    )
    try:
        await services.prepare()
        return await services.onboarding.onboard(order)
    finally:
        await services.close()


def main() -> int:
    try:
        onboarded = asyncio.run(_onboard(_arguments()))
    except ReportingError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(f"{onboarded.tenant.customer} ({onboarded.tenant.domain}) is {onboarded.tenant.state}")
    for permission in onboarded.missing:
        print(f"missing: {permission}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
