"""Tokens are asked for once, renewed in time and never mixed up."""

import asyncio
from base64 import urlsafe_b64encode
from typing import Any, cast

import jwt
import pytest

from shared_code.core.errors import ConsentMissing, UpstreamDown
from shared_code.sources.graph.roles import roles_of
from shared_code.sources.graph.tokens import Tokens
from tests.sources.stage import CONTOSO, FABRIKAM, CountingIssuer, Staged, Timeline, page


def tokens_at(time: Timeline, *, lifetime: float = 3600) -> tuple[Tokens, CountingIssuer]:
    issuer = CountingIssuer(time.clock, lifetime=lifetime)
    return Tokens(issuer, clock=time.clock), issuer


def readable(claims: object) -> str:
    return jwt.encode(cast("Any", claims), "k" * 32, algorithm="HS256")


def test_the_permissions_of_a_token_are_read_where_they_can_be() -> None:
    assert roles_of(readable({"roles": ["A.Read.All", "B.Read.All"]})) == {
        "A.Read.All",
        "B.Read.All",
    }
    assert roles_of(readable({"roles": []})) == frozenset()


def encoded(text: bytes) -> str:
    return f"x.{urlsafe_b64encode(text).decode().rstrip('=')}.x"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "token-1",
        "a.b.c.d.e",
        "..",
        "x.ä.x",
        "x.?.x",
        readable({"scp": "User.Read"}),
        readable({"roles": "User.Read.All"}),
        readable({"roles": [1]}),
        encoded(b"[]"),
        encoded(b"\xff"),
        encoded(b'{"a":' * 50_000),
    ],
    ids=range(12),
)
def test_a_token_that_cannot_be_read_says_nothing(token: str) -> None:
    assert roles_of(token) is None


async def test_one_token_serves_all_callers_of_a_tenant() -> None:
    tokens, issuer = tokens_at(Timeline())
    assert set(await asyncio.gather(*(tokens.token(CONTOSO) for _ in range(50)))) == {"token-1"}
    assert await tokens.token(FABRIKAM) == "token-2"
    assert issuer.issued == [CONTOSO, FABRIKAM]


@pytest.mark.parametrize(
    ("lifetime", "age", "renewed"),
    [(3600, 3299, False), (3600, 3301, True), (60, 29, False), (60, 31, True)],
)
async def test_a_token_is_renewed_five_minutes_early_or_at_half_its_life(
    lifetime: float, age: float, *, renewed: bool
) -> None:
    time = Timeline()
    tokens, issuer = tokens_at(time, lifetime=lifetime)
    await tokens.token(CONTOSO)
    time.pass_by(age)
    await tokens.token(CONTOSO)
    assert (len(issuer.issued) == 2) is renewed


async def test_an_outage_at_renewal_goes_unnoticed_while_the_old_token_is_good() -> None:
    time = Timeline()
    tokens, issuer = tokens_at(time)
    await tokens.token(CONTOSO)
    time.pass_by(3400)
    issuer.failures = [UpstreamDown("x"), ConsentMissing("x")]
    assert await tokens.token(CONTOSO) == "token-1"
    with pytest.raises(ConsentMissing):
        await tokens.token(CONTOSO)
    time.pass_by(300)
    issuer.failures = [UpstreamDown("x")]
    with pytest.raises(UpstreamDown):
        await tokens.token(CONTOSO)


async def test_all_callers_get_the_same_failure_and_the_next_one_asks_again() -> None:
    tokens, issuer = tokens_at(Timeline())
    issuer.failures = [UpstreamDown("x")]
    results = await asyncio.gather(
        *(tokens.token(CONTOSO) for _ in range(5)), return_exceptions=True
    )
    assert {type(result) for result in results} == {UpstreamDown}
    assert await tokens.token(CONTOSO) == "token-2"


async def test_a_caller_that_gives_up_does_not_take_the_token_from_the_others() -> None:
    tokens, _ = tokens_at(Timeline())
    first = asyncio.create_task(tokens.token(CONTOSO))
    second = asyncio.create_task(tokens.token(CONTOSO))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "token-1"


async def test_only_the_refused_token_is_dropped() -> None:
    tokens, issuer = tokens_at(Timeline())
    await tokens.token(CONTOSO)
    tokens.drop(CONTOSO, "token-0")
    assert await tokens.token(CONTOSO) == "token-1"
    tokens.drop(CONTOSO, "token-1")
    assert issuer.forgotten == [CONTOSO]
    assert await tokens.token(CONTOSO) == "token-2"


async def test_expired_tokens_are_forgotten() -> None:
    time = Timeline()
    tokens, _ = tokens_at(time)
    await tokens.token(CONTOSO)
    time.pass_by(4000)
    await tokens.token(FABRIKAM)
    assert list(tokens._held) == [FABRIKAM]


async def test_a_sign_in_that_fails_for_a_moment_is_tried_again_by_the_source() -> None:
    async with Staged(page("1")) as stage:
        stage.issuer.failures = [UpstreamDown("x"), UpstreamDown("x")]
        assert await stage.ids() == ["1"]
        assert stage.time.slept == [1, 2]


async def test_a_sign_in_that_keeps_failing_asks_to_come_back() -> None:
    async with Staged(page("1")) as stage:
        stage.issuer.failures = [UpstreamDown("sign-in", retry_after=300)]
        with pytest.raises(UpstreamDown, match="sign-in") as caught:
            await stage.ids()
        assert caught.value.retry_after == 300
