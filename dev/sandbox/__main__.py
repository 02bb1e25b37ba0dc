"""`python -m dev.sandbox`: the three customers on a port of the loopback."""

import argparse
import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from dev.sandbox.customers import contoso, fabrikam, northwind
from dev.sandbox.population import Customer
from dev.sandbox.server import Sandbox


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8181)
    parser.add_argument(
        "--at", type=datetime.fromisoformat, help="instant of the population, ISO 8601"
    )
    parser.add_argument("--secret", help="the only client secret accepted; default: any")
    parser.add_argument(
        "--limits", action="store_true", help="throttle sign-in activity as Graph does"
    )
    parser.add_argument("--members", type=int, help="members of the large customer")
    parser.add_argument("--guests", type=int, help="guests of the large customer")
    parser.add_argument(
        "--hostile", action="store_true", help="hostile texts in the large customer"
    )
    return parser.parse_args()


def _customers(arguments: argparse.Namespace) -> tuple[Customer, ...]:
    large = contoso(hostile=arguments.hostile)
    return (
        replace(
            large,
            members=large.members if arguments.members is None else arguments.members,
            guests=large.guests if arguments.guests is None else arguments.guests,
        ),
        fabrikam(),
        northwind(),
    )


async def _serve(arguments: argparse.Namespace) -> None:
    at: datetime = arguments.at or datetime.now(UTC)
    sandbox = Sandbox(
        _customers(arguments),
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        port=arguments.port,
        secret=arguments.secret,
        limits=arguments.limits,
    )
    async with sandbox:
        print(f"Graph  {sandbox.graph_url}\nLogin  {sandbox.login_url}/<tenant>/oauth2/v2.0/token")
        for customer in sandbox.customers.values():
            print(f"  {customer.tenant_id}  {customer.name}")
        await asyncio.Event().wait()


try:
    asyncio.run(_serve(_arguments()))
except KeyboardInterrupt:
    print("sandbox stopped")
