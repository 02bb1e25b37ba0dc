"""Runs reach a collector as spans and metrics; one that is not there is nobody's trouble."""

from itertools import count

import pytest

from shared_code.core.run import RunState
from tests.functions.house import CONTOSO, Environment, House
from tests.telemetry.ground import due, opened_anew, run
from tests.telemetry.receiver import Receiver, attributes, receiving

pytestmark = pytest.mark.asyncio(loop_scope="session")

weeks = count(100)


async def test_a_run_is_a_span_with_its_phases_and_datasets_inside(
    house: House, receiver: Receiver
) -> None:
    order = due("guest-users", week=next(weeks))
    outcome, kept = await run(house, order)
    await opened_anew()

    assert outcome.ok
    assert kept
    [span] = [s for s in receiver.spans() if s.attributes.get("run") == order.run_id]
    assert (span.name, span.parent) == ("run", "")
    assert span.attributes["tenant"] == CONTOSO
    assert span.attributes["report"] == "guest-users"
    assert span.attributes["attempt"] == 1
    assert span.attributes["state"] == kept.state.value
    assert span.attributes["rows"] > 12
    assert span.attributes["operations"] > 12
    parts = {(s.parent, s.name, s.attributes.get("of", "")) for s in receiver.spans()}
    assert {("run", "collect", ""), ("run", "build", ""), ("collect", "read", "guests")} <= parts
    assert ("run", "render", "report.de.html") in parts
    assert ("run", "file", "report.en.csv") in parts


async def test_metrics_go_by_report_and_state_and_never_by_tenant(
    house: House, receiver: Receiver
) -> None:
    await run(house, due("news", week=next(weeks)))
    await opened_anew()

    figures = receiver.figures()
    assert {
        *("reports.run.rows", "reports.run.pages", "reports.run.requests"),
        *("reports.run.throttled", "reports.run.received", "reports.run.cost"),
        "reports.run.operations",
        *("reports.run.duration", "reports.run.phase.duration"),
    } <= set(figures)
    assert all(
        set(attributes(point)) <= {"report", "state", "phase"}
        for points in figures.values()
        for point in points
    )
    [seconds] = figures["reports.run.duration"]
    assert attributes(seconds)["report"] == "news"
    assert int(seconds["count"]) == 1


async def test_the_collector_is_told_who_sends(house: House, receiver: Receiver) -> None:
    await run(house, due("news", week=next(weeks)))
    await opened_anew()

    assert {headers["api-key"] for headers in receiver.headers} == {"of nobody"}


async def test_a_collector_that_never_answers_is_not_waited_for(house: House) -> None:
    with receiving(answers=False) as silent:
        environment = Environment({"OTEL_EXPORTER_OTLP_ENDPOINT": silent.url})
        await opened_anew()
        try:
            _, kept = await run(house, due("news", week=next(weeks)))
            assert silent.bodies == []
        finally:
            await opened_anew()
            environment.restore()

    assert kept
    assert kept.state.is_delivered


async def test_a_collector_that_is_gone_fails_no_run(house: House) -> None:
    with receiving() as gone:
        pass
    environment = Environment({"OTEL_EXPORTER_OTLP_ENDPOINT": gone.url})
    await opened_anew()
    try:
        made = [await run(house, due("news", week=next(weeks))) for _ in range(3)]
    finally:
        await opened_anew()
        environment.restore()

    assert all(outcome.ok and kept and kept.state.is_delivered for outcome, kept in made)


async def test_without_the_setting_nothing_is_opened_and_nothing_sent(
    house: House, receiver: Receiver
) -> None:
    environment = Environment({"OTEL_EXPORTER_OTLP_ENDPOINT": ""})
    await opened_anew()
    before = len(receiver.bodies)
    try:
        _, kept = await run(house, due("news", week=next(weeks)))
        assert house.services.producer.observers == ()
    finally:
        await opened_anew()
        environment.restore()

    assert kept
    assert kept.state is RunState.DELIVERED
    assert len(receiver.bodies) == before
