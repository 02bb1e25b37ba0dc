"""Upkeep: what the service does for one tenant beside reports, as a message on queue `upkeep`."""

from enum import StrEnum

import msgspec

from shared_code.core.errors import MessageMalformed
from shared_code.core.tenant import TenantId


class Chore(StrEnum):
    OFFBOARD = "offboard"
    RETENTION = "retention"


class UpkeepRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An id and a word only. Coming twice does no harm."""

    chore: Chore
    tenant_id: TenantId


def encode_upkeep(request: UpkeepRequest) -> str:
    return msgspec.json.encode(request).decode()


def decode_upkeep(body: bytes | str) -> UpkeepRequest:
    """Raises MessageMalformed."""
    try:
        return msgspec.json.decode(body, type=UpkeepRequest)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MessageMalformed("queue upkeep: not a chore") from error
