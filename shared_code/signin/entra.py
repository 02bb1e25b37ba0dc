"""Sign-in of the portal: believes tokens that Entra issued for it, and nothing else."""

import base64
import hmac
from collections.abc import Mapping
from typing import Any

import jwt

from shared_code.core.caller import Caller
from shared_code.core.errors import NotSignedIn
from shared_code.core.tenant import TenantId, is_tenant_id
from shared_code.signin.keys import SigningKeys

READER = "Reports.Reader"
ENGINEER = "Reports.Engineer"

_ALGORITHM = "RS256"
_REQUIRED = ["exp", "iat", "nbf", "iss", "aud", "tid", "oid"]
_LEEWAY = 60  # seconds that clocks may differ


class EntraSignIn:
    """`issuer` has `{tid}` where the token's tenant stands. Errors say nothing of the token."""

    def __init__(
        self, keys: SigningKeys, *, audience: str, issuer: str, partner_tenant: str
    ) -> None:
        self._keys = keys
        self._audience = audience
        self._issuer = issuer
        self._partner = partner_tenant.lower()

    async def caller(self, authorization: str | None) -> Caller:
        """Raises NotSignedIn, and UpstreamDown while the keys of Entra cannot be fetched."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn("no bearer token")
        claims = await self._verified(token.strip())
        # The application may be both: then audience, issuer and key are the same. Only access
        # tokens name the client that got them, and only ID tokens may have a nonce.
        if "nonce" in claims or not claims.get("azp"):
            raise NotSignedIn("an ID token is no access token")
        return self._caller(claims)

    async def signed_in(self, token: str, *, nonce: str) -> Caller:
        """Whom an ID token speaks of; `audience` is the application then. Raises as `caller` does."""
        claims = await self._verified(token)
        if not hmac.compare_digest(_text(claims, "nonce").encode(), nonce.encode()):
            raise NotSignedIn("the answer to another sign-in")
        return self._caller(claims)

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        tenant_id = _tenant(claims)
        if claims["iss"] != self._issuer.replace("{tid}", tenant_id):
            raise NotSignedIn("issuer and tenant do not match")
        roles = _roles(claims)
        return Caller(
            tenant_id=tenant_id,
            object_id=_text(claims, "oid"),
            is_reader=READER in roles,
            # Every customer can assign our roles in its own tenant; this one counts in ours only.
            is_engineer=ENGINEER in roles and tenant_id == self._partner,
        )

    async def _verified(self, token: str) -> Mapping[str, Any]:
        _require_one_spelling(token)
        try:
            header = jwt.get_unverified_header(token)
            key = await self._keys.find(_kid(header))
            if key is None:
                raise NotSignedIn("signed with a key that is not Entra's")
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                leeway=_LEEWAY,
                options={"require": _REQUIRED, "strict_aud": True},
            )
        except jwt.PyJWTError as error:
            # Without the cause: PyJWT quotes claims.
            raise NotSignedIn(f"token refused: {type(error).__name__}") from None
        # What all tenants fetch has keys of a single one too, and those of personal accounts.
        if not key.signs(_text(claims, "iss"), tenant_id=_tenant(claims)):
            raise NotSignedIn("signed with a key for other tenants")
        return claims


def _require_one_spelling(token: str) -> None:
    """PyJWT would take a signature with padding, or with other bits where no byte is left."""
    shown = token.rpartition(".")[2]
    try:
        signature = base64.b64decode(f"{shown}{'=' * (-len(shown) % 4)}", b"-_", validate=True)
    except ValueError:
        raise NotSignedIn("signature is not base64url") from None
    if base64.urlsafe_b64encode(signature).rstrip(b"=").decode() != shown:
        raise NotSignedIn("signature is not spelt as it is made")


def _kid(header: Mapping[str, Any]) -> str:
    """Raises NotSignedIn before a key is asked for, if the algorithm is not ours."""
    if header.get("alg") != _ALGORITHM:
        raise NotSignedIn(f"token is not {_ALGORITHM}")
    return _text(header, "kid")


def _tenant(claims: Mapping[str, Any]) -> TenantId:
    tid = _text(claims, "tid")
    if not is_tenant_id(tid):
        raise NotSignedIn("tid is not a tenant id")
    return TenantId(tid)


def _roles(claims: Mapping[str, Any]) -> frozenset[str]:
    roles = claims.get("roles", [])
    if not isinstance(roles, list):
        raise NotSignedIn("roles is not a list")
    return frozenset(str(role) for role in roles)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise NotSignedIn(f"token without {name}")
    return value
