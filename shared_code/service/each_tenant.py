"""Plans for one tenant after the other: one that cannot be planned never stops the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from shared_code.core.errors import ConfigurationError
from shared_code.core.tenant import Tenant

_log = logging.getLogger(__name__)


async def plan_each(
    tenants: Iterable[Tenant], plan: Callable[[Tenant], Awaitable[int]], *, what: str
) -> int:
    """How much was planned in all.

    What an engineer misspelt is logged; anything else is raised once all had their turn.
    """
    planned, unexpected = 0, list[BaseException]()
    for tenant in tenants:
        [result] = await asyncio.gather(plan(tenant), return_exceptions=True)
        if isinstance(result, int):
            planned += result
            continue
        _log.error("plan %s for tenant %s: %s", what, tenant.id, _words(result))
        if not isinstance(result, ConfigurationError):
            unexpected.append(result)
    if unexpected:
        raise BaseExceptionGroup(f"{what}: not planned for every tenant", unexpected)
    return planned


def _words(error: BaseException) -> str:
    """Only our own messages are known to name nothing that a log must not hold."""
    return str(error) if isinstance(error, ConfigurationError) else type(error).__name__
