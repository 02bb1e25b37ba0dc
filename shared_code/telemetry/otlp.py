"""Sends finished runs to an OpenTelemetry collector: a span each, spans of their steps, and metrics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from shared_code.core.effort import Phase
from shared_code.service.attempt import Attempt

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

_NAME = "m365-proactive-reports"
# A collector that does not answer must not hold a worker that is told to go.
_PATIENCE = 3
_COUNTED = {
    "rows": "{row}",
    "pages": "{page}",
    "requests": "{request}",
    "retries": "{request}",
    "throttled": "{answer}",
    "received": "By",
    "operations": "{request}",
    "cost": "USD",
}


@dataclass(slots=True)
class Telemetry:
    """An Observer. Threads of the SDK send; what nobody takes for long is dropped.

    The providers are its own, not the process's: spans that libraries make hold addresses.
    """

    endpoint: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    _providers: "tuple[TracerProvider, MeterProvider] | None" = None

    def ended(self, attempt: Attempt) -> None:
        tracers, meters = self._opened()
        _trace(tracers.get_tracer(_NAME), attempt)
        _measure(meters, attempt)

    def close(self) -> None:
        """Sends what is left, or gives up after seconds. Blocks."""
        if self._providers:
            tracers, meters = self._providers
            self._providers = None
            tracers.shutdown()
            meters.shutdown()

    def _opened(self) -> "tuple[TracerProvider, MeterProvider]":
        if self._providers is None:
            self._providers = self._open()
        return self._providers

    def _open(self) -> "tuple[TracerProvider, MeterProvider]":
        # Imported by those alone who want it. JSON instead of protobuf: the worker brings a protobuf
        # of its own, and a second one has crashed it (azure-functions-python-worker #1858, #1908).
        from opentelemetry.exporter.otlp.json.http.metric_exporter import (  # noqa: PLC0415
            OTLPMetricExporter,
        )
        from opentelemetry.exporter.otlp.json.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        # Instances count for themselves: one sum of several would run backwards.
        resource = Resource.create({"service.name": _NAME, "service.instance.id": uuid4().hex})
        tracers = TracerProvider(resource=resource)
        spans = OTLPSpanExporter(
            f"{self.endpoint}/v1/traces", headers=self.headers, timeout=_PATIENCE
        )
        tracers.add_span_processor(BatchSpanProcessor(spans))
        figures = OTLPMetricExporter(
            f"{self.endpoint}/v1/metrics", headers=self.headers, timeout=_PATIENCE
        )
        meters = MeterProvider([PeriodicExportingMetricReader(figures)], resource=resource)
        return tracers, meters


def _trace(tracer: "Tracer", attempt: Attempt) -> None:
    """Afterwards, with the times that were: nothing of this is in the way of a run."""
    from opentelemetry.trace import set_span_in_context  # noqa: PLC0415

    request, effort = attempt.request, attempt.effort
    run = tracer.start_span(
        "run",
        start_time=_nanoseconds(attempt.meter.begin),
        attributes={
            "run": request.run_id,
            "tenant": request.tenant_id,
            "report": request.report,
            "attempt": request.attempt,
            "state": attempt.state,
            **{name: getattr(effort, name) for name in _COUNTED},
        },
    )
    inside = {"run": set_span_in_context(run)}
    for each in sorted(attempt.meter.steps, key=lambda step: (step.begin, step.of)):
        parent = inside.get(_PARENTS.get(each.phase, "run"), inside["run"])
        span = tracer.start_span(
            each.phase.value,
            context=parent,
            start_time=_nanoseconds(each.begin),
            attributes={"of": each.of} if each.of else None,
        )
        inside[each.phase] = set_span_in_context(span)
        span.end(_nanoseconds(each.end))
    run.end(_nanoseconds(attempt.end))


_PARENTS = {Phase.READ: Phase.COLLECT}


def _measure(meters: "MeterProvider", attempt: Attempt) -> None:
    """Without the tenant: each would be a series of its own. Spans and the log have it."""
    meter = meters.get_meter(_NAME)
    attributes = {"report": attempt.request.report, "state": attempt.state}
    for name, unit in _COUNTED.items():
        meter.create_counter(f"reports.run.{name}", unit).add(
            getattr(attempt.effort, name), attributes
        )
    seconds = meter.create_histogram("reports.run.duration", "s")
    seconds.record(attempt.effort.seconds, attributes)
    phases = meter.create_histogram("reports.run.phase.duration", "s")
    for phase in (Phase.COLLECT, Phase.BUILD, Phase.RENDER, Phase.FILE):
        phases.record(getattr(attempt.effort, phase), {**attributes, "phase": phase.value})


def _nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
