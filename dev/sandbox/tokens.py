"""Tokens: opaque ones for Graph, and RS256 ones as Entra issues them to callers of our own API."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from dev.sandbox.errors import token_refused
from dev.sandbox.resources import Caller


class GraphTokens:
    """A Graph token carries its tenant; nothing else in a request names one."""

    def __init__(self, lifetime: int) -> None:
        self.lifetime = lifetime
        self._key = token_hex(32)

    def issue(self, caller: Caller, roles: Collection[str] = ()) -> str:
        claims = {
            "tid": caller.tenant_id,
            "appid": caller.app_id,
            "roles": sorted(roles),
            "exp": time.time() + self.lifetime,
        }
        return jwt.encode(claims, self._key, algorithm="HS256")

    def read(self, authorization: str) -> Caller:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise token_refused("Access token is empty.")
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"])
        except jwt.ExpiredSignatureError as error:
            raise token_refused() from error
        except jwt.InvalidTokenError as error:
            raise token_refused("CompactToken parsing failed.") from error
        return Caller(claims["tid"], claims["appid"])


@dataclass(frozen=True, slots=True)
class SigningKey:
    private: rsa.RSAPrivateKey
    kid: str

    def jwks(self, *, issuer: str) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        said = {"kid": self.kid, "use": "sig", "alg": "RS256", "issuer": issuer}
        return {"keys": [public | said]}

    def issue(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid})


def new_signing_key() -> SigningKey:
    return SigningKey(rsa.generate_private_key(public_exponent=65537, key_size=2048), token_hex(12))


def portal_claims(*, origin: str, tid: str, aud: str, roles: list[str]) -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": f"{origin}/{tid}/v2.0",
        "aud": aud,
        "tid": tid,
        "roles": roles,
        "oid": str(uuid4()),
        "sub": str(uuid4()),
        "azp": str(uuid4()),
        "ver": "2.0",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
    }
