"""Access tokens of all tenants, kept until shortly before they expire and renewed once for all callers."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared_code.core.errors import UpstreamError
from shared_code.core.ports import Clock
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.retrying import may_pass

_EARLY = timedelta(minutes=5)
_AT_ANY_AGE = timedelta()


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    expires: datetime


class Issuer(Protocol):
    """Where tokens come from."""

    async def issue(self, tenant_id: TenantId) -> Token:
        """Raises TenantError, UpstreamError or ConfigurationError."""
        ...

    def forget(self, tenant_id: TenantId) -> None:
        """What was issued is not accepted: the next token must be a new one."""
        ...


@dataclass(frozen=True, slots=True)
class _Held:
    token: Token
    issued: datetime
    renew: datetime


class Tokens:
    """A look-up in a dict: the credentials' own caches are slower with every tenant more."""

    def __init__(self, issuer: Issuer, *, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock
        self._held: dict[TenantId, _Held] = {}
        self._renewals: dict[TenantId, asyncio.Task[Token]] = {}

    async def token(self, tenant_id: TenantId) -> str:
        held = self._held.get(tenant_id)
        if held is not None and self._clock() < held.renew:
            return held.token.text
        try:
            # One caller that gives up must not take the token from the others.
            return (await asyncio.shield(self._renewal(tenant_id))).text
        except UpstreamError:
            if held is not None and self._clock() < held.token.expires:
                return held.token.text
            raise

    def drop(self, tenant_id: TenantId, token: str, *, older_than: timedelta = _AT_ANY_AGE) -> None:
        """Graph refused this token; one that another caller renewed meanwhile stays."""
        held = self._held.get(tenant_id)
        if held is None or held.token.text != token or self._clock() < held.issued + older_than:
            return
        del self._held[tenant_id]
        self._issuer.forget(tenant_id)

    def _renewal(self, tenant_id: TenantId) -> asyncio.Task[Token]:
        if tenant_id not in self._renewals:
            task = asyncio.create_task(self._renew(tenant_id))
            self._renewals[tenant_id] = task
            task.add_done_callback(lambda done: self._end(tenant_id, done))
        return self._renewals[tenant_id]

    def _end(self, tenant_id: TenantId, done: asyncio.Task[Token]) -> None:
        self._renewals.pop(tenant_id, None)
        if not done.cancelled():
            done.exception()  # all callers may have gone; asyncio would complain otherwise

    async def _renew(self, tenant_id: TenantId) -> Token:
        token = await self._issuer.issue(tenant_id)
        now = self._clock()
        self._held = {t: held for t, held in self._held.items() if now < held.token.expires}
        renew = token.expires - min(_EARLY, (token.expires - now) / 2)
        self._held[tenant_id] = _Held(token, issued=now, renew=renew)
        return token


async def token_or_wait(tokens: Tokens, tenant_id: TenantId) -> str:
    """Raises MayPass where the next attempt may get one."""
    try:
        return await tokens.token(tenant_id)
    except UpstreamError as error:
        raise may_pass(error) from error
