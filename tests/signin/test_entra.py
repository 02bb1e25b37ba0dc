"""Sign-in: whom it believes, what they may read, and that its refusals say nothing."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared_code.core.caller import Caller
from shared_code.core.errors import NotSignedIn
from shared_code.core.tenant import TenantId
from shared_code.signin.entra import EntraSignIn
from shared_code.signin.keys import SigningKeys
from tests.signin import AUDIENCE, CONTOSO, FABRIKAM, ISSUER, PARTNER, claims, issuer
from tests.signin.conftest import LoopbackEntra

HOUR = 3600


@pytest.fixture
def sign_in(entra: LoopbackEntra) -> EntraSignIn:
    keys = SigningKeys(entra.url)
    return EntraSignIn(keys, audience=AUDIENCE, issuer=ISSUER, partner_tenant=PARTNER.upper())


async def _caller(sign_in: EntraSignIn, token: str) -> Caller:
    return await sign_in.caller(f"Bearer {token}")


async def _refused(sign_in: EntraSignIn, token: str) -> None:
    with pytest.raises(NotSignedIn) as caught:
        await _caller(sign_in, token)
    error = caught.value
    assert error.__cause__ is None
    quotable = {*token.split("."), token, CONTOSO, FABRIKAM, AUDIENCE, "ada@", "login.example"}
    assert not [text for text in quotable if text and text in str(error)]


async def test_a_reader_reads_its_own_tenant_only(
    entra: LoopbackEntra, sign_in: EntraSignIn
) -> None:
    caller = await _caller(sign_in, entra.token())

    assert (caller.tenant_id, caller.is_reader, caller.is_engineer) == (CONTOSO, True, False)
    assert caller.object_id == claims()["oid"]
    assert caller.may_read(TenantId(CONTOSO))
    assert not caller.may_read(TenantId(FABRIKAM))


async def test_a_key_signs_for_the_tenants_it_is_published_for(
    entra: LoopbackEntra, sign_in: EntraSignIn
) -> None:
    """A stolen key of personal accounts has signed tokens for companies before."""
    for kid, said in {
        "every": ISSUER.replace("{tid}", "{tenantid}"),
        "ours": issuer(CONTOSO),
        "theirs": issuer(FABRIKAM),
        "elsewhere": "https://login.elsewhere.example/{tenantid}/v2.0",
    }.items():
        entra.publish(kid)
        entra.issuers[kid] = said

    for kid in ("every", "ours"):
        assert (await _caller(sign_in, entra.token(kid))).tenant_id == CONTOSO
    for kid in ("theirs", "elsewhere"):
        await _refused(sign_in, entra.token(kid))


async def test_the_partners_engineer_reads_all_tenants(
    entra: LoopbackEntra, sign_in: EntraSignIn
) -> None:
    token = entra.token(tid=PARTNER, iss=issuer(PARTNER), roles=["Reports.Engineer"])

    caller = await _caller(sign_in, token)

    assert (caller.is_reader, caller.is_engineer) == (False, True)
    assert caller.may_read(TenantId(CONTOSO))


async def test_an_engineer_role_from_a_foreign_tenant_counts_for_nothing(
    entra: LoopbackEntra, sign_in: EntraSignIn
) -> None:
    caller = await _caller(sign_in, entra.token(roles=["Reports.Engineer"]))

    assert not caller.is_engineer
    assert not caller.may_read(TenantId(CONTOSO))


async def test_nobody_without_a_role_reads_anything(
    entra: LoopbackEntra, sign_in: EntraSignIn
) -> None:
    caller = await _caller(sign_in, entra.token(roles=None))

    assert not caller.may_read(TenantId(CONTOSO))


async def test_clocks_may_differ_by_a_minute(entra: LoopbackEntra, sign_in: EntraSignIn) -> None:
    now = int(time.time())

    assert await _caller(sign_in, entra.token(nbf=now + 50, iat=now + 50))
    assert await _caller(sign_in, entra.token(exp=now - 50))


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "token"])
async def test_no_token_is_not_signed_in(sign_in: EntraSignIn, authorization: str | None) -> None:
    with pytest.raises(NotSignedIn):
        await sign_in.caller(authorization)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://login.evil.example/x/v2.0"},
        {"iss": issuer(FABRIKAM)},
        {"tid": FABRIKAM},
        {"tid": CONTOSO.upper(), "iss": issuer(CONTOSO.upper())},
        {"tid": "../x", "iss": issuer("../x")},
        {"tid": [CONTOSO]},
        {"aud": "api://other.example"},
        {"roles": "Reports.Reader"},
        {"oid": ""},
        *({name: None} for name in ("exp", "iat", "nbf", "iss", "aud", "tid", "oid")),
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_is_refused(
    entra: LoopbackEntra, sign_in: EntraSignIn, changed: dict[str, Any]
) -> None:
    await _refused(sign_in, entra.token(**changed))


@pytest.mark.parametrize(("name", "seconds"), [("exp", -HOUR), ("nbf", HOUR), ("iat", HOUR)])
async def test_a_token_of_another_time_is_refused(
    entra: LoopbackEntra, sign_in: EntraSignIn, name: str, seconds: int
) -> None:
    await _refused(sign_in, entra.token(**{name: int(time.time()) + seconds}))


async def test_another_key_under_a_known_name_is_refused(sign_in: EntraSignIn) -> None:
    forged = generate_private_key(public_exponent=65537, key_size=2048)

    await _refused(sign_in, jwt.encode(claims(), forged, "RS256", headers={"kid": "k1"}))


async def test_an_unknown_key_name_is_refused(
    entra: LoopbackEntra, sign_in: EntraSignIn, first_key: RSAPrivateKey
) -> None:
    await _refused(sign_in, jwt.encode(claims(), first_key, "RS256", headers={"kid": "kX"}))
    await _refused(sign_in, jwt.encode(claims(), first_key, "RS256"))


async def test_our_public_key_is_no_shared_secret(
    sign_in: EntraSignIn, first_key: RSAPrivateKey
) -> None:
    public = first_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    # PyJWT refuses to sign like this, an attacker would not.
    hs256 = jwt.get_algorithm_by_name("HS256")
    signed = ".".join((_part({"alg": "HS256", "kid": "k1"}), _part(claims())))
    signature = hs256.sign(signed.encode(), public)
    encoded = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()

    await _refused(sign_in, f"{signed}.{encoded}")


async def test_an_unsigned_token_is_refused(sign_in: EntraSignIn) -> None:
    for algorithm in ("none", "None", ""):
        header = _part({"alg": algorithm, "kid": "k1"})
        await _refused(sign_in, f"{header}.{_part(claims())}.")


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "....", "ä.ö.ü", "e30.e30.e30", "=.=.="])
async def test_what_is_no_token_is_refused(sign_in: EntraSignIn, token: str) -> None:
    with pytest.raises(NotSignedIn):
        await _caller(sign_in, token)


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
