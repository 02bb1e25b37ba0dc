"""Storage that refuses one request of a run, whichever and however: delivered once in the end."""

from collections.abc import Callable
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ServiceResponseTimeoutError,
)

from shared_code.core.errors import LeaseLost, RunHeld
from shared_code.storage.accounts import Accounts
from tests.kill.breaks import Breaks
from tests.kill.steps import Side
from tests.service.stage import LEASE, tenant
from tests.service.test_produce_azurite import RealStage


def answered(kind: type[HttpResponseError], status: int) -> AzureError:
    error = kind("refused")
    error.status_code = status
    return error


REFUSALS: dict[str, Callable[[], AzureError]] = {
    "500": lambda: answered(HttpResponseError, 500),
    "409": lambda: answered(ResourceExistsError, 409),
    "412": lambda: answered(ResourceModifiedError, 412),
    "timeout": lambda: ServiceResponseTimeoutError("no answer"),
}


class Refused:
    """A run over storage that refuses at one place, and the same storage for whoever judges it."""

    def __init__(self, root: Path, accounts: Accounts, breaks: Breaks) -> None:
        self.accounts = accounts
        self.working = RealStage(root / "spools", breaks.around(accounts))
        self.plain = RealStage(root / "spools", accounts)
        self.plain.customer = self.working.customer
        self.order = self.plain.order()

    async def produced(self) -> None:
        """As the queue does it: again, until nobody holds the run and storage answers."""
        await self.plain.tenants.save(tenant(self.plain.customer))
        for _ in range(3):
            with suppress(AzureError, LeaseLost, RunHeld):
                await self.working.produce(self.order)
                return
            self.working.clock.advance(LEASE)

    async def wrong(self) -> list[str]:
        """What is not as it has to be."""
        run = await self.plain.kept(self.order)
        if run is None or not run.state.is_delivered:
            return [f"not delivered: {run and run.state}"]
        customer = self.plain.customer
        filed = {name async for name in self.accounts.container("reports").names(customer)}
        spooled = [name async for name in self.accounts.container("spool").names(customer)]
        claim = await self.plain.ledger.claim(self.order, lease=LEASE)
        wrong = {
            "files": filed != {artifact.path for artifact in run.artifacts},
            "spool": bool(spooled),
            "lease": claim is not None,
            "points": await self.plain.point("people") != 5,
        }
        return [name for name, is_wrong in wrong.items() if is_wrong]


@pytest.mark.parametrize("refusal", list(REFUSALS))
async def test_refused_at_any_step_the_run_is_delivered_once_and_whole(
    tmp_path: Path, accounts: Accounts, refusal: str
) -> None:
    def refuse(_name: str) -> None:
        error = REFUSALS[refusal]()
        raise error

    undisturbed = Breaks()
    await Refused(tmp_path, accounts, undisturbed).produced()
    steps = range(1, len(undisturbed.seen) + 1)
    wrong: dict[str, list[str]] = {}
    for at, side in product(steps, Side):
        refused = Refused(tmp_path, accounts, Breaks(at=at, side=side, stop=refuse))
        await refused.produced()
        if found := await refused.wrong():
            wrong[f"{side} {at} {undisturbed.seen[at - 1]}"] = found

    assert "runs.submit_transaction" in undisturbed.seen
    assert wrong == {}
