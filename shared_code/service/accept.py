"""The consent of a customer's admin: what comes back from Microsoft, and what is verified.

The call-back is anybody's to invent, so it decides nothing: it only says that it is time to look.
The tenant becomes active when its own directory, asked with our own token, shows the grants; until
it does, the page of the invitation and a timer go on looking.
"""

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec.structs import replace

from shared_code.core.audit import ANONYMOUS, SERVICE, Act, Entry
from shared_code.core.errors import (
    DatasetError,
    LinkError,
    LinkExpired,
    LinkInvalid,
    ReportingError,
    TenantError,
    UpstreamError,
)
from shared_code.core.invitation import (
    Invitation,
    InvitationState,
    Invited,
    StateClaims,
    agreed_with,
)
from shared_code.core.ports import (
    Audit,
    Clock,
    Directory,
    Filed,
    Invitations,
    StateSigner,
    Tenants,
)
from shared_code.core.tenant import Tenant, TenantId, TenantState, is_tenant_id
from shared_code.service.consent_page import ConsentPages
from shared_code.service.debounce import Debounce
from shared_code.service.present import present

_log = logging.getLogger(__name__)

# A new grant reaches all of Entra and Graph within seconds mostly, within minutes sometimes.
_PAUSES = (1.0, 2.0)
_LONGEST_WATCH = 60.0
# The customer or Microsoft acts, or nobody: consent is on its way.
_PASSING = (TenantError, DatasetError, UpstreamError, TimeoutError)


class Answer(StrEnum):
    """What the admin is told after the way back from Microsoft."""

    RECEIVED = "received"  # the page of the invitation says how it goes on
    DECLINED = "declined"
    FAILED = "failed"  # Microsoft could not ask
    OTHER_TENANT = "other-tenant"


@dataclass(frozen=True, slots=True)
class Answered:
    answer: Answer
    invited: Invited


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """What the address of the call-back says; all of it may be invented."""

    state: str = ""
    tenant: str = ""
    admin_consent: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepting:
    """`partner` is the tenant whose audit has what names none."""

    tenants: Tenants
    invitations: Invitations
    directory: Directory
    signer: StateSigner
    pages: ConsentPages
    audit: Audit
    clock: Clock
    partner: TenantId
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    longest_look: float = 6.0  # seconds, while somebody waits for the page
    _debounce: Debounce = field(default_factory=Debounce)

    async def show(self, state: str) -> Invited:
        """The page of an invitation; looks again where consent is being checked. Raises LinkError."""
        filed, tenant = await self._open(self.signer.verify(state))
        if filed.invitation.state is InvitationState.CHECKING:
            return await self._look(filed, tenant, within=self.longest_look)
        return self.pages.of(filed.invitation, tenant)

    async def answer(self, callback: Callback) -> Answered:
        """Raises LinkError for a state that is forged, expired or used: all alike to the reader."""
        try:
            claims = self.signer.verify(callback.state)
        except LinkInvalid:
            await self._note(self.partner, "no state of ours")
            raise
        try:
            filed, tenant = await self._unused(claims)
        except (LinkInvalid, LinkExpired) as error:
            await self._refuse(claims, str(error))
            raise
        return await self._genuine(callback, filed, tenant)

    async def _genuine(self, callback: Callback, filed: Filed, tenant: Tenant) -> Answered:
        invitation = filed.invitation
        refused = _refusal(callback, invitation)
        if refused:
            await self._note(invitation.tenant_id, refused.value, subject=invitation.id)
            return Answered(refused, self.pages.of(invitation, tenant))
        is_new = invitation.state is InvitationState.OPEN
        claimed = await self._move(filed, InvitationState.CHECKING) if is_new else None
        if claimed is None:
            # Again, or by another click at the same moment: the page says how far the first one is.
            await self._note(invitation.tenant_id, "repeated", subject=invitation.id)
            return Answered(Answer.RECEIVED, self.pages.of(invitation, tenant))
        await self._record(invitation, Act.CHANGED, "consent is being checked", actor=ANONYMOUS)
        invited = await self._look(claimed, tenant, within=self.longest_look, pauses=_PAUSES)
        return Answered(Answer.RECEIVED, invited)

    async def complete(self) -> int:
        """Looks again wherever consent is being checked: how many became active."""
        found = await self.invitations.in_state(InvitationState.CHECKING)
        done = 0
        for filed in found:
            try:
                current, tenant = await self._current(filed)
                invited = await self._look(current, tenant, within=_LONGEST_WATCH)
            except LinkError:
                continue
            done += invited.invitation.state is InvitationState.COMPLETED
        return done

    async def _unused(self, claims: StateClaims) -> tuple[Filed, Tenant]:
        filed, tenant = await self._open(claims)
        if filed.invitation.state is InvitationState.COMPLETED:
            raise LinkInvalid("used")
        return filed, tenant

    async def _open(self, claims: StateClaims) -> tuple[Filed, Tenant]:
        filed = await self.invitations.get(claims.tenant_id, claims.id)
        if filed is None:
            raise LinkInvalid("unknown")
        return await self._current(filed)

    async def _current(self, filed: Filed) -> tuple[Filed, Tenant]:
        """With the tenant it is for; what is over or taken back is not current."""
        invitation = filed.invitation
        if invitation.state is InvitationState.WITHDRAWN:
            raise LinkInvalid("withdrawn")
        if invitation.expires <= self.clock():
            raise LinkExpired("expired")
        tenant = await self.tenants.get(invitation.tenant_id)
        if tenant is None or tenant.state.is_closed:
            raise LinkInvalid("tenant is not served")
        return filed, tenant

    async def _look(
        self, filed: Filed, tenant: Tenant, *, within: float, pauses: tuple[float, ...] = ()
    ) -> Invited:
        """Once and after each pause; what goes wrong meanwhile is looked at again later."""
        invited = self.pages.of(filed.invitation, tenant)
        missing: tuple[str, ...] = ()
        for pause in (*pauses, None):
            try:
                async with asyncio.timeout(within):
                    found = await self.directory.enterprise(tenant.id)
            except (ReportingError, TimeoutError) as error:
                level = logging.INFO if isinstance(error, _PASSING) else logging.ERROR
                _log.log(level, "onboarding of %s: %s", tenant.id, type(error).__name__)
            else:
                missing = tuple(sorted(invited.needed - found.permissions))
                if invited.needed <= found.permissions - found.pending:
                    return await self._activate(filed, domain=found.domain)
            if pause is not None:
                await self.sleep(pause)
        return dataclasses.replace(invited, missing=missing)

    async def _activate(self, filed: Filed, *, domain: str) -> Invited:
        """May be done twice, by two who look at once or after a crash; it is written down once."""
        invitation = filed.invitation
        current = await self.invitations.get(invitation.tenant_id, invitation.id)
        if current is None or current.invitation.state is not InvitationState.CHECKING:
            return await self._overtaken(current or filed)
        changed = await self.tenants.change(
            invitation.tenant_id, lambda known: _active(known, invitation, domain=domain)
        )
        if changed is None:
            raise LinkInvalid("tenant is not served")
        known, active = changed
        moved = await self._move(current, InvitationState.COMPLETED)
        if moved:
            await self._record(invitation, Act.CONSENT_GIVEN, "verified", actor=SERVICE)
        if not known.is_served:
            await self._record(invitation, Act.ACTIVATED, "", actor=SERVICE)
        return self.pages.of(moved.invitation, active) if moved else await self._overtaken(current)

    async def _overtaken(self, filed: Filed) -> Invited:
        invitation = filed.invitation
        current, tenant = await self._open(
            StateClaims(
                id=invitation.id, tenant_id=invitation.tenant_id, expires=invitation.expires
            )
        )
        return self.pages.of(current.invitation, tenant)

    async def _move(self, filed: Filed, state: InvitationState) -> Filed | None:
        return await self.invitations.move(filed, state, at=self.clock())

    async def _record(self, invitation: Invitation, act: Act, detail: str, *, actor: str) -> None:
        await self.audit.record(
            Entry(
                tenant_id=invitation.tenant_id,
                at=self.clock(),
                act=act,
                actor=actor,
                subject=invitation.id,
                detail=detail,
            )
        )

    async def _refuse(self, claims: StateClaims, why: str) -> None:
        if await present(self.tenants, claims.tenant_id) is None:
            # What was deleted stays deleted, its audit too.
            await self._note(self.partner, "tenant not served")
            return
        await self._note(claims.tenant_id, why, subject=claims.id)

    async def _note(self, tenant_id: TenantId, why: str, *, subject: str = "") -> None:
        now = self.clock()
        if not self._debounce.passes(tenant_id, subject, why, at=now):
            return
        is_declined = why == Answer.DECLINED
        await self.audit.record(
            Entry(
                tenant_id=tenant_id,
                at=now,
                act=Act.CONSENT_REFUSED if is_declined else Act.CALLBACK_REFUSED,
                actor=ANONYMOUS,
                subject=subject,
                detail=why,
            )
        )


def _active(known: Tenant, invitation: Invitation, *, domain: str) -> Tenant:
    """Raises LinkInvalid for who was suspended or deleted meanwhile."""
    if known.state.is_closed:
        raise LinkInvalid("tenant is not served")
    agreed = agreed_with(known, invitation)
    return replace(agreed, state=TenantState.ACTIVE, domain=domain or known.domain)


def _refusal(callback: Callback, invitation: Invitation) -> Answer | None:
    if callback.error:
        return Answer.DECLINED if callback.error == "access_denied" else Answer.FAILED
    tenant = callback.tenant.lower()
    if callback.admin_consent.lower() != "true" or not is_tenant_id(tenant):
        return Answer.FAILED
    return None if tenant == invitation.tenant_id else Answer.OTHER_TENANT
