"""Hosts in processes of their own, on a storage of their own, that may be killed."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
from azure.storage.queue import TextBase64DecodePolicy, TextBase64EncodePolicy

from dev.azurite import Azurite
from dev.host.running import RunningHost
from shared_code.core.period import occurrences
from shared_code.core.run import Run
from shared_code.core.tenant import TenantId
from tests.kill.ground import REPORT, ROOT, Ground, leaked, open_ground

VISIBILITY = 3
# Longer than a message stays hidden: it comes back while the killed host still holds the run.
LEASE_SECONDS = 5
_PATIENCE = 180


@dataclass
class Hosts:
    ground: Ground
    app: Path
    settings: Mapping[str, str]
    running: list[RunningHost] = field(default_factory=list[RunningHost])

    async def start(self) -> RunningHost:
        work = self.ground.folder / f"host-{len(self.running)}"
        work.mkdir()
        host = RunningHost(self.app, self.settings, work=work, visibility_seconds=VISIBILITY)
        self.running.append(host)
        return await asyncio.to_thread(host.start)

    async def stop(self) -> None:
        await asyncio.gather(*(asyncio.to_thread(host.stop) for host in self.running))

    async def fire_timer(self, host: RunningHost) -> None:
        address = f"{host.address}/admin/functions/plan_{REPORT.replace('-', '_')}"
        async with aiohttp.ClientSession() as session, session.post(address) as answer:
            answer.raise_for_status()

    async def is_well(self, host: RunningHost) -> bool:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{host.address}/api/health") as answer,
        ):
            return answer.status == 200

    async def send(self, text: str, *, is_encoded: bool = True) -> None:
        """Base64 as the service itself sends it, or as it is."""
        policy = {"message_encode_policy": TextBase64EncodePolicy()} if is_encoded else {}
        queue = self.ground.accounts.queues.get_queue_client("runs", **policy)
        await queue.send_message(text, time_to_live=-1)

    async def waiting(self, queue: str) -> int:
        """Messages, whether visible or not."""
        client = self.ground.accounts.queues.get_queue_client(queue)
        return (await client.get_queue_properties()).approximate_message_count or 0

    async def visible(self, queue: str) -> int:
        client = self.ground.accounts.queues.get_queue_client(
            queue, message_decode_policy=TextBase64DecodePolicy()
        )
        return len(await client.peek_messages(max_messages=32))

    async def idle(self) -> None:
        """Returns when no message is left, in neither queue."""

        async def is_empty() -> bool:
            return not await self.waiting("runs") and not await self.waiting("runs-poison")

        await until(is_empty)

    async def runs(self, tenant_id: TenantId) -> list[Run]:
        return list(await self.ground.services.ledger.runs(tenant_id, report=REPORT))

    @property
    def log(self) -> str:
        return "\n".join(host.log for host in self.running)

    def leaked(self) -> list[str]:
        return leaked(self.ground, self.log)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not await holds():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.1)


def due_since(since: datetime, until: datetime | None = None) -> list[datetime]:
    """Mondays at six in Vienna."""
    zone = ZoneInfo("Europe/Vienna")
    return list(occurrences("0 6 * * MON", zone, after=since, until=until or datetime.now(UTC)))


@asynccontextmanager
async def open_hosts(folder: Path) -> AsyncIterator[Hosts]:
    app = folder / "app"
    app.mkdir()
    shutil.copy(ROOT / "host.json", app)
    shutil.copy(Path(__file__).with_name("host_app.py"), app / "function_app.py")
    async with Azurite() as azurite, open_ground(azurite, folder) as ground:
        ground.sandbox.at = datetime.now(UTC)
        settings = {
            **ground.settings,
            "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00",
            "TEST_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        hosts = Hosts(ground, app, settings)
        try:
            yield hosts
        finally:
            await hosts.stop()
