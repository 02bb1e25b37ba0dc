"""Invitations: whoever moves one must have seen it as it is."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from msgspec.structs import replace

from shared_code.core.invitation import Invitation, InvitationId, InvitationState
from shared_code.core.ports import Invitations
from shared_code.core.tenant import TenantId
from tests.storage import MONDAY, contoso


def invitation(**changes: object) -> Invitation:
    tenant = contoso()
    plain = Invitation(
        id=InvitationId(str(uuid4())),
        tenant_id=tenant.id,
        agreed=replace(tenant, customer="ä" * 20_000),
        created=MONDAY,
        expires=MONDAY + timedelta(days=14),
        created_by="c5d6",
    )
    return replace(plain, **changes)


async def test_what_was_added_is_found_again(invitations: Invitations) -> None:
    sent = invitation()

    await invitations.add(sent)

    found = await invitations.get(sent.tenant_id, sent.id)
    assert found
    assert found.invitation == sent
    assert [each.invitation for each in await invitations.of(sent.tenant_id)] == [sent]


async def test_nobody_elses_and_no_id_is_none(invitations: Invitations) -> None:
    sent = invitation()
    await invitations.add(sent)

    assert await invitations.get(contoso().id, sent.id) is None
    assert await invitations.get(sent.tenant_id, InvitationId("../no id")) is None
    assert await invitations.get(TenantId("../no id"), sent.id) is None


async def test_of_many_at_once_one_moves_it(invitations: Invitations) -> None:
    sent = invitation()
    await invitations.add(sent)
    seen = await invitations.get(sent.tenant_id, sent.id)
    assert seen

    moves = (
        invitations.move(seen, InvitationState.CHECKING, at=MONDAY + timedelta(seconds=n))
        for n in range(6)
    )
    moved = [each for each in await asyncio.gather(*moves) if each]

    assert len(moved) == 1
    current = await invitations.get(sent.tenant_id, sent.id)
    assert current
    assert current.invitation == moved[0].invitation
    assert current.invitation.state is InvitationState.CHECKING


async def test_the_first_use_stands_and_states_are_found(invitations: Invitations) -> None:
    sent = invitation()
    await invitations.add(sent)
    seen = await invitations.get(sent.tenant_id, sent.id)
    assert seen

    checking = await invitations.move(seen, InvitationState.CHECKING, at=MONDAY)
    assert checking
    found = await invitations.in_state(InvitationState.CHECKING)
    assert sent.id in {each.invitation.id for each in found}
    done = await invitations.move(
        checking, InvitationState.COMPLETED, at=MONDAY + timedelta(hours=1)
    )

    assert done
    assert done.invitation.used == MONDAY
    found = await invitations.in_state(InvitationState.CHECKING)
    assert sent.id not in {each.invitation.id for each in found}


async def test_what_expired_is_forgotten_in_whatever_state_it_is(
    invitations: Invitations,
) -> None:
    over, other = invitation(), invitation()
    later = replace(over, id=InvitationId(str(uuid4())), expires=over.expires + timedelta(days=1))
    used = replace(over, id=InvitationId(str(uuid4())), state=InvitationState.COMPLETED)
    for each in (over, later, used, other):
        await invitations.add(each)

    assert await invitations.forget(over.tenant_id, expired_before=over.expires) == 0
    assert await invitations.forget(over.tenant_id, expired_before=later.expires) == 2

    assert [each.invitation for each in await invitations.of(over.tenant_id)] == [later]
    assert [each.invitation for each in await invitations.of(other.tenant_id)] == [other]
