"""Link tokens `v1.kid.tenant.run.jti.exp.sig`: small enough for a mail, readable by no one else's key."""

import binascii
import hmac
import re
from datetime import UTC, datetime

from shared_code.core.errors import LinkInvalid
from shared_code.core.link import Link, LinkClaims
from shared_code.core.run import RunId
from shared_code.core.tenant import TenantId
from shared_code.links.keys import KeyRing
from shared_code.links.signing import compact, signature, spelled_out

_VERSION = "v1"
_JTI = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 300


class HmacSigner:
    """HMAC-SHA-256 over the text as it stands in the address, so each link has exactly one token."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    def sign(self, link: Link) -> str:
        if not _JTI.fullmatch(link.jti):
            raise ValueError("jti: letters, digits, - and _ only")
        kid = self._keys.signing
        ids = compact(link.tenant_id), compact(link.run_id)
        signed = ".".join((_VERSION, kid, *ids, link.jti, str(int(link.expires.timestamp()))))
        return f"{signed}.{signature(self._keys.secrets[kid], signed)}"

    def verify(self, token: str) -> LinkClaims:
        """What it says is read after the signature only. Raises LinkInvalid."""
        signed, _, shown = token.rpartition(".")
        parts = signed.split(".")
        if len(token) > _LONGEST or not token.isascii() or len(parts) != 6:  # noqa: PLR2004
            raise LinkInvalid("not a link token")
        version, kid, tenant, run, jti, expires = parts
        secret = self._keys.secrets.get(kid)
        if version != _VERSION or secret is None:
            raise LinkInvalid("signed with no key of ours")
        # Compared as text: decoding would let several spellings of one signature pass.
        if not hmac.compare_digest(signature(secret, signed), shown):
            raise LinkInvalid("the signature does not match")
        return _claims(tenant, run, jti, expires)


def _claims(tenant: str, run: str, jti: str, expires: str) -> LinkClaims:
    try:
        return LinkClaims(
            jti=jti,
            tenant_id=TenantId(spelled_out(tenant)),
            run_id=RunId(spelled_out(run)),
            expires=datetime.fromtimestamp(int(expires), UTC),
        )
    except (binascii.Error, ValueError, OverflowError) as error:
        raise LinkInvalid("signed, but not in this form") from error
