"""Link tokens: only what we signed opens, letter for letter."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared_code.core.errors import LinkInvalid
from shared_code.core.link import Link, LinkClaims
from shared_code.core.run import RunId
from shared_code.core.tenant import TenantId
from shared_code.links.keys import KeyRing
from shared_code.links.token import HmacSigner

OLD, NEW = b"o" * 32, b"n" * 32
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/%~ \n\u00e4"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE = HmacSigner(KeyRing("k1", {"k1": OLD}))
ROTATED = HmacSigner(KeyRing("k2", {"k2": NEW, "k1": OLD}))
AFTER = HmacSigner(KeyRing("k2", {"k2": NEW}))


def _link(
    *, tenant: UUID | None = None, run: UUID | None = None, jti: str = "j-1_x", at: datetime = NOON
) -> Link:
    return Link(
        jti=jti,
        tenant_id=TenantId(str(tenant or uuid4())),
        run_id=RunId(str(run or uuid4())),
        report="guest-users",
        period_end=NOON,
        expires=at,
        created=NOON,
        created_by="c5d6",
    )


def _claims(link: Link) -> LinkClaims:
    return LinkClaims(
        jti=link.jti, tenant_id=link.tenant_id, run_id=link.run_id, expires=link.expires
    )


@given(
    tenant=st.uuids(),
    run=st.uuids(),
    jti=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    seconds=st.integers(0, 2**33),
)
def test_what_was_signed_is_read_again(tenant: UUID, run: UUID, jti: str, seconds: int) -> None:
    link = _link(tenant=tenant, run=run, jti=jti, at=datetime.fromtimestamp(seconds, UTC))

    token = ROTATED.sign(link)

    assert ROTATED.verify(token) == _claims(link)
    assert len(token) <= 200


def test_no_character_can_be_changed() -> None:
    token = ROTATED.sign(_link())

    for place, was in enumerate(token):
        for character in ALPHABET.replace(was, ""):
            with pytest.raises(LinkInvalid):
                ROTATED.verify(token[:place] + character + token[place + 1 :])


def test_nothing_can_be_added_or_left_out() -> None:
    token = ROTATED.sign(_link())
    variants = [token + more for more in ("=", "A", ".", " ", "\n", "\0")]
    variants += [token[:place] + token[place + 1 :] for place in range(len(token))]
    variants += [
        f" {token}",
        token.upper(),
        token.replace(".", ".."),
        token * 2,
        token.encode().hex(),
    ]

    for variant in variants:
        with pytest.raises(LinkInvalid):
            ROTATED.verify(variant)


@pytest.mark.parametrize(
    "token", ["", ".", "......", "v1.k2.a.b.c.1.sig", "v1.k2..." + "." * 400, "\ud800", "ä" * 40]
)
def test_anything_else_is_invalid(token: str) -> None:
    with pytest.raises(LinkInvalid):
        ROTATED.verify(token)


def test_another_signature_spelling_of_the_same_bytes_is_invalid() -> None:
    token = ROTATED.sign(_link())
    order = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = order.index(token[-1])

    # 43 characters hold two bits more than the 32 bytes: four spellings decode alike.
    for bits in (1, 2, 3):
        with pytest.raises(LinkInvalid):
            ROTATED.verify(token[:-1] + order[last ^ bits])


def test_an_expired_token_still_says_what_it_is() -> None:
    link = _link(at=NOON - timedelta(days=900))

    assert ROTATED.verify(ROTATED.sign(link)) == _claims(link)


def test_after_a_rotation_old_links_open_until_the_old_key_goes() -> None:
    link = _link()
    old, new = BEFORE.sign(link), ROTATED.sign(link)

    assert ROTATED.verify(old) == ROTATED.verify(new) == AFTER.verify(new) == _claims(link)
    assert ".k2." in new
    for signer, token in ((AFTER, old), (BEFORE, new)):
        with pytest.raises(LinkInvalid):
            signer.verify(token)


def test_a_key_under_another_name_signs_nothing() -> None:
    swapped = HmacSigner(KeyRing("k2", {"k2": OLD, "k1": NEW}))

    with pytest.raises(LinkInvalid):
        swapped.verify(ROTATED.sign(_link()))


@pytest.mark.parametrize("jti", ["", "a.b", "a/b", "ä", "a" * 65, "a\n"])
def test_a_link_with_a_name_that_does_not_fit_is_not_signed(jti: str) -> None:
    with pytest.raises(ValueError, match="jti"):
        ROTATED.sign(_link(jti=jti))


def test_a_tenant_id_in_another_spelling_is_not_signed() -> None:
    other = replace(_link(), tenant_id=TenantId("A" * 32))

    with pytest.raises(ValueError, match="lower case"):
        ROTATED.sign(other)
