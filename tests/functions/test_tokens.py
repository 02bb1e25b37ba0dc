"""Every kind of token at every door: nothing but a whole one of its own kind opens."""

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from dev.host.worker import Answer
from tests.functions.browsing import Browser, query_of, signed_in
from tests.functions.house import AUDIENCE, CONTOSO, FABRIKAM, House
from tests.functions.successes import invitation

pytestmark = pytest.mark.asyncio(loop_scope="session")

BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

type Door = Callable[[str], Awaitable[Answer]]


@dataclass(frozen=True)
class Stage:
    """Whole tokens by kind, and doors by the kind that they are for."""

    tokens: dict[str, str]
    doors: dict[str, Door]
    # How a door answers what is not for it; the same for everything.
    refusals: dict[str, int]


@pytest_asyncio.fixture(loop_scope="session")
async def stage(house: House) -> Stage:
    run = await house.delivered()
    browser = Browser(house)
    back = await browser.choose(await browser.begin())
    [(cookie, pending)] = browser.cookies.items()
    state = query_of(back)["state"]
    tokens = {
        "link": await house.token(run),
        "session": (await signed_in(house)).cookies["session"],
        "sign-in": pending,
        "invitation": await invitation(house),
        "access token": house.bearer()["Authorization"].removeprefix("Bearer "),
        "ID token": house.bearer(nonce="n", aud=house.settings["GRAPH_CLIENT_ID"])[
            "Authorization"
        ].removeprefix("Bearer "),
        "state": state,
        "code": query_of(back)["code"],
        "tenant": CONTOSO,
        "run": run.id,
    }
    house.secrets |= set(tokens.values()) - {CONTOSO, run.id}

    def get(path: str, **headers: str) -> Awaitable[Answer]:
        return house.ask("GET", path, headers)

    doors: dict[str, Door] = {
        "link": lambda token: get(f"/r/{quote(token, safe='')}/report.de.html"),
        "session": lambda token: get(f"/portal/{CONTOSO}", Cookie=f"session={token}"),
        "sign-in": lambda token: get(back, Cookie=f"{cookie}={token}"),
        "invitation": lambda token: get(f"/onboarding/{quote(token, safe='')}"),
        "access token": lambda token: get(
            f"/api/tenants/{CONTOSO}/reports", Authorization=f"Bearer {token}"
        ),
    }
    refusals = {
        "link": 410,
        "session": 401,
        "sign-in": 400,
        "invitation": 410,
        "access token": 401,
    }
    return Stage(tokens, doors, refusals)


DOORS = ["link", "session", "sign-in", "invitation", "access token"]


def unseen(answer: Answer) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """All that a caller learns."""
    return answer.status, answer.body, tuple(sorted(answer.headers.items()))


@pytest.mark.parametrize("kind", DOORS)
async def test_a_token_of_another_kind_opens_nothing(house: House, stage: Stage, kind: str) -> None:
    door, own = stage.doors[kind], stage.tokens[kind]
    others = {other: token for other, token in stage.tokens.items() if other != kind}
    versions = {f"{name} as ours": _renamed(token, own) for name, token in others.items()}

    answers = {why: await door(token) for why, token in (others | versions).items()}

    assert {why: a.status for why, a in answers.items()} == dict.fromkeys(
        answers, stage.refusals[kind]
    )
    assert len({unseen(answer) for answer in answers.values()}) == 1
    assert (await door(own)).status in (200, 303)


def _renamed(token: str, own: str) -> str:
    """With the version and the key's name that a token of the right kind has."""
    head = own.split(".")[:2]
    return ".".join([*head, *token.split(".")[2:]])


def spoiled(token: str) -> Iterator[str]:
    """Each character changed, each bit of some, cut at each place, longer, and spelt otherwise."""
    for place, was in enumerate(token):
        following = BASE64[(BASE64.find(was) + 1) % 64]
        for other in {following, was.swapcase(), "."} - {was}:
            yield token[:place] + other + token[place + 1 :]
        yield token[:place] + token[place + 1 :]
        yield token[:place]
    for place in (0, 3, len(token) // 2, len(token) - 2, len(token) - 1):
        for bit in range(8):
            yield token[:place] + chr(ord(token[place]) ^ 1 << bit) + token[place + 1 :]
    yield from (f"{token}{more}" for more in ("=", "==", "A", ".", ".A", "%3D", "\t", "\0"))
    yield from (f"{more}{token}" for more in ("A", ".", "\ufeff", "%"))
    yield from {token.replace("-", "+"), token.replace("_", "/"), token.replace(".", "..")} - {
        token
    }
    yield from {token.upper(), token.lower(), token[::-1], token * 2, f"{token},{token}"}
    *head, last = token.split(".")
    order = BASE64.index(last[-1])
    # The last character of 32 bytes holds two bits that decoding would not look at.
    yield from (".".join([*head, last[:-1] + BASE64[order ^ bits]]) for bits in (1, 2, 3))
    yield ".".join([*head, base64.b64encode(base64.urlsafe_b64decode(f"{last}==")).decode()])


@pytest.mark.parametrize("kind", DOORS)
async def test_a_token_that_differs_in_anything_opens_nothing(
    house: House, stage: Stage, kind: str
) -> None:
    door, token = stage.doors[kind], stage.tokens[kind]
    # Around a cookie and a header white space is nothing, and a semicolon ends a cookie.
    tried = {each for each in spoiled(token) if each.strip().partition(";")[0] not in ("", token)}

    seen = {unseen(await door(each)) for each in tried}

    assert len(tried) > 3 * len(token)
    assert [status for status, _, _ in seen] == [stage.refusals[kind]]
    assert (await door(token)).status in (200, 303)


def signed_otherwise(house: House) -> dict[str, str]:
    """Access tokens that Entra did not sign as it signs ours, by what is wrong with them."""
    key = house.sandbox._key
    good = house.bearer()["Authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = jwt.decode(good, options={"verify_signature": False})
    public = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    other = generate_private_key(public_exponent=65537, key_size=2048)
    brought = RSAAlgorithm.to_jwk(other.public_key(), as_dict=True)
    kid = {"kid": key.kid}
    tokens = {
        "public key as a shared secret": _by_hand(claims, kid | {"alg": "HS256"}, public),
        "other key": jwt.encode(claims, other, "RS256", headers=kid),
        "key brought along": jwt.encode(claims, other, "RS256", headers=kid | {"jwk": brought}),
        "key from elsewhere": jwt.encode(
            claims, other, "RS256", headers={"kid": "x", "jku": "http://127.0.0.1:9/keys"}
        ),
        "unknown key": jwt.encode(claims, key.private, "RS256", headers={"kid": "x"}),
        "no key": jwt.encode(claims, key.private, "RS256"),
        "a path as key": jwt.encode(claims, other, "RS256", headers={"kid": "../../dev/null"}),
        **{
            algorithm: jwt.encode(claims, key.private, algorithm, headers=kid)
            for algorithm in ("RS384", "RS512", "PS256")
        },
        **{
            f"{name!r} without a signature": f"{_part(kid | {'alg': name})}.{good.split('.')[1]}."
            for name in ("none", "None", "NONE", "", "rs256")
        },
        "claims of another": ".".join(
            [good.split(".")[0], _part(claims | {"tid": FABRIKAM}), good.split(".")[2]]
        ),
        "extensions": jwt.encode(
            claims, key.private, "RS256", headers=kid | {"crit": ["x"], "x": 1}
        ),
        "nonsense": "a.b.c",
        "not ascii": "ü.ü.ü",
        "huge": "x" * 100_000,
        "two": f"{good}, Bearer {good}",
        "deep header": f"{_encoded(b'[' * 20_000)}.e30.x",
    }
    return {why: house.seen(token) for why, token in tokens.items()}


def _part(content: object) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _by_hand(claims: object, header: object, secret: bytes) -> str:
    """PyJWT refuses to sign like this, an attacker would not."""
    signed = f"{_part(header)}.{_part(claims)}"
    return f"{signed}.{_encoded(jwt.get_algorithm_by_name('HS256').sign(signed.encode(), secret))}"


async def test_access_tokens_that_are_signed_otherwise_are_refused_alike(house: House) -> None:
    answers = {
        why: await house.ask(
            "GET", f"/api/tenants/{CONTOSO}/reports", {"Authorization": f"Bearer {token}"}
        )
        for why, token in signed_otherwise(house).items()
    }

    assert {why: answer.status for why, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert len({unseen(answer) for answer in answers.values()}) == 1


CLAIMS: dict[str, dict[str, Any]] = {
    "of version 1": {"ver": "1.0", "iss": f"https://sts.windows.net/{CONTOSO}/"},
    "an ID token": {"nonce": "n", "azp": None},
    "an ID token without a nonce": {"azp": None},
    "for several": {"aud": [AUDIENCE, "api://another"]},
    "for nobody": {"aud": []},
    "for one like us": {"aud": AUDIENCE + "/"},
    "for us in capitals": {"aud": AUDIENCE.upper()},
    "of an issuer like ours": {"iss": f"https://login.example/{CONTOSO}/v2.0"},
    "of the common issuer": {"iss": "{origin}/common/v2.0"},
    "of another's issuer": {"iss": "{origin}/" + FABRIKAM + "/v2.0"},
    "of a template": {"iss": "{origin}/{tid}/v2.0"},
    "tenant in capitals": {"tid": CONTOSO.upper()},
    "two tenants": {"tid": [CONTOSO, FABRIKAM]},
    "roles as text": {"roles": "Reports.Reader Reports.Engineer"},
    "roles as object": {"roles": {"Reports.Reader": True}},
    "not yet issued": {"iat": 9_999_999_999},
    "expired": {"exp": 1},
    "not yet": {"nbf": 9_999_999_999},
    "for ever": {"exp": None},
    "expiry as text": {"exp": "tomorrow"},
    **{f"without {name}": {name: None} for name in ("iss", "aud", "tid", "oid", "iat", "nbf")},
}


@pytest.mark.parametrize("why", CLAIMS)
async def test_access_tokens_that_say_something_else_are_refused(house: House, why: str) -> None:
    said: dict[str, Any] = {
        name: value.replace("{origin}", house.sandbox.origin) if isinstance(value, str) else value
        for name, value in CLAIMS[why].items()
    }
    answer = await house.ask("GET", f"/api/tenants/{CONTOSO}/reports", house.bearer(**said))

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "roles",
    [
        [],
        ["Reports.Engineer"],
        ["reports.reader"],
        ["Reports.Reader "],
        ["Reports.Reader.All"],
        [["Reports.Reader"]],
        [None],
    ],
    ids=str,
)
async def test_roles_that_are_none_of_ours_here_open_nothing(
    house: House, roles: list[Any]
) -> None:
    sent = house.bearer(roles=roles)
    assert (await house.ask("GET", f"/api/tenants/{CONTOSO}/reports", sent)).status == 403
    assert (await house.ask("GET", f"/portal/{CONTOSO}", sent)).status == 403
