"""Codes of sign-ins, exchanged for ID tokens at Entra's token endpoint; the application proves itself."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import aiohttp
import jwt
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from yarl import URL

from shared_code.core.errors import ConfigurationError, NotSignedIn, UpstreamDown
from shared_code.core.loopback import LOOPBACK
from shared_code.core.ports import Clock
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import Assertion
from shared_code.sources.graph.entra import read_login_refusal

_LIFETIME = timedelta(minutes=5)
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

type ClientAuthentication = Callable[[], Awaitable[Mapping[str, str]]]
"""The fields of a token request that show that the application is ours."""


class _Issued(msgspec.Struct):
    id_token: str


class EntraCodes:
    def __init__(
        self,
        connections: Connections,
        *,
        token_url: str,
        client_id: str,
        redirect_uri: str,
        authentication: ClientAuthentication,
    ) -> None:
        self._connections = connections
        self._url = token_url
        self._form = {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid",
        }
        self._authentication = authentication

    async def redeem(self, code: str, *, verifier: str) -> str:
        form = {
            **self._form,
            "code": code,
            "code_verifier": verifier,
            **await self._authentication(),
        }
        try:
            async with self._connections.session().post(
                self._url, data=form, allow_redirects=False
            ) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UpstreamDown(f"sign-in: {type(error).__name__}") from error
        if status != HTTPStatus.OK:
            raise _refused(status, body)
        try:
            return msgspec.json.decode(body, type=_Issued).id_token
        except msgspec.MsgspecError:
            raise UpstreamDown("sign-in: no ID token in the answer") from None


def _refused(status: int, body: bytes) -> Exception:
    refusal = read_login_refusal(status, body)
    codes = " ".join(f"AADSTS{code}" for code in refusal.codes)
    words = f"sign-in: {codes or refusal.error or status}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return UpstreamDown(words)
    return UpstreamDown(words) if refusal.error == "invalid_client" else NotSignedIn(words)


def by_secret(secret: str, *, token_url: str) -> ClientAuthentication:
    """Of the sandbox, and for that reason only for a login on this very machine."""
    url = URL(token_url)

    async def authentication() -> Mapping[str, str]:
        if url.scheme != "http" or url.host not in LOOPBACK:
            raise ConfigurationError("a client secret is for a login URL on the loopback only")
        return {"client_secret": secret}

    return authentication


def by_identity(assertion: Assertion) -> ClientAuthentication:
    """A managed identity of ours vouches for the application."""

    async def authentication() -> Mapping[str, str]:
        return {"client_assertion_type": _ASSERTION, "client_assertion": await assertion()}

    return authentication


def by_certificate(
    certificate: bytes, *, client_id: str, token_url: str, clock: Clock
) -> ClientAuthentication:
    """`certificate` is PEM or PFX with its private key."""

    async def authentication() -> Mapping[str, str]:
        key, thumbprint = _key_of(certificate)
        now = clock()
        claims = {
            "aud": token_url,
            "iss": client_id,
            "sub": client_id,
            "jti": str(uuid4()),
            "nbf": now,
            "exp": now + _LIFETIME,
        }
        signed = jwt.encode(claims, key, "PS256", headers={"x5t#S256": thumbprint})
        return {"client_assertion_type": _ASSERTION, "client_assertion": signed}

    return authentication


def certificate_end(content: bytes) -> datetime:
    """Raises ConfigurationError."""
    return _read(content)[1].not_valid_after_utc


def _key_of(content: bytes) -> tuple[RSAPrivateKey, str]:
    key, certificate = _read(content)
    print_ = base64.urlsafe_b64encode(certificate.fingerprint(hashes.SHA256()))
    return key, print_.rstrip(b"=").decode()


def _read(content: bytes) -> tuple[RSAPrivateKey, x509.Certificate]:
    try:
        if b"-----BEGIN" in content:
            key = load_pem_private_key(content, None)
            certificate = x509.load_pem_x509_certificate(content)
        else:
            key, certificate, _ = pkcs12.load_key_and_certificates(content, None)
    except (ValueError, TypeError):
        key, certificate = None, None
    if not isinstance(key, RSAPrivateKey) or certificate is None:
        # Without the cause: it could quote the key.
        raise ConfigurationError("the certificate or its password is unusable") from None
    return key, certificate
