"""A sign-in at the sandbox up to its code, certificates, and the endpoint of a managed identity."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from dev.sandbox import Sandbox, contoso
from dev.sandbox.client_proofs import EXCHANGE
from shared_code.sources.graph.codes import (
    ClientAuthentication,
    EntraCodes,
    by_certificate,
)
from shared_code.sources.graph.connections import Connections

APP = "5e8c1f0a-2b7d-4c63-8f19-a4d0b6e7c852"
IDENTITY = "9a3c7e10-6b2d-4f58-8c41-d0e5f6a7b812"
ISSUER = "https://login.example/partner/v2.0"
SUBJECT = "1c5f0a9e-7d3b-4e62-9f84-b0a1c2d3e4f5"
BACK = "http://127.0.0.1:7071/signin/callback"
VERIFIER = "v" * 43
PERSON = f"{contoso().tenant_id}~Reports.Reader"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def now() -> datetime:
    return datetime.now(UTC)


def certificate_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "reports")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, certificate: x509.Certificate
) -> bytes:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


CERTIFICATE = certificate_of(KEY)
PEM = pem(KEY, CERTIFICATE)
PFX = pkcs12.serialize_key_and_certificates(b"reports", KEY, CERTIFICATE, None, NoEncryption())


class Door:
    """A sign-in at the sandbox up to the code, and its exchange."""

    def __init__(self, sandbox: Sandbox, connections: Connections) -> None:
        self.sandbox, self.connections = sandbox, connections
        self.token_url = f"{sandbox.login_url}/organizations/oauth2/v2.0/token"

    async def code(self) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
        query = {
            "client_id": APP,
            "response_type": "code",
            "redirect_uri": BACK,
            "scope": "openid",
            "state": "s",
            "nonce": "n",
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "person": PERSON,
        }
        address = f"{self.sandbox.login_url}/organizations/oauth2/v2.0/authorize?{urlencode(query)}"
        async with (
            aiohttp.ClientSession() as session,
            session.get(address, allow_redirects=False) as answer,
        ):
            return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    async def redeem(self, proof: ClientAuthentication, code: str | None = None) -> dict[str, Any]:
        """What the ID token says."""
        codes = EntraCodes(
            self.connections,
            token_url=self.token_url,
            client_id=APP,
            redirect_uri=BACK,
            authentication=proof,
        )
        token = await codes.redeem(code or await self.code(), verifier=VERIFIER)
        return jwt.decode(token, options={"verify_signature": False})

    def certificate(self, content: bytes = PEM, **changes: Any) -> ClientAuthentication:
        said: dict[str, Any] = {"client_id": APP, "token_url": self.token_url, "clock": now}
        return by_certificate(content, **said | changes)


def vouched(key: rsa.RSAPrivateKey = KEY, **changes: object) -> str:
    """What a managed identity gets to show, as Entra signs it."""
    at = int(now().timestamp())
    said = {"iss": ISSUER, "sub": SUBJECT, "aud": EXCHANGE, "nbf": at, "iat": at, "exp": at + 3600}
    return jwt.encode({**said, **changes}, key, "RS256")


class Endpoint:
    """Where App Service gives tokens of its identities, as the host's environment names it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.assertion = vouched()
        self.is_ready = True

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append({**request.query, "header": request.headers["X-IDENTITY-HEADER"]})
        body = {
            "access_token": self.assertion,
            "expires_on": str(int(now().timestamp()) + 86_400),
            "resource": EXCHANGE,
            "token_type": "Bearer",
        }
        if not self.is_ready:
            return web.json_response({"statusCode": 400, "message": "not yet"}, status=400)
        return web.json_response(body)
