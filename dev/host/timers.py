"""Fires a timer function on its schedule and remembers when, as the host does."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobClient, BlobServiceClient

from dev.host.journal import JOURNAL, recorded
from dev.host.schedules import Schedule
from dev.host.worker import FunctionsApp

_CONTAINER = "azure-webjobs-hosts"
_LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    last: datetime | None
    next: datetime
    updated: datetime

    def to_json(self) -> str:
        moments = {"Last": self.last or datetime.min.replace(tzinfo=UTC), "Next": self.next}
        moments["LastUpdated"] = self.updated
        return json.dumps({name: moment.isoformat() for name, moment in moments.items()})

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        moments = {k: datetime.fromisoformat(v) for k, v in json.loads(text).items()}
        last = moments["Last"] if moments["Last"].year > 1 else None
        return cls(last=last, next=moments["Next"], updated=moments["LastUpdated"])


def opening_status(schedule: Schedule, stored: Status | None, now: datetime) -> Status:
    """The stored status; a fresh one the first time and when the schedule's text was changed."""
    if stored is None:
        return Status(last=None, next=schedule.after(now), updated=now)
    since = stored.last or stored.updated
    expected = schedule.after(since)
    if stored.next == expected:
        return stored
    # A changed schedule is never past due.
    since = now if now > expected else since
    return Status(last=None, next=schedule.after(since), updated=since)


class StatusBlobs:
    """Container azure-webjobs-hosts, as the host writes it."""

    def __init__(self, connection: str, host_id: str) -> None:
        # The SDK's own patience (three retries, 15 s apart at first) would hide a missing storage.
        self._service = BlobServiceClient.from_connection_string(
            connection, retry_total=1, initial_backoff=1
        )
        self._host_id = host_id

    async def prepare(self) -> None:
        container = self._service.get_container_client(_CONTAINER)
        with suppress(ResourceExistsError):
            await container.create_container()

    async def close(self) -> None:
        await self._service.close()

    async def read(self, function: str) -> Status | None:
        try:
            download = await self._blob(function).download_blob()
        except ResourceNotFoundError:
            return None
        return Status.from_json(await download.readall())

    async def write(self, function: str, status: Status) -> None:
        await self._blob(function).upload_blob(status.to_json(), overwrite=True)

    def _blob(self, function: str) -> BlobClient:
        name = f"timers/{self._host_id}/{function}/status"
        return self._service.get_blob_client(_CONTAINER, name)


class TimerListener:
    """One run at a time; what a run ends in changes nothing about the next."""

    def __init__(
        self,
        app: FunctionsApp,
        function: str,
        schedule: Schedule,
        *,
        blobs: StatusBlobs | None,
        run_on_startup: bool = False,
    ) -> None:
        self._app, self._function, self._schedule = app, function, schedule
        self._blobs = blobs
        self._run_on_startup = run_on_startup

    async def run(self, stopping: asyncio.Event) -> None:
        status = await self._opening_status()
        if datetime.now(UTC) > status.next:
            status = await self._fire(status, past_due=True)
        elif self._run_on_startup:
            status = await self._fire(status)
        while await _reached(self._following(status), stopping):
            status = await self._fire(status)

    def _following(self, status: Status) -> datetime:
        """Occurrences that fell into a long run are skipped, not caught up."""
        now = datetime.now(UTC)
        return status.next if status.next > now else self._schedule.after(now)

    async def _opening_status(self) -> Status:
        stored = await self._blobs.read(self._function) if self._blobs else None
        status = opening_status(self._schedule, stored, datetime.now(UTC))
        if status != stored:
            await self._save(status)
        return status

    async def _fire(self, status: Status, *, past_due: bool = False) -> Status:
        started = datetime.now(UTC)
        run = self._app.timer(
            self._function, past_due=past_due, last=status.last, next_=status.next
        )
        await recorded(self._function, run)
        status = Status(last=started, next=self._schedule.after(started), updated=started)
        await self._save(status)
        return status

    async def _save(self, status: Status) -> None:
        if self._blobs is None:
            return
        try:
            await self._blobs.write(self._function, status)
        except AzureError:
            JOURNAL.exception("%s: status not written", self._function)


async def _reached(moment: datetime, stopping: asyncio.Event) -> bool:
    """False when the host stops first."""
    while not stopping.is_set():
        seconds = (moment - datetime.now(UTC)).total_seconds()
        if seconds <= 0:
            return True
        # In short waits: a computer that slept must notice that the moment has passed.
        try:
            await asyncio.wait_for(stopping.wait(), min(seconds, _LONGEST_WAIT))
        except TimeoutError:
            continue
    return False
