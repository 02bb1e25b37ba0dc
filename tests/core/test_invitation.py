"""What was agreed anew with a tenant that is served: in addition, and nothing is lost."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from shared_code.core.invitation import Invitation, InvitationId, agreed_with
from shared_code.core.privacy import Privacy
from shared_code.core.tenant import (
    Contact,
    PrivacyChoice,
    Subscription,
    Tenant,
    TenantId,
    TenantState,
)
from shared_code.core.text import Language

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
OLD, NEW = date(2026, 1, 1), date(2027, 1, 1)
KNOWN = Tenant(
    id=TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01"),
    customer="Contoso",
    domain="contoso.example",
    state=TenantState.ACTIVE,
    subscriptions={name: Subscription(since=MONDAY) for name in ("kept", "changed")},
    privacy={name: PrivacyChoice(mode=Privacy.AGGREGATE) for name in ("kept", "changed")},
    options={"kept": {"most": 1}, "changed": {"most": 1}},
    contacts=(Contact(address="it@contoso.example"),),
    service_start=OLD,
    service_end=OLD,
)
AGREED = Tenant(id=KNOWN.id, customer="Contoso GmbH", domain="", language=Language.EN)
DAILY = Subscription(since=MONDAY, cadence="0 6 * * *")
NAMED = PrivacyChoice(mode=Privacy.NAMED, approved_by="Works council", approved_on=OLD)


def merged(agreed: Tenant, known: Tenant = KNOWN) -> Tenant:
    invitation = Invitation(
        id=InvitationId("i"),
        tenant_id=KNOWN.id,
        agreed=agreed,
        created=MONDAY,
        expires=MONDAY,
        created_by="c5d6",
    )
    return agreed_with(known, invitation)


def test_what_was_not_spoken_of_stays() -> None:
    assert merged(AGREED) == replace(KNOWN, customer="Contoso GmbH", language=Language.EN)


def test_what_was_agreed_anew_counts_beside_the_rest() -> None:
    after = merged(
        replace(
            AGREED,
            subscriptions={"changed": DAILY},
            privacy={"changed": NAMED},
            options={"changed": {"most": 2}},
            contacts=(Contact(address="new@contoso.example"),),
            service_start=NEW,
            service_end=NEW,
        )
    )

    assert after.subscriptions == KNOWN.subscriptions | {"changed": DAILY}
    assert after.privacy == KNOWN.privacy | {"changed": NAMED}
    assert after.options == {"kept": {"most": 1}, "changed": {"most": 2}}
    assert [contact.address for contact in after.contacts] == ["new@contoso.example"]
    assert (after.service_start, after.service_end) == (OLD, NEW)


@pytest.mark.parametrize(
    "state",
    [
        each
        for each in TenantState
        if each not in (TenantState.ACTIVE, TenantState.CONSENT_WITHDRAWN)
    ],
)
def test_whoever_is_not_served_is_as_the_row_says(state: TenantState) -> None:
    known = replace(KNOWN, state=state)

    assert merged(AGREED, known) == known
