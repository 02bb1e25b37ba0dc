"""Settings: everything that is wrong is named at once, and no value is ever repeated."""

import base64
import os
from collections.abc import Mapping

import pytest

from shared_code import wiring
from shared_code.core.errors import ConfigurationError
from shared_code.settings import read_settings
from shared_code.wiring.build import build

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
PARTNER = "0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60"
APP = "5e8c1f0a-2b7d-4c63-8f19-a4d0b6e7c852"
STORE = (
    "DefaultEndpointsProtocol=https;AccountName=invented;AccountKey=c2VjcmV0LWtleQ==;"
    "EndpointSuffix=core.windows.net"
)
GOOD = {
    "REPORTS_STORAGE": STORE,
    "GRAPH_CLIENT_ID": APP,
    "GRAPH_IDENTITY_CLIENT_ID": "9b1d7c52-3e4f-4a60-8b71-2c3d4e5f6a70",
    "LINK_KEYS": f"k2:{KEY},k1:{KEY[::-1].strip('=') + '='}",
    "PSEUDONYM_KEY": f"p1:{KEY}",
    "PUBLIC_URL": "https://reports.example",
    "PORTAL_AUDIENCE": "api://pro-active-reports",
    "PARTNER_TENANT_ID": PARTNER,
}
IDENTITY_STORE = {
    "REPORTS_STORAGE__blobServiceUri": "https://invented.blob.core.windows.net/",
    "REPORTS_STORAGE__queueServiceUri": "https://invented.queue.core.windows.net",
    "REPORTS_STORAGE__tableServiceUri": "https://invented.table.core.windows.net",
    "REPORTS_STORAGE__clientId": "9b1d7c52-3e4f-4a60-8b71-2c3d4e5f6a70",
}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in GOOD.items() if name not in names}


def problems(values: Mapping[str, str]) -> str:
    with pytest.raises(ConfigurationError) as raised:
        read_settings(values)
    return str(raised.value)


def test_what_is_not_set_has_its_documented_default() -> None:
    settings = read_settings(GOOD)

    assert settings.graph.base_url == "https://graph.microsoft.com/v1.0"
    assert settings.portal.issuer == "https://login.microsoftonline.com/{tid}/v2.0"
    assert settings.link_lifetime.days == 30
    assert settings.brand


def test_storage_may_be_three_addresses_with_an_identity() -> None:
    storage = read_settings(without("REPORTS_STORAGE") | IDENTITY_STORE).storage

    assert storage.connection_string is None
    assert storage.blobs == "https://invented.blob.core.windows.net"
    assert storage.identity == "9b1d7c52-3e4f-4a60-8b71-2c3d4e5f6a70"


def test_everything_that_is_missing_is_named_at_once() -> None:
    named = problems({})

    for name in GOOD:
        assert name in named


@pytest.mark.parametrize("name", GOOD)
def test_an_empty_setting_is_a_missing_one(name: str) -> None:
    assert name in problems(GOOD | {name: ""})


@pytest.mark.parametrize(
    "name", ["REPORTS_STORAGE__queueServiceUri", "REPORTS_STORAGE__tableServiceUri"]
)
def test_two_of_three_storage_addresses_are_not_enough(name: str) -> None:
    values = {n: v for n, v in IDENTITY_STORE.items() if n != name}

    assert name in problems(without("REPORTS_STORAGE") | values)


WRONG = [
    ("PUBLIC_URL", "http://reports.example"),
    ("PUBLIC_URL", "reports.example"),
    ("PUBLIC_URL", "https://"),
    ("PUBLIC_URL", "https://[reports.example"),
    ("PUBLIC_URL", "https://user:password@reports.example"),
    ("PUBLIC_URL", "https://reports.example/?a=b"),
    ("PUBLIC_URL", "https://reports.example/#top"),
    ("PUBLIC_URL", "https://reports.example:port"),
    ("PUBLIC_URL", "https://reports.exam ple"),
    ("PUBLIC_URL", "javascript:alert(1)"),
    ("GRAPH_BASE_URL", "http://graph.example/v1.0"),
    ("GRAPH_BASE_URL", "http://127.0.0.1.example/v1.0"),
    ("PORTAL_KEYS_URL", "http://keys.example"),
    ("PORTAL_KEYS_URL", "file:///etc/passwd"),
    ("LINK_LIFETIME_DAYS", "0"),
    ("LINK_LIFETIME_DAYS", "367"),
    ("LINK_LIFETIME_DAYS", "-1"),
    ("LINK_LIFETIME_DAYS", "a month"),
    ("LINK_LIFETIME_DAYS", "9" * 5000),
    ("LINK_KEYS", "very-secret"),
    ("PSEUDONYM_KEY", "very-secret"),
    ("LINK_KEYS", "k1:c2hvcnQ"),
    ("LINK_KEYS", f"k1:{KEY},k1:{KEY}"),
    ("LINK_KEYS", f"k1:{KEY},"),
    ("GRAPH_CERTIFICATE", "not base64!"),
    ("PARTNER_TENANT_ID", "partner.example"),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda text: text[:30])
def test_a_wrong_setting_is_named_without_its_value(name: str, value: str) -> None:
    values = GOOD | {name: value}
    if name == "GRAPH_CERTIFICATE":
        del values["GRAPH_IDENTITY_CLIENT_ID"]

    named = problems(values)

    assert name in named
    assert value not in named


def test_mistakes_of_every_kind_are_named_together() -> None:
    named = problems(
        GOOD
        | {"LINK_KEYS": "x", "PUBLIC_URL": "x", "PARTNER_TENANT_ID": "x", "PORTAL_AUDIENCE": ""}
    )

    for name in ("LINK_KEYS", "PUBLIC_URL", "PARTNER_TENANT_ID", "PORTAL_AUDIENCE"):
        assert name in named


def test_there_is_exactly_one_way_to_prove_who_we_are() -> None:
    ways = {
        "GRAPH_IDENTITY_CLIENT_ID": APP,
        "GRAPH_CERTIFICATE": KEY,
        "GRAPH_SANDBOX_SECRET": "secret",
    }
    for chosen in ({}, ways, {n: v for n, v in ways.items() if n != "GRAPH_CERTIFICATE"}):
        named = problems(without("GRAPH_IDENTITY_CLIENT_ID") | chosen)
        assert all(name in named for name in ways)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_only_the_own_machine_is_reached_without_encryption(host: str) -> None:
    assert read_settings(GOOD | {"PUBLIC_URL": f"http://{host}:7071/"}).public_url == (
        f"http://{host}:7071"
    )


def test_settings_can_be_printed_without_their_secrets() -> None:
    values = without("GRAPH_IDENTITY_CLIENT_ID") | {"GRAPH_SANDBOX_SECRET": "sandbox-secret"}
    certificate = without("GRAPH_IDENTITY_CLIENT_ID") | {
        "GRAPH_CERTIFICATE": base64.b64encode(b"PRIVATE KEY").decode()
    }

    for printed in map(repr, (read_settings(values), read_settings(certificate))):
        assert "sandbox-secret" not in printed
        assert "PRIVATE KEY" not in printed
        assert "c2VjcmV0" not in printed
        assert KEY not in printed


async def test_a_sandbox_secret_never_goes_to_another_machine() -> None:
    values = without("GRAPH_IDENTITY_CLIENT_ID") | {"GRAPH_SANDBOX_SECRET": "secret"}

    for address in ("https://graph.microsoft.com/v1.0", "https://127.0.0.1.example/v1.0"):
        with pytest.raises(ConfigurationError, match="loopback"):
            build(read_settings(values | {"GRAPH_BASE_URL": address}))


async def test_a_connection_string_that_is_none_is_named_without_its_key() -> None:
    settings = read_settings(GOOD | {"REPORTS_STORAGE": "AccountKey=c2VjcmV0LWtleQ==;nonsense"})

    with pytest.raises(ConfigurationError, match="REPORTS_STORAGE") as raised:
        build(settings)

    assert "c2VjcmV0" not in str(raised.value)
    assert raised.value.__cause__ is None


async def test_in_a_broken_environment_the_app_says_so_once_and_clearly() -> None:
    await wiring.close()
    before = {name: os.environ.pop(name) for name in GOOD if name in os.environ}
    try:
        with pytest.raises(ConfigurationError, match="LINK_KEYS is missing"):
            wiring.services()
    finally:
        os.environ.update(before)


async def test_good_settings_make_services_that_can_be_closed() -> None:
    services = build(read_settings(GOOD))

    await services.close()

    assert "c2VjcmV0" not in repr(services)


def test_telemetry_is_off_unless_it_has_an_address() -> None:
    assert read_settings(GOOD).telemetry is None
    assert read_settings(GOOD | {"OTEL_EXPORTER_OTLP_HEADERS": "api-key=x"}).telemetry is None


def test_telemetry_goes_to_an_address_with_the_headers_it_wants() -> None:
    telemetry = read_settings(
        GOOD
        | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example/",
            "OTEL_EXPORTER_OTLP_HEADERS": "Api-Key=a%20b%2Cc,tenant=ours",
        }
    ).telemetry

    assert telemetry
    assert telemetry.endpoint == "https://collector.example"
    assert telemetry.headers == {"api-key": "a b,c", "tenant": "ours"}
    assert "a b" not in repr(telemetry)


@pytest.mark.parametrize(
    "headers",
    [
        *("secret", "=secret", "key=secret,", "key=sec ret", "k=v,secret"),
        *("key=secret%0A", "key=secret%0D%0Ax:%201", "key=secret%00", "key=secret%E2%82%AC"),
    ],
)
def test_headers_that_are_none_are_named_and_not_repeated(headers: str) -> None:
    said = problems(GOOD | {"OTEL_EXPORTER_OTLP_HEADERS": headers})

    assert "OTEL_EXPORTER_OTLP_HEADERS" in said
    assert "sec" not in said


def test_the_memory_of_an_instance_is_a_number() -> None:
    assert read_settings(GOOD).instance_memory == 2048
    assert read_settings(GOOD | {"INSTANCE_MEMORY_MB": "512"}).instance_memory == 512
    assert "INSTANCE_MEMORY_MB" in problems(GOOD | {"INSTANCE_MEMORY_MB": "much"})


def test_an_unusable_certificate_stops_the_app_while_it_is_indexed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate = base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()
    for name, value in (GOOD | {"GRAPH_CERTIFICATE": certificate}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GRAPH_IDENTITY_CLIENT_ID")

    with pytest.raises(ConfigurationError, match="certificate") as raised:
        wiring.check_settings()

    assert raised.value.__cause__ is None
