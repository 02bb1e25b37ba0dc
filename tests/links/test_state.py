"""The state of a consent: only ours counts, letter for letter, and for nothing else."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared_code.core.errors import LinkInvalid
from shared_code.core.invitation import Invitation, InvitationId, StateClaims
from shared_code.core.link import Link
from shared_code.core.run import RunId
from shared_code.core.tenant import Tenant, TenantId
from shared_code.links.keys import KeyRing
from shared_code.links.state import ConsentStateSigner
from shared_code.links.token import HmacSigner

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
RING = KeyRing("k2", {"k2": NEW, "k1": OLD})
SIGNER = ConsentStateSigner(RING)


def invitation() -> Invitation:
    tenant_id = TenantId(str(uuid4()))
    return Invitation(
        id=InvitationId(str(uuid4())),
        tenant_id=tenant_id,
        agreed=Tenant(id=tenant_id, customer="Contoso", domain="contoso.example"),
        created=NOON,
        expires=NOON,
        created_by="c5d6",
    )


def test_what_was_signed_is_read_again() -> None:
    sent = invitation()

    state = SIGNER.sign(sent)

    assert SIGNER.verify(state) == StateClaims(id=sent.id, tenant_id=sent.tenant_id, expires=NOON)
    assert len(state) <= 150


def test_no_character_can_be_changed_added_or_left_out() -> None:
    state = SIGNER.sign(invitation())
    variants = [f"{state}{more}" for more in ("=", "A", ".", " ", "\n", "\0")]
    for place, was in enumerate(state):
        variants.append(state[:place] + state[place + 1 :])
        variants += [
            state[:place] + chr(ord(was) ^ 1 << bit) + state[place + 1 :] for bit in range(8)
        ]

    for variant in variants:
        with pytest.raises(LinkInvalid):
            SIGNER.verify(variant)


def test_a_link_is_no_state_and_a_state_no_link() -> None:
    links, sent = HmacSigner(RING), invitation()
    link = Link(
        jti="j-1",
        tenant_id=sent.tenant_id,
        run_id=RunId(sent.id),
        report="guest-users",
        period_end=NOON,
        expires=NOON,
        created=NOON,
        created_by="c5d6",
    )
    token, state = links.sign(link), SIGNER.sign(sent)

    for text in (token, token.replace("v1", "o1", 1), token.replace(".j-1.", ".")):
        with pytest.raises(LinkInvalid):
            SIGNER.verify(text)
    for text in (state, state.replace("o1", "v1", 1)):
        with pytest.raises(LinkInvalid):
            links.verify(text)


def test_the_key_of_links_itself_signs_no_state() -> None:
    class Underived(ConsentStateSigner):
        def __init__(self, keys: KeyRing) -> None:
            super().__init__(keys)
            self._secrets = dict(keys.secrets)

    with pytest.raises(LinkInvalid):
        SIGNER.verify(Underived(RING).sign(invitation()))


def test_states_signed_before_a_rotation_are_good_until_the_old_key_goes() -> None:
    old = ConsentStateSigner(KeyRing("k1", {"k1": OLD})).sign(invitation())

    assert SIGNER.verify(old)
    with pytest.raises(LinkInvalid):
        ConsentStateSigner(KeyRing("k2", {"k2": NEW})).verify(old)


@pytest.mark.parametrize("state", ["", "." * 5, "o1.k2.a.b.1.s", "o1" * 500, "\ud800", "ä" * 40])
def test_anything_else_is_invalid(state: str) -> None:
    with pytest.raises(LinkInvalid):
        SIGNER.verify(state)
