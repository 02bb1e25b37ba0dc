"""Invitations in table `invitations`: whoever changes the state of one shows the ETag it was read with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from shared_code.core.invitation import Invitation, InvitationId, InvitationState
from shared_code.core.ports import Filed
from shared_code.core.tenant import TenantId
from shared_code.storage.document import Document
from shared_code.storage.keys import is_key
from shared_code.storage.table import Stored, Table

_INVITATION = Document("invitation", Invitation)


class TableInvitations:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def add(self, invitation: Invitation) -> None:
        await self._table.put(_row(invitation))

    async def get(self, tenant_id: TenantId, invitation: InvitationId) -> Filed | None:
        stored = await self._table.get(tenant_id, invitation) if is_key(invitation) else None
        return _filed(stored) if stored else None

    async def of(self, tenant_id: TenantId) -> Sequence[Filed]:
        found = self._table.query("PartitionKey eq @tenant", tenant=tenant_id)
        return [_filed(stored) async for stored in found]

    async def in_state(self, state: InvitationState) -> Sequence[Filed]:
        found = self._table.query("state eq @state", state=state.value)
        return [_filed(stored) async for stored in found]

    async def move(self, filed: Filed, state: InvitationState, *, at: datetime) -> Filed | None:
        moved = replace(filed.invitation, state=state, used=filed.invitation.used or at)
        etag = await self._table.replace(_row(moved), etag=filed.etag)
        return Filed(moved, etag) if etag else None

    async def forget(self, tenant_id: TenantId, *, expired_before: datetime) -> int:
        filed = [each.invitation for each in await self.of(tenant_id)]
        old = [each.id for each in filed if each.expires < expired_before]
        return sum([await self._table.delete(tenant_id, each) for each in old])


def _row(invitation: Invitation) -> dict[str, Any]:
    return {
        "PartitionKey": invitation.tenant_id,
        "RowKey": invitation.id,
        "state": invitation.state.value,
        **_INVITATION.written(invitation),
    }


def _filed(stored: Stored) -> Filed:
    return Filed(_INVITATION.read(stored.properties), stored.etag)
