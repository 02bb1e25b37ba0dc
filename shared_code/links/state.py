"""The `state` of a consent `o1.kid.tenant.invitation.exp.sig`: no link opens with it, and no link is one."""

import binascii
import hmac
from datetime import UTC, datetime

from shared_code.core.errors import LinkInvalid
from shared_code.core.invitation import Invitation, InvitationId, StateClaims
from shared_code.core.tenant import TenantId
from shared_code.links.keys import KeyRing
from shared_code.links.signing import compact, signature, spelled_out

_VERSION = "o1"
# A key of its own: what one purpose signs is never valid for another.
_PURPOSE = b"onboarding consent state"
_LONGEST = 200
_PARTS = 5


class ConsentStateSigner:
    """HMAC-SHA-256 with keys derived from those of links, so that they are rotated together."""

    def __init__(self, keys: KeyRing) -> None:
        self._signing = keys.signing
        self._secrets = {
            kid: hmac.digest(secret, _PURPOSE, "sha256") for kid, secret in keys.secrets.items()
        }

    def sign(self, invitation: Invitation) -> str:
        ids = compact(invitation.tenant_id), compact(invitation.id)
        expires = str(int(invitation.expires.timestamp()))
        signed = ".".join((_VERSION, self._signing, *ids, expires))
        return f"{signed}.{signature(self._secrets[self._signing], signed)}"

    def verify(self, state: str) -> StateClaims:
        """What it says is read after the signature only. Raises LinkInvalid."""
        signed, _, shown = state.rpartition(".")
        parts = signed.split(".")
        if len(state) > _LONGEST or not state.isascii() or len(parts) != _PARTS:
            raise LinkInvalid("not a state of ours")
        version, kid, tenant, invitation, expires = parts
        secret = self._secrets.get(kid)
        if version != _VERSION or secret is None:
            raise LinkInvalid("signed with no key of ours")
        # Compared as text: decoding would let several spellings of one signature pass.
        if not hmac.compare_digest(signature(secret, signed), shown):
            raise LinkInvalid("the signature does not match")
        return _claims(tenant, invitation, expires)


def _claims(tenant: str, invitation: str, expires: str) -> StateClaims:
    try:
        return StateClaims(
            id=InvitationId(spelled_out(invitation)),
            tenant_id=TenantId(spelled_out(tenant)),
            expires=datetime.fromtimestamp(int(expires), UTC),
        )
    except (binascii.Error, ValueError, OverflowError) as error:
        raise LinkInvalid("signed, but not in this form") from error
