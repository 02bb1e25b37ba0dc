"""Queue trigger: one message is one run. Only here is decided to retry, postpone or park."""
# pyright: reportUnknownMemberType=false
# The decorators of azure.functions leave their keyword arguments without types.

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

import azure.functions as func

from shared_code.core.backoff import FIRST_DELAY, backoff
from shared_code.core.errors import BudgetSpent, LeaseLost, RunHeld, Throttled, UpstreamError
from shared_code.core.run import RunRequest, decode_request
from shared_code.telemetry.logs import logged_as
from shared_code.wiring import services

blueprint = func.Blueprint()
_log = logging.getLogger(__name__)

# With the backoff between them they outlast an outage of six hours.
_MOST_ATTEMPTS = 13

# Throttled is not broken: 200 tenants share ten requests a minute on a Monday morning.
_MOST_WAITS = 500


@blueprint.function_name("runs")
@blueprint.queue_trigger(arg_name="message", queue_name="runs", connection="REPORTS_STORAGE")
async def runs(message: func.QueueMessage) -> None:
    request = decode_request(message.get_body())
    with logged_as(request):
        await _run(request)


async def _run(request: RunRequest) -> None:
    try:
        await services().produce(request, gives_up=partial(is_given_up, request))
    except LeaseLost:
        _log.warning("run %s: taken over by another worker", request.run_id)
    except (RunHeld, UpstreamError) as error:
        if isinstance(error, UpstreamError) and is_given_up(request, error):
            raise
        again, delay = postponed(request, error, now=datetime.now(UTC))
        _log.info("run %s: %s, again in %s", request.run_id, type(error).__name__, delay)
        await services().queue.send(again, delay=delay)


@blueprint.function_name("runs_poison")
@blueprint.queue_trigger(arg_name="message", queue_name="runs-poison", connection="REPORTS_STORAGE")
async def runs_poison(message: func.QueueMessage) -> None:
    _log.error("message %s failed too often and is parked", message.id)
    await services().parking.park(message.id or "unknown", message.get_body())


def is_given_up(request: RunRequest, error: UpstreamError) -> bool:
    """A dataset becomes a gap of the report, without storage the run fails. Counted apart: after an
    outage of hours everybody is throttled, and that passes."""
    if isinstance(error, BudgetSpent | Throttled):
        return request.waits >= _MOST_WAITS
    return request.attempt >= _MOST_ATTEMPTS


def postponed(
    request: RunRequest, error: RunHeld | UpstreamError, *, now: datetime
) -> tuple[RunRequest, timedelta]:
    """The message to send again, and after which delay."""
    if isinstance(error, RunHeld):
        return request.after_wait(), max(error.until - now, timedelta()) + timedelta(seconds=1)
    asked = timedelta(seconds=error.retry_after or 0)
    if isinstance(error, BudgetSpent):
        return request.after_wait(), asked
    if isinstance(error, Throttled):
        # Without a word about how long, coming back at once would spend all waits in a minute.
        return request.after_wait(), asked or FIRST_DELAY
    return request.after_failure(), backoff(request.attempt, error.retry_after)
