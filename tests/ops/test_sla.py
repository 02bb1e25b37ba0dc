"""Evidence on the command line: what was due, delivered, opened and mailed."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from ops.session import Options, Session
from shared_code.core.run import RunState
from shared_code.service.evidence import Evidence
from tests.ops.stage import CONTOSO, House
from tests.service.digests import FakeDeliveries


class Kept(House):
    @asynccontextmanager
    async def opened(self, options: Options) -> AsyncGenerator[Session]:
        async with super().opened(options) as session:
            evidence = Evidence(
                tenants=self.tenants,
                ledger=self.ledger,
                links=self.links,
                deliveries=FakeDeliveries(),
                reports=session.services.reports,
                clock=self.clock,
            )
            yield replace(session, services=replace(session.services, evidence=evidence))


def test_what_came_late_is_found() -> None:
    house = Kept()
    house.serve(customer="Contoso\x1b[31m")
    house.run(RunState.DELIVERED, weeks=1)
    house.run(RunState.BLOCKED)

    everything = house.ops("sla", "--json").json
    late = house.ops("sla", "--late", "--tenant", CONTOSO, "--json").json

    assert [row["late"] for row in everything] == [True, False]
    assert [row["state"] for row in late] == ["blocked"]
    assert set(late[0]) >= {"tenant", "report", "period", "due", "delivered", "opened", "digest"}
    table = house.ops("sla").output
    assert "\x1b" not in table
    assert len(table.splitlines()) == 3
    assert house.ops("sla", "--tenant", "nobody").code == 1
    assert house.ops("sla", "--hours", "1000", "--late").output == "nothing was late\n"
    assert Kept().ops("sla").output == "nothing was due\n"
