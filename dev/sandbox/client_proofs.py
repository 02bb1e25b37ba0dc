"""Whether an application proves itself at the token endpoint: by its certificate, or by an identity that vouches for it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE = "api://AzureADTokenExchange"
_LONGEST = 600  # seconds that an assertion by certificate may be good for
_REQUIRED = ["iss", "sub", "aud", "exp", "nbf"]

type Refusal = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Federated:
    """A credential of the application: who may vouch for it, and with which key."""

    issuer: str
    subject: str
    key: RSAPublicKey


class ClientProofs:
    """An application that is registered here proves itself with nothing else."""

    def __init__(self) -> None:
        self._registered: dict[str, Certificate | Federated] = {}
        self._used: set[str] = set()

    def register(self, app_id: str, proof: Certificate | Federated) -> None:
        self._registered[app_id] = proof

    def knows(self, app_id: str) -> bool:
        return app_id in self._registered

    def refusal(self, form: Mapping[str, str], *, token_url: str) -> Refusal | None:
        """Entra's number and words; None where the application is who it says."""
        app_id = form["client_id"]
        if form.get("client_assertion_type") != JWT_BEARER or "client_secret" in form:
            return 7000218, "The request body must contain 'client_assertion'."
        assertion, proof = form.get("client_assertion", ""), self._registered[app_id]
        try:
            if isinstance(proof, Federated):
                return _by_identity(assertion, proof)
            return self._by_certificate(assertion, proof, app_id=app_id, token_url=token_url)
        except jwt.PyJWTError:
            return 700027, "The certificate used to sign the client assertion is not registered."

    def _by_certificate(
        self, assertion: str, certificate: Certificate, *, app_id: str, token_url: str
    ) -> Refusal | None:
        shown = jwt.get_unverified_header(assertion).get("x5t#S256")
        digest = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256()))
        if shown != digest.rstrip(b"=").decode():
            return 700027, "The key was not found by its thumbprint."
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            return 700030, "Invalid certificate."
        claims = _verified(assertion, key, algorithm="PS256", aud=token_url)
        if not claims["iss"] == claims["sub"] == app_id:
            return 700021, "Client assertion application identifier doesn't match."
        if claims["exp"] - claims["nbf"] > _LONGEST:
            return 700023, "Client assertion is valid for too long."
        if claims.get("jti") in {None, *self._used}:
            return 700025, "Client assertion was used before."
        self._used.add(claims["jti"])
        return None


def _by_identity(assertion: str, credential: Federated) -> Refusal | None:
    claims = _verified(assertion, credential.key, algorithm="RS256", aud=EXCHANGE)
    if (claims["iss"], claims["sub"]) != (credential.issuer, credential.subject):
        return 700213, "No matching federated identity record found."
    return None


def _verified(assertion: str, key: RSAPublicKey, *, algorithm: str, aud: str) -> dict[str, Any]:
    options: Any = {"require": _REQUIRED, "strict_aud": True}
    return jwt.decode(assertion, key, algorithms=[algorithm], audience=aud, options=options)
