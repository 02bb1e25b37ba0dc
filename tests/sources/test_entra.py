"""Entra's refusals become the error of whoever acts: customer, Microsoft or we."""

import pytest

from shared_code.core.errors import (
    AccessBlocked,
    ApplicationDisabled,
    ConfigurationError,
    ConsentMissing,
    ReportingError,
    TenantGone,
    Throttled,
    UpstreamDown,
)
from shared_code.sources.graph.entra import LoginRefusal, login_error, read_login_refusal
from tests.sources.stage import CONTOSO


@pytest.mark.parametrize(
    ("error", "codes", "status", "expected"),
    [
        ("unauthorized_client", (700016,), 400, ConsentMissing),
        ("unauthorized_client", (7000229,), 400, ConsentMissing),
        ("invalid_grant", (65001,), 400, ConsentMissing),
        ("invalid_client", (650051,), 400, ConsentMissing),
        ("invalid_client", (650052,), 400, ConsentMissing),
        ("invalid_client", (650056,), 400, ConsentMissing),
        ("unauthorized_client", (7000112,), 401, ApplicationDisabled),
        ("unauthorized_client", (70001,), 400, ApplicationDisabled),
        ("invalid_request", (90002,), 400, TenantGone),
        ("invalid_request", (900023,), 400, TenantGone),
        ("invalid_request", (5000224,), 400, TenantGone),
        ("invalid_grant", (53003,), 400, AccessBlocked),
        ("access_denied", (53003,), 403, AccessBlocked),
        ("invalid_client", (70021,), 401, ConfigurationError),
        ("invalid_client", (700211,), 401, ConfigurationError),
        ("invalid_client", (700212,), 401, ConfigurationError),
        ("invalid_client", (700213,), 401, ConfigurationError),
        ("invalid_client", (7000215,), 401, ConfigurationError),
        ("invalid_client", (7000222,), 401, ConfigurationError),
        ("invalid_client", (700027,), 401, ConfigurationError),
        ("invalid_client", (7000213,), 401, ConfigurationError),
        ("temporarily_unavailable", (90033,), 503, UpstreamDown),
        ("temporarily_unavailable", (700016,), 400, UpstreamDown),
        ("server_error", (90006,), 500, UpstreamDown),
        ("invalid_request", (90024,), 400, UpstreamDown),
        ("invalid_request", (90090,), 400, UpstreamDown),
        ("invalid_request", (90055,), 400, Throttled),
        ("", (), 429, Throttled),
        ("", (), 502, UpstreamDown),
        # Codes change: the error is left to go by, and without it, trying again.
        ("unauthorized_client", (99999999,), 400, ConsentMissing),
        ("invalid_client", (99999999,), 401, ConfigurationError),
        ("invalid_grant", (99999999,), 400, UpstreamDown),
        ("interaction_required", (), 400, UpstreamDown),
        ("invalid_request", (99999999, 7000229), 400, ConsentMissing),
    ],
)
def test_a_refusal_says_who_acts(
    error: str, codes: tuple[int, ...], status: int, expected: type[ReportingError]
) -> None:
    assert type(login_error(CONTOSO, LoginRefusal(error, codes, status))) is expected


def test_the_message_has_tenant_and_codes_and_nothing_that_entra_wrote() -> None:
    body = (
        b'{"error": "unauthorized_client", "error_codes": [700016], "error_description":'
        b' "AADSTS700016: Application of Erika Mustermann"}'
    )
    error = login_error(CONTOSO, read_login_refusal(400, body))
    assert str(error) == f"sign-in to {CONTOSO}: AADSTS700016"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 5}', b"\xff"])
def test_an_answer_that_is_not_entras_is_an_outage(body: bytes) -> None:
    assert type(login_error(CONTOSO, read_login_refusal(400, body))) is UpstreamDown
