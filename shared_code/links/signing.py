"""What all tokens of ours are made of: compact ids and an HMAC over the text as it stands."""

import base64
import hmac
from uuid import UUID


def signature(secret: bytes, signed: str) -> str:
    return encode(hmac.digest(secret, signed.encode(), "sha256"))


def compact(identity: str) -> str:
    """Raises ValueError unless the id is spelled as we spell ids: its rows are found by it."""
    uuid = UUID(identity)
    if str(uuid) != identity:
        raise ValueError("ids are lower case with hyphens")
    return encode(uuid.bytes)


def spelled_out(text: str) -> str:
    """Raises ValueError."""
    return str(UUID(bytes=base64.urlsafe_b64decode(f"{text}==")))


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
