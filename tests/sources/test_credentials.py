"""Credentials: one network call per token, one tenant per credential, no secret outside the loopback."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import ClientAuthenticationError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from shared_code.core.errors import (
    AccessBlocked,
    ConfigurationError,
    ConsentMissing,
    TenantGone,
    UpstreamDown,
)
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.codes import certificate_end
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import (
    EntraIssuer,
    SandboxIssuer,
    certificate_issuer,
    federated_issuer,
)
from shared_code.sources.graph.tokens import Tokens
from tests.sources.entra_stage import Entra
from tests.sources.stage import CONTOSO, FABRIKAM, Stub, Timeline, raw

APP = "0f7f1a52-54ab-4c0f-bb6d-0a4e1a3f5b11"


def now() -> datetime:
    return datetime.now(UTC)


class Identity:
    """A managed identity whose assertion changes every time."""

    def __init__(self) -> None:
        self.shown = 0

    async def __call__(self) -> str:
        self.shown += 1
        return f"assertion-{self.shown}"


def federated(entra: Entra) -> EntraIssuer:
    return federated_issuer(APP, Identity(), connections=Connections(), transport=entra)


async def test_one_network_call_per_token_and_none_from_the_cache() -> None:
    entra = Entra(frozenset({CONTOSO, FABRIKAM}))
    tokens = Tokens(federated(entra), clock=now)
    for _ in range(3):
        assert await tokens.token(CONTOSO) == f"{CONTOSO}-1"
        assert await tokens.token(FABRIKAM) == f"{FABRIKAM}-2"
    assert entra.asked == [CONTOSO, FABRIKAM]


async def test_the_assertion_of_the_managed_identity_is_what_entra_gets() -> None:
    entra = Entra(frozenset({CONTOSO}))
    await federated(entra).issue(CONTOSO)
    form = entra.forms[0]
    assert form["client_assertion"] == "assertion-1"
    assert form["client_id"] == APP
    assert form["scope"] == "https://graph.microsoft.com/.default"
    assert form["grant_type"] == "client_credentials"
    assert "client_secret" not in form


async def test_a_refused_token_is_replaced_by_a_new_one_with_a_new_assertion() -> None:
    entra = Entra(frozenset({CONTOSO}))
    tokens = Tokens(federated(entra), clock=now)
    tokens.drop(CONTOSO, await tokens.token(CONTOSO))
    assert await tokens.token(CONTOSO) == f"{CONTOSO}-2"
    assert entra.forms[1]["client_assertion"] == "assertion-2"


async def test_a_credential_is_good_for_its_own_tenant_only() -> None:
    from azure.identity.aio import ClientAssertionCredential  # noqa: PLC0415

    entra = Entra(frozenset({CONTOSO, FABRIKAM}))
    made: list[ClientAssertionCredential] = []

    def credential(tenant_id: TenantId) -> ClientAssertionCredential:
        made.append(ClientAssertionCredential(tenant_id, APP, lambda: "a", transport=entra))
        return made[-1]

    await EntraIssuer(credential).issue(CONTOSO)
    with pytest.raises(ClientAuthenticationError):
        await made[0].get_token("https://graph.microsoft.com/.default", tenant_id=FABRIKAM)
    assert entra.asked == [CONTOSO]


async def test_credentials_are_bounded_and_the_longest_unused_goes_first() -> None:
    entra = Entra(frozenset({"a", "b", "c"}))
    issuer = federated(entra)
    issuer._most = 2
    for tenant in ("a", "b", "a", "c"):
        await issuer.issue(TenantId(tenant))
    assert list(issuer._credentials) == ["a", "c"]


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        ((400, "unauthorized_client", 7000229), ConsentMissing),
        ((400, "invalid_request", 90002), TenantGone),
        ((400, "invalid_grant", 53003), AccessBlocked),
        ((401, "invalid_client", 700213), ConfigurationError),
        ((503, "temporarily_unavailable", 90033), UpstreamDown),
    ],
)
async def test_entras_refusals_are_translated(
    refusal: tuple[int, str, int], expected: type[Exception]
) -> None:
    entra = Entra(frozenset({CONTOSO}), refusals={CONTOSO: refusal})
    with pytest.raises(expected):
        await federated(entra).issue(CONTOSO)
    assert len(entra.asked) == 1


async def test_an_entra_that_does_not_answer_is_an_outage() -> None:
    entra = Entra(frozenset({CONTOSO}), is_reachable=False)
    with pytest.raises(UpstreamDown):
        await federated(entra).issue(CONTOSO)


def pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "reports")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now()).not_valid_after(now() + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


async def test_a_certificate_signs_the_assertion_itself() -> None:
    entra = Entra(frozenset({CONTOSO}))
    issuer = certificate_issuer(APP, pem(), connections=Connections(), transport=entra)
    assert (await issuer.issue(CONTOSO)).text == f"{CONTOSO}-1"
    assert entra.forms[0]["client_assertion"].count(".") == 2


class Heard(logging.Handler):
    """At the root, as the Functions worker listens; caplog hears what does not get there."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args}")


async def test_no_log_holds_what_is_shown_given_or_said_at_the_sign_in(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("", "azure", "azure.identity", "azure.core", "msal"):
        caplog.set_level(logging.DEBUG, logger=name)
    entra = Entra(frozenset({CONTOSO, FABRIKAM}))
    entra.refusals[FABRIKAM] = (400, "unauthorized_client", 700016)
    certificate = certificate_issuer(APP, pem(), connections=Connections(), transport=entra)
    heard = Heard()
    logging.getLogger().addHandler(heard)
    try:
        for issuer in (federated(entra), certificate):
            await issuer.issue(CONTOSO)
            with pytest.raises(ConsentMissing):
                await issuer.issue(FABRIKAM)
    finally:
        logging.getLogger().removeHandler(heard)

    said = "\n".join(heard.lines)
    assert "Request URL" in said
    assert not [
        form["client_assertion"] for form in entra.forms if form["client_assertion"] in said
    ]
    for secret in (f"{CONTOSO}-", "Contoso GmbH", "PRIVATE KEY"):
        assert secret not in said


def test_a_certificate_says_when_it_ends() -> None:
    left = certificate_end(pem()) - now()

    assert timedelta(hours=23) < left <= timedelta(days=1)


async def test_an_unusable_certificate_is_ours_to_mend() -> None:
    entra = Entra(frozenset({CONTOSO}))
    issuer = certificate_issuer(APP, b"nonsense", connections=Connections(), transport=entra)
    with pytest.raises(ConfigurationError, match="certificate"):
        await issuer.issue(CONTOSO)


async def test_azure_identity_sends_through_our_own_connections() -> None:
    answer = b'{"token_type": "Bearer", "expires_in": 3599, "access_token": "t"}'
    async with Stub([raw(answer, Content_Type="application/json")]) as entra:
        connections = Connections()
        from azure.core.rest import HttpRequest  # noqa: PLC0415

        from shared_code.sources.graph.azure_transport import SharedTransport  # noqa: PLC0415

        transport = SharedTransport(connections)
        for _ in range(2):
            async with transport:
                response = await transport.send(HttpRequest("POST", f"{entra.origin}/token"))
                assert response.json()["access_token"] == "t"
        await transport.close()
        assert not connections.session().closed
        await connections.close()


def sandbox(base_url: str, connections: Connections, time: Timeline) -> SandboxIssuer:
    return SandboxIssuer(connections, base_url=base_url, app_id=APP, secret="s", clock=time.clock)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://graph.microsoft.com/v1.0",
        "https://127.0.0.1/v1.0",
        "http://127.0.0.1.evil.example/v1.0",
        "http://127.0.0.1@evil.example/v1.0",
        "http://localhost.evil.example/v1.0",
        "http://10.0.0.1/v1.0",
        "http://0.0.0.0/v1.0",
        "127.0.0.1",
        "",
    ],
)
def test_a_secret_is_refused_unless_graph_is_on_this_machine(base_url: str) -> None:
    with pytest.raises(ConfigurationError, match="loopback"):
        sandbox(base_url, Connections(), Timeline())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_secret_is_taken_for_the_loopback(host: str) -> None:
    assert sandbox(f"http://{host}:8181/v1.0", Connections(), Timeline())


async def test_the_sandbox_issues_tokens_for_a_secret() -> None:
    answer = b'{"token_type": "Bearer", "expires_in": 60, "access_token": "t"}'
    refused = raw(b'{"error": "unauthorized_client", "error_codes": [700016]}', status=400)
    async with Stub([raw(answer), refused]) as login:
        connections, time = Connections(), Timeline()
        issuer = sandbox(login.base_url, connections, time)
        token = await issuer.issue(CONTOSO)
        assert (token.text, token.expires) == ("t", time.clock() + timedelta(seconds=60))
        assert login.paths == [f"/{CONTOSO}/oauth2/v2.0/token"]
        with pytest.raises(ConsentMissing):
            await issuer.issue(FABRIKAM)
        await connections.close()
