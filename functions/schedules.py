"""One planning timer per report type: it computes what is due and enqueues it, nothing more."""

from collections.abc import Awaitable, Callable

import azure.functions as func

from shared_code.core.report import ReportType
from shared_code.reports import registry
from shared_code.wiring import services

blueprint = func.Blueprint()

# Cadences are local times of tenants, and some time zones are off by a quarter of an hour.
_INTERVAL = 15


def _schedule(position: int) -> str:
    """Every quarter of an hour, report types one minute apart."""
    return f"0 {position % _INTERVAL}-59/{_INTERVAL} * * * *"


def _planner(report: ReportType) -> Callable[[func.TimerRequest], Awaitable[None]]:
    async def plan(timer: func.TimerRequest) -> None:
        await services().planner.plan(report)

    return plan


for _position, _report in enumerate(registry().values()):
    _name = f"plan_{_report.name.replace('-', '_')}"
    blueprint.function_name(_name)(
        blueprint.timer_trigger(arg_name="timer", schedule=_schedule(_position))(_planner(_report))
    )
