"""Upkeep: what the service does for one tenant beside reports, as a message on queue `upkeep`."""

from enum import StrEnum

import msgspec

from shared_code.core.queue_message import decode_message
from shared_code.core.tenant import TenantId


class Chore(StrEnum):
    OFFBOARD = "offboard"
    RETENTION = "retention"


class UpkeepRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An id and a word only. Coming twice does no harm."""

    chore: Chore
    tenant_id: TenantId


def decode_upkeep(body: bytes | str) -> UpkeepRequest:
    """Raises MessageMalformed."""
    return decode_message(body, UpkeepRequest, queue="upkeep")
