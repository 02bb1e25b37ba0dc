"""Keys that sign links: the first signs, all of them verify."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared_code.core.errors import ConfigurationError

_SHORTEST_SECRET = 32
# One to sign with and, for as long as its links live, the one before.
_MOST_KEYS = 2
_KID = re.compile(r"[a-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`signing` is the kid of the key that new links get."""

    signing: str
    secrets: Mapping[str, bytes] = field(repr=False)


def parse_key_ring(text: str, *, setting: str = "LINK_KEYS") -> KeyRing:
    """`k2:base64url,k1:base64url`. Raises ConfigurationError naming the setting only."""
    secrets = dict(_key(part.strip(), setting) for part in text.split(","))
    if not len(secrets) == len(text.split(",")) <= _MOST_KEYS:
        raise ConfigurationError(f"{setting}: one or two keys, with different names")
    return KeyRing(next(iter(secrets)), secrets)


def _key(part: str, setting: str) -> tuple[str, bytes]:
    kid, _, encoded = part.partition(":")
    unpadded = encoded.rstrip("=")
    try:
        secret = base64.b64decode(
            unpadded + "=" * (-len(unpadded) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError):
        secret = b""
    if not _KID.fullmatch(kid) or len(secret) < _SHORTEST_SECRET:
        # Without the cause: it could quote the secret.
        raise ConfigurationError(f"{setting}: not kid:base64url of at least 32 bytes") from None
    return kid, secret
