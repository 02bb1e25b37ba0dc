"""What the tokens of the tests say."""

import time
from typing import Any

CONTOSO = "11111111-aaaa-4aaa-8aaa-111111111111"
FABRIKAM = "22222222-bbbb-4bbb-8bbb-222222222222"
PARTNER = "99999999-cccc-4ccc-8ccc-999999999999"
AUDIENCE = "api://reports.example"
ISSUER = "https://login.example/{tid}/v2.0"


def issuer(tid: str) -> str:
    return ISSUER.replace("{tid}", tid)


def claims() -> dict[str, Any]:
    """Of a reader at Contoso."""
    now = int(time.time())
    return {
        "iss": issuer(CONTOSO),
        "aud": AUDIENCE,
        "tid": CONTOSO,
        "azp": "44444444-eeee-4eee-8eee-444444444444",
        "oid": "33333333-dddd-4ddd-8ddd-333333333333",
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "roles": ["Reports.Reader"],
        "preferred_username": "ada@contoso.example",
    }
