"""Runs a function app's triggers against its settings and storage, from start to stop."""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from azure.core.exceptions import AzureError

from dev.host.journal import JOURNAL, recorded
from dev.host.plan import plan
from dev.host.queues import QueueListener
from dev.host.settings import DEFAULT_CONNECTION, HostOptions, Settings, SettingsError
from dev.host.timers import StatusBlobs, TimerListener
from dev.host.web import KEY_SETTING, Web
from dev.host.worker import FunctionsApp

_BIND = "127.0.0.1"
_HOST_ID_SETTING = "AzureFunctionsWebHost__hostid"


class Host:
    """Whatever is wrong with bindings and settings is raised on construction."""

    def __init__(
        self,
        folder: Path | str,
        settings: Mapping[str, str],
        *,
        port: int = 7071,
        visibility_seconds: float = 600,
        grace_seconds: float = 5,
    ) -> None:
        os.environ.update(settings)
        self._settings = Settings(dict(os.environ))
        self._options = HostOptions.read(Path(folder), self._settings.values)
        self._port, self._hidden, self._grace = port, visibility_seconds, grace_seconds
        self.app = FunctionsApp.open(folder)
        self.app.timeout = self._options.function_timeout
        prefix = self._options.route_prefix
        self._plan = plan(self.app, self._settings, route_prefix=prefix)
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._resources = AsyncExitStack()
        self.address = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    async def start(self) -> None:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        blobs = await self._status_blobs()
        self.address = await self._serve()
        for name in self._plan.queues:
            self._run(name, self._queue_listener(name).run(self._stopping))
        for name in self._plan.timers:
            if not self._settings.is_disabled(name):
                self._run(name, self._timer_listener(name, blobs).run(self._stopping))

    async def stop(self) -> None:
        """What is in flight may finish within the grace; the rest is cancelled."""
        self._stopping.set()
        if self._running:
            _, pending = await asyncio.wait(self._running, timeout=self._grace)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        await self._resources.aclose()
        self.app.close()

    def run_timer(self, name: str) -> bool:
        """Runs it now, in the background and beside its schedule, as the admin route does."""
        if name not in self._plan.timers:
            return False
        self._run(name, self._run_once(name))
        return True

    async def _run_once(self, name: str) -> None:
        await recorded(name, self.app.timer(name))

    async def _status_blobs(self) -> StatusBlobs | None:
        if not any(timer.is_monitored for timer in self._plan.timers.values()):
            return None
        host_id = self._settings.values.get(_HOST_ID_SETTING) or "local"
        blobs = StatusBlobs(self._settings.connection(DEFAULT_CONNECTION), host_id)
        self._resources.push_async_callback(blobs.close)
        try:
            await blobs.prepare()
        except AzureError as error:
            raise SettingsError(f"the storage of {DEFAULT_CONNECTION} does not answer") from error
        return blobs

    async def _serve(self) -> str:
        key = self._settings.values.get(KEY_SETTING)
        if self._plan.needs_key and not key:
            JOURNAL.warning("no setting %s: functions that need a key answer 401", KEY_SETTING)
        front = Web(self.app, self._plan.router, key=key, start_timer=self.run_timer)
        runner = web.AppRunner(front.application(), access_log=None, shutdown_timeout=self._grace)
        await runner.setup()
        self._resources.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, _BIND, self._port).start()
        return f"http://{_BIND}:{runner.addresses[0][1]}"

    def _queue_listener(self, name: str) -> QueueListener:
        queue = self._plan.queues[name]
        return QueueListener(
            self.app,
            name,
            connection=queue.connection,
            queue_name=queue.name,
            options=self._options.queues,
            visibility_seconds=self._hidden,
        )

    def _timer_listener(self, name: str, blobs: StatusBlobs | None) -> TimerListener:
        timer = self._plan.timers[name]
        return TimerListener(
            self.app,
            name,
            timer.schedule,
            blobs=blobs if timer.is_monitored else None,
            run_on_startup=timer.run_on_startup,
        )

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            JOURNAL.error("%s: its trigger has stopped", task.get_name(), exc_info=error)
