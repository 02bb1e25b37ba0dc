"""What keeps the service going: its health, probes of tenants, and what engineers are alerted of."""
# pyright: reportUnknownMemberType=false
# The decorators of azure.functions leave their keyword arguments without types.

from http import HTTPStatus
from pathlib import Path

import azure.functions as func

from functions.answers import answer
from shared_code.wiring import services

blueprint = func.Blueprint()

# Of a package (ops/package); a checkout is none.
_NAMED = Path(__file__).parents[1] / "release.txt"
_RELEASE = _NAMED.read_text("utf-8") if _NAMED.is_file() else ""


@blueprint.function_name("health")
@blueprint.route(route="api/health", methods=["GET", "HEAD"])
async def health(req: func.HttpRequest) -> func.HttpResponse:
    failing = await services().failing()
    status = HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK
    told = {"status": "failing" if failing else "ok", "failing": failing, "release": _RELEASE}
    return answer(told, status)


@blueprint.function_name("probe_readiness")
@blueprint.timer_trigger(arg_name="timer", schedule="0 5 * * * *")
async def probe_readiness(timer: func.TimerRequest) -> None:
    """Every tenant is due once a day; every hour, because what is unreachable is due sooner."""
    await services().probe_planner.plan()


@blueprint.function_name("check_gdap")
@blueprint.timer_trigger(arg_name="timer", schedule="0 35 * * * *")
async def check_gdap(timer: func.TimerRequest) -> None:
    """Once a day, and hourly until it succeeds: a timer that throws is not repeated."""
    await services().gdap.check_due()


@blueprint.function_name("watch_queues")
@blueprint.timer_trigger(arg_name="timer", schedule="45 */15 * * * *")
async def watch_queues(timer: func.TimerRequest) -> None:
    await services().monitor.check_queues()


@blueprint.function_name("watch_certificate")
@blueprint.timer_trigger(arg_name="timer", schedule="0 30 5 * * *")
async def watch_certificate(timer: func.TimerRequest) -> None:
    services().monitor.check_certificate()
