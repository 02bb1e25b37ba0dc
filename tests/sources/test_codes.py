"""The code of a sign-in is exchanged by an application that proves itself, by certificate or by a managed identity."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from dev.sandbox import Sandbox, contoso
from dev.sandbox.client_proofs import EXCHANGE, Federated
from shared_code.core.errors import ConfigurationError, NotSignedIn, UpstreamDown
from shared_code.core.ports import Clock
from shared_code.sources.graph.codes import (
    by_identity,
    by_secret,
)
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import managed_identity
from tests.sources.code_stage import (
    APP,
    CERTIFICATE,
    IDENTITY,
    ISSUER,
    KEY,
    OTHER_KEY,
    PEM,
    PFX,
    SUBJECT,
    Door,
    Endpoint,
    certificate_of,
    now,
    pem,
    vouched,
)
from tests.sources.entra_stage import Entra


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
