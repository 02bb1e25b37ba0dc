"""Which application permissions a token of ours carries, as far as that can be read."""

from base64 import urlsafe_b64decode

import msgspec


class _Claims(msgspec.Struct):
    roles: frozenset[str] | None = None


_decode = msgspec.json.Decoder(_Claims).decode
_PARTS = 3


def roles_of(token: str) -> frozenset[str] | None:
    """None where it cannot be read: what Graph's tokens look like is Microsoft's own affair, and may
    change any day. Nothing is verified: it came from Entra, and opens nothing here."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        return _decode(urlsafe_b64decode(parts[1] + "==")).roles
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
