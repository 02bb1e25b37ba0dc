"""The port Directory: who a tenant is and what it granted us, for onboarding and readiness."""

import asyncio
import random as chance
from collections.abc import Callable
from functools import partial

from shared_code.core.ports import Clock, Enterprise
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.retrying import Retrying, Sleep
from shared_code.sources.graph.roles import roles_of
from shared_code.sources.graph.tokens import Tokens, token_or_wait


class GraphDirectory:
    """The port Directory over msgraph-sdk, which is imported on first use (cold start)."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        app_id: str,
        base_url: str,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
        random: Callable[[], float] = chance.random,
        patience: float = 20.0,
        budget: float = 60.0,
    ) -> None:
        self._tokens = tokens
        self._app_id = app_id
        self._base_url = base_url
        self._clock = clock
        self._retrying = Retrying(
            clock=clock, sleep=sleep, random=random, patience=patience, budget=budget
        )

    async def enterprise(self, tenant_id: TenantId) -> Enterprise:
        """Raises ConsentMissing when the tenant has no service principal of ours."""
        from shared_code.sources.graph.enterprise import Asking  # noqa: PLC0415 - cold start
        from shared_code.sources.graph.sdk import open_sdk  # noqa: PLC0415 - cold start

        async with open_sdk(partial(token_or_wait, self._tokens, tenant_id), self._base_url) as sdk:
            asking = Asking(
                sdk=sdk,
                tenant_id=tenant_id,
                tokens=self._tokens,
                base_url=self._base_url,
                clock=self._clock,
                retrying=self._retrying,
            )
            organization = await asking.organization()
            permissions = await asking.permissions(self._app_id)
        domains = organization.verified_domains
        return Enterprise(
            tenant_id=tenant_id,
            name=organization.display_name or "",
            domain=next((domain.name for domain in domains if domain.is_default), ""),
            permissions=permissions,
            pending=await self._pending(tenant_id, permissions),
        )

    async def _pending(self, tenant_id: TenantId, granted: frozenset[str]) -> frozenset[str]:
        """A token keeps the permissions of its birth, so whoever lacks one is replaced first."""
        token = await self._tokens.token(tenant_id)
        if not _lacking(token, granted):
            return frozenset()
        self._tokens.drop(tenant_id, token)
        return _lacking(await self._tokens.token(tenant_id), granted)


def _lacking(token: str, granted: frozenset[str]) -> frozenset[str]:
    roles = roles_of(token)
    return frozenset() if roles is None else granted - roles
