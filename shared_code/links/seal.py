"""Seals `s1.kid.content.exp.sig`: what a browser keeps for us, readable there, written by us alone."""

import base64
import hmac
from datetime import timedelta

import msgspec

from shared_code.core.errors import NotSignedIn
from shared_code.core.ports import Clock
from shared_code.links.keys import KeyRing

_VERSION = "s1"
_PARTS = 4
_LONGEST = 4000  # of a cookie


class HmacSeal:
    """HMAC-SHA-256 with keys derived for one purpose: what is sealed for it opens nothing else."""

    def __init__(self, keys: KeyRing, *, purpose: str, clock: Clock) -> None:
        self._signing = keys.signing
        self._secrets = {
            kid: hmac.digest(secret, purpose.encode(), "sha256")
            for kid, secret in keys.secrets.items()
        }
        self._clock = clock

    def close(self, content: object, *, lifetime: timedelta) -> str:
        expires = int((self._clock() + lifetime).timestamp())
        signed = f"{_VERSION}.{self._signing}.{_encoded(msgspec.json.encode(content))}.{expires}"
        return f"{signed}.{self._signature(self._signing, signed)}"

    def open[T](self, sealed: str, kind: type[T]) -> T:
        """Raises NotSignedIn. Nothing is read before the signature is."""
        signed, _, shown = sealed.rpartition(".")
        parts = signed.split(".")
        if len(sealed) > _LONGEST or not sealed.isascii() or len(parts) != _PARTS:
            raise NotSignedIn("not a seal")
        version, kid, content, expires = parts
        if version != _VERSION or kid not in self._secrets:
            raise NotSignedIn("sealed with no key of ours")
        # Compared as text: decoding would let several spellings of one signature pass.
        if not hmac.compare_digest(self._signature(kid, signed), shown):
            raise NotSignedIn("the seal is broken")
        if int(expires) <= self._clock().timestamp():
            raise NotSignedIn("the seal is too old")
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(f"{content}=="), type=kind)
        except msgspec.MsgspecError:
            raise NotSignedIn("sealed by another version") from None

    def _signature(self, kid: str, signed: str) -> str:
        return _encoded(hmac.digest(self._secrets[kid], signed.encode(), "sha256"))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
