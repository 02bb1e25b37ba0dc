"""What happens to tenants by itself: the end of a service, retention, deletions that go on."""
# pyright: reportUnknownMemberType=false
# The decorators of azure.functions leave their keyword arguments without types.

import logging

import azure.functions as func

from shared_code.core.upkeep import decode_upkeep
from shared_code.wiring import services

blueprint = func.Blueprint()
_log = logging.getLogger(__name__)


@blueprint.function_name("end_services")
@blueprint.timer_trigger(arg_name="timer", schedule="0 20 * * * *")
async def end_services(timer: func.TimerRequest) -> None:
    """Each hour: the last day ends at another time in each time zone."""
    await services().lifecycle.end_services()


@blueprint.function_name("apply_retention")
@blueprint.timer_trigger(arg_name="timer", schedule="0 40 2 * * *")
async def apply_retention(timer: func.TimerRequest) -> None:
    await services().retaining.plan()


@blueprint.function_name("resume_offboardings")
@blueprint.timer_trigger(arg_name="timer", schedule="0 50 * * * *")
async def resume_offboardings(timer: func.TimerRequest) -> None:
    await services().upkeep.resume_offboardings()


@blueprint.function_name("upkeep")
@blueprint.queue_trigger(arg_name="message", queue_name="upkeep", connection="REPORTS_STORAGE")
async def upkeep(message: func.QueueMessage) -> None:
    await services().upkeep.do(decode_upkeep(message.get_body()))


@blueprint.function_name("upkeep_poison")
@blueprint.queue_trigger(
    arg_name="message", queue_name="upkeep-poison", connection="REPORTS_STORAGE"
)
async def upkeep_poison(message: func.QueueMessage) -> None:
    """The timers send it again: nothing is lost with the message."""
    _log.error("message %s of upkeep failed too often", message.id)
