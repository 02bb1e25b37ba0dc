"""Reads the app's bindings in the light of its settings; what is wrong is found here, at start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dev.host.routes import Route, RouteError, Router, route
from dev.host.schedules import Schedule, ScheduleError
from dev.host.settings import Settings, SettingsError
from dev.host.worker import FunctionsApp

_SUPPORTED = ("httpTrigger", "queueTrigger", "timerTrigger", "http")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    schedule: Schedule
    is_monitored: bool
    run_on_startup: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    name: str
    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    timers: Mapping[str, Timer]
    queues: Mapping[str, Queue]
    router: Router
    needs_key: bool


def plan(app: FunctionsApp, settings: Settings, *, route_prefix: str) -> Plan:
    _refuse_unsupported(app)
    routes = tuple(
        _route(name, binding, route_prefix)
        for name, binding in _triggers(app, "httpTrigger")
        if not settings.is_disabled(name)
    )
    return Plan(
        timers={n: _timer(n, b, settings) for n, b in _triggers(app, "timerTrigger")},
        queues={
            n: _queue(n, b, settings)
            for n, b in _triggers(app, "queueTrigger")
            if not settings.is_disabled(n)
        },
        router=Router(routes),
        needs_key=any(r.needs_key for r in routes),
    )


def _triggers(app: FunctionsApp, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in app.names:
        trigger = app.trigger(name)
        if trigger["type"] == kind:
            yield name, trigger


def _refuse_unsupported(app: FunctionsApp) -> None:
    for name in app.names:
        for binding in app.bindings(name):
            if binding["type"] not in _SUPPORTED:
                raise SettingsError(f"{name}: the local host has no {binding['type']} binding")


def _timer(name: str, binding: Mapping[str, Any], settings: Settings) -> Timer:
    try:
        schedule = Schedule(settings.resolve(binding["schedule"]))
    except (ScheduleError, SettingsError) as error:
        raise SettingsError(f"{name}: {error}") from error
    return Timer(
        schedule=schedule,
        is_monitored=binding.get("useMonitor", True) and schedule.is_monitored(),
        run_on_startup=binding.get("runOnStartup", False),
    )


def _queue(name: str, binding: Mapping[str, Any], settings: Settings) -> Queue:
    try:
        return Queue(
            # Storage knows lower case only, and the host lowers what a binding says.
            name=settings.resolve(binding["queueName"]).lower(),
            connection=settings.connection(binding.get("connection") or ""),
        )
    except SettingsError as error:
        raise SettingsError(f"{name}: {error}") from error


def _route(name: str, binding: Mapping[str, Any], prefix: str) -> Route:
    template = binding.get("route")
    try:
        return route(
            name,
            template=name if template is None else template,
            prefix=prefix,
            methods=[str(method) for method in binding.get("methods") or ()],
            needs_key=str(binding.get("authLevel", "function")).lower() != "anonymous",
        )
    except RouteError as error:
        raise SettingsError(f"{name}: {error}") from error
