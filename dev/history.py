"""Delivers the past weeks through the real use cases, so that trends and changes have a past."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dev.sandbox import Sandbox
from dev.timepiece import Calendar, Stopwatch
from shared_code.core.run import Run, RunRequest
from shared_code.rendering.html import HTML
from shared_code.settings import Settings
from shared_code.sources.graph.limits import Limiter
from shared_code.wiring.app import Services
from shared_code.wiring.build import build


@dataclass
class Waiting:
    """A queue in memory: the past is worked off at once."""

    requests: list[RunRequest] = field(default_factory=list[RunRequest])

    async def send(self, request: RunRequest, *, delay: timedelta = timedelta()) -> None:
        self.requests.append(request)


@dataclass
class Past:
    """Services that live in the past; the sandbox's tenants move along."""

    services: Services
    calendar: Calendar
    sandbox: Sandbox
    waiting: Waiting

    @classmethod
    def of(cls, settings: Settings, sandbox: Sandbox, stopwatch: Stopwatch, at: datetime) -> "Past":
        calendar, waiting = Calendar(at), Waiting()
        limiter = Limiter(clock=stopwatch, sleep=stopwatch.sleep, patience=3600)
        services = build(settings, clock=calendar, limiter=limiter, queue=waiting)
        # The archive opens pages; all other files of the past would take minutes and nobody's eye.
        producer = replace(services.producer, renderings=(HTML,))
        return cls(replace(services, producer=producer), calendar, sandbox, waiting)

    async def deliver(self, instants: Sequence[datetime]) -> AsyncIterator[Run]:
        """What is due at each instant, oldest first."""
        for instant in instants:
            self.calendar.turn_to(instant)
            self.sandbox.at = instant
            for report in self.services.reports.values():
                await self.services.planner.plan(report)
            while self.waiting.requests:
                run = await self.services.produce(self.waiting.requests.pop(0))
                if run:
                    yield run
