"""The code of a sign-in is exchanged by an application that proves itself, by certificate or by a managed identity."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import jwt
import pytest
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
from dev.sandbox.client_proofs import EXCHANGE, Federated
from shared_code.core.errors import ConfigurationError, NotSignedIn, UpstreamDown
from shared_code.core.ports import Clock
from shared_code.sources.graph.codes import (
    EntraCodes,
    Proof,
    by_certificate,
    by_identity,
    by_secret,
)
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import managed_identity
from tests.sources.entra_stage import Entra

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

    async def redeem(self, proof: Proof, code: str | None = None) -> dict[str, Any]:
        """What the ID token says."""
        codes = EntraCodes(
            self.connections,
            token_url=self.token_url,
            client_id=APP,
            redirect_uri=BACK,
            proof=proof,
        )
        token = await codes.redeem(code or await self.code(), verifier=VERIFIER)
        return jwt.decode(token, options={"verify_signature": False})

    def certificate(self, content: bytes = PEM, **changes: Any) -> Proof:
        said: dict[str, Any] = {"client_id": APP, "token_url": self.token_url, "clock": now}
        return by_certificate(content, **said | changes)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    connections = Connections()
    async with Sandbox([contoso(members=2, guests=2)]) as sandbox:
        yield Door(sandbox, connections)
        await connections.close()


@pytest.fixture
def registered(door: Door) -> Door:
    """The application with its certificate."""
    door.sandbox.proofs.register(APP, CERTIFICATE)
    return door


@pytest.mark.parametrize("content", [PEM, PFX], ids=["PEM", "PFX"])
async def test_the_certificate_proves_the_application(registered: Door, content: bytes) -> None:
    claims = await registered.redeem(registered.certificate(content))

    assert (claims["aud"], claims["nonce"], claims["tid"]) == (APP, "n", contoso().tenant_id)


async def test_an_assertion_is_for_this_endpoint_short_lived_and_new_each_time(door: Door) -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    proof = door.certificate(clock=lambda: at)
    first, second = await proof(), await proof()

    assert set(first) == {"client_assertion_type", "client_assertion"}
    assert first["client_assertion_type"].endswith(":client-assertion-type:jwt-bearer")
    said = [
        jwt.decode(
            each["client_assertion"],
            KEY.public_key(),
            algorithms=["PS256"],
            audience=door.token_url,
            options={"verify_exp": False, "verify_nbf": False},
        )
        for each in (first, second)
    ]
    assert said[0].pop("jti") != said[1].pop("jti")
    stamp = int(at.timestamp())
    expected = {"iss": APP, "sub": APP, "aud": door.token_url, "nbf": stamp, "exp": stamp + 300}
    assert said == [expected, expected]
    header = jwt.get_unverified_header(first["client_assertion"])
    thumbprint = base64.urlsafe_b64encode(CERTIFICATE.fingerprint(hashes.SHA256()))
    assert (header["alg"], header["x5t#S256"]) == ("PS256", thumbprint.rstrip(b"=").decode())


def earlier() -> datetime:
    return now() - timedelta(minutes=6)


def later() -> datetime:
    return now() + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        (pem(OTHER_KEY, certificate_of(OTHER_KEY)), {}),
        (pem(OTHER_KEY, CERTIFICATE), {}),
        (PEM, {"client_id": IDENTITY}),
        (PEM, {"token_url": "https://login.example/token"}),
        (PEM, {"clock": earlier}),
        (PEM, {"clock": later}),
    ],
    ids=["certificate", "key", "application", "endpoint", "expired", "not yet"],
)
async def test_another_assertion_is_refused_and_the_code_stays_good(
    registered: Door, content: bytes, changes: dict[str, str | Clock]
) -> None:
    code = await registered.code()

    with pytest.raises(UpstreamDown) as refused:
        await registered.redeem(registered.certificate(content, **changes), code)

    assert str(refused.value).startswith("sign-in: AADSTS7000")
    assert code not in str(refused.value)
    assert await registered.redeem(registered.certificate(), code)


async def test_an_assertion_is_good_once(registered: Door) -> None:
    kept = await registered.certificate()()

    async def again() -> dict[str, str]:
        return dict(kept)

    assert await registered.redeem(again)
    with pytest.raises(UpstreamDown, match="AADSTS700025"):
        await registered.redeem(again)


async def test_a_secret_is_no_proof_of_an_application_with_a_certificate(registered: Door) -> None:
    with pytest.raises(UpstreamDown, match="AADSTS7000218"):
        await registered.redeem(by_secret("sandbox", token_url=registered.token_url))


async def test_a_proven_application_still_needs_the_code_of_this_sign_in(registered: Door) -> None:
    with pytest.raises(NotSignedIn):
        await registered.redeem(registered.certificate(), "another")


def encrypted() -> bytes:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption  # noqa: PLC0415

    locked = BestAvailableEncryption(b"locked")
    return pkcs12.serialize_key_and_certificates(b"reports", KEY, CERTIFICATE, None, locked)


CURVE = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        CERTIFICATE.public_bytes(Encoding.PEM),
        KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        encrypted(),
        pem(CURVE, certificate_of(CURVE)),
    ],
    ids=["empty", "nonsense", "without a key", "without a certificate", "locked", "not RSA"],
)
async def test_an_unusable_certificate_is_ours_to_mend_and_is_not_quoted(
    door: Door, content: bytes
) -> None:
    with pytest.raises(ConfigurationError) as error:
        await door.certificate(content)()

    assert error.value.__cause__ is None
    assert "BEGIN" not in str(error.value)


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


@pytest.fixture
async def endpoint(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    application = web.Application()
    application.router.add_get("/msi/token", endpoint.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/msi/token"
    monkeypatch.setenv("IDENTITY_ENDPOINT", address)
    monkeypatch.setenv("IDENTITY_HEADER", "of this instance")
    yield endpoint
    await runner.cleanup()


@pytest.fixture
def federated(door: Door) -> Door:
    """The application with a federated credential for the identity."""
    door.sandbox.proofs.register(APP, Federated(ISSUER, SUBJECT, KEY.public_key()))
    return door


async def test_the_managed_identity_vouches_for_the_application(
    federated: Door, endpoint: Endpoint
) -> None:
    proof = by_identity(managed_identity(IDENTITY, connections=federated.connections))

    first, second = await asyncio.gather(federated.redeem(proof), federated.redeem(proof))

    assert (first["aud"], second["tid"]) == (APP, contoso().tenant_id)
    [asked, *more] = endpoint.asked
    assert all(each == asked for each in more)
    assert asked["resource"] == EXCHANGE
    assert asked["client_id"] == IDENTITY
    assert asked["header"] == "of this instance"
    before = len(endpoint.asked)
    assert await federated.redeem(proof)
    assert len(endpoint.asked) == before, "what it shows is kept while it is good"


FOREIGN = {
    "issuer": vouched(iss="https://login.example/another/v2.0"),
    "identity": vouched(sub=IDENTITY),
    "audience": vouched(aud="https://graph.microsoft.com"),
    "expired": vouched(exp=1),
    "not yet": vouched(nbf=9_999_999_999),
    "key": vouched(OTHER_KEY),
    "nothing": "",
    "unsigned": jwt.encode({"iss": ISSUER, "sub": SUBJECT, "aud": EXCHANGE}, "", "none"),
}


@pytest.mark.parametrize("why", FOREIGN)
async def test_what_does_not_vouch_for_the_application_is_refused(
    federated: Door, why: str
) -> None:
    async def assertion() -> str:
        return FOREIGN[why]

    with pytest.raises(UpstreamDown, match="AADSTS700"):
        await federated.redeem(by_identity(assertion))


class Impatient(Entra):
    """Does not wait between attempts."""

    async def sleep(self, duration: float) -> None: ...


async def test_an_identity_that_nobody_answers_for_is_asked_again_later(
    federated: Door, endpoint: Endpoint
) -> None:
    nowhere = Impatient(frozenset(), is_reachable=False)
    assertion = managed_identity(IDENTITY, connections=federated.connections, transport=nowhere)

    with pytest.raises(UpstreamDown):
        await federated.redeem(by_identity(assertion))


async def test_an_identity_that_gets_no_token_is_asked_again_later(
    federated: Door, endpoint: Endpoint
) -> None:
    endpoint.is_ready = False
    proof = by_identity(managed_identity(IDENTITY, connections=federated.connections))

    with pytest.raises(UpstreamDown):
        await federated.redeem(proof)
    endpoint.is_ready = True

    assert await federated.redeem(proof)
