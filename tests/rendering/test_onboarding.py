"""The pages of onboarding as text: every permission explained, nothing hostile alive, both languages."""

import json
from dataclasses import replace as changed
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from shared_code.core.invitation import Ask, Invitation, InvitationId, InvitationState, Invited
from shared_code.core.privacy import Privacy
from shared_code.core.tenant import Contact, PrivacyChoice, Subscription, Tenant, TenantId
from shared_code.core.text import German, Language
from shared_code.rendering.onboarding import CONTENT_POLICY, answer_page, invitation_page
from shared_code.rendering.permission_words import PERMISSIONS
from shared_code.reports import registry

MANIFEST = Path(__file__).parents[2] / "infra/permissions.json"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>'
GUESTS, NEWS = registry()["guest-users"], registry()["news"]


def invited(**changes: Any) -> Invited:
    tenant = Tenant(
        id=TenantId("c0a70505-0a1c-4d5e-8b1f-5c0e6f3a7d01"),
        customer=HOSTILE,
        domain=HOSTILE,
        subscriptions={each.name: Subscription(since=NOW) for each in (GUESTS, NEWS)},
        privacy={
            "guest-users": PrivacyChoice(
                mode=Privacy.NAMED, approved_by=HOSTILE, approved_on=date(2026, 10, 1)
            )
        },
        contacts=(Contact(address=HOSTILE, reports=frozenset({"news"})),),
        service_start=date(2026, 12, 1),
    )
    tenant = replace(tenant, **changes)
    invitation = Invitation(
        id=InvitationId("fab21ca3-7d42-4c1a-9e55-2b8d4e9f6a02"),
        tenant_id=tenant.id,
        agreed=tenant,
        created=NOW,
        expires=NOW,
        created_by="c5d6",
    )
    return Invited(
        invitation=invitation,
        tenant=tenant,
        reports=(GUESTS, NEWS),
        asks=(
            Ask(permission="User.Read.All", reports=(GUESTS,)),
            Ask(permission="Reports.Read.All", reports=()),
        ),
        consent_address=f"https://login.example/adminconsent?state=x&a={HOSTILE}",
        page_address="/onboarding/x",
    )


def in_state(state: InvitationState) -> Invited:
    page = invited()
    return changed(page, invitation=replace(page.invitation, state=state))


def test_every_permission_of_the_manifest_has_words_and_only_reads() -> None:
    asked = set(json.loads(MANIFEST.read_text("utf-8"))["permissions"])

    assert asked <= set(PERMISSIONS)
    assert all(".Read" in name and "Write" not in name for name in PERMISSIONS)
    for words in PERMISSIONS.values():
        assert words.de.endswith(".")
        assert words.en.endswith(".")
        assert words.de != words.en


def test_what_nobody_needs_stands_apart() -> None:
    page = invitation_page(invited(), Language.EN, brand="Partner")

    needed, _, others = page.partition("What Microsoft asks for in addition")
    assert "User.Read.All" in needed
    assert "Needed for: Guest users" in needed
    assert "Reports.Read.All" in others
    assert "User.Read.All" not in others


def test_without_others_there_is_no_heading_for_them() -> None:
    page = changed(invited(), asks=invited().asks[:1])

    assert "in addition" not in invitation_page(page, Language.EN, brand="Partner")


def test_a_report_without_people_says_so() -> None:
    page = invitation_page(invited(), Language.DE, brand="Partner")

    assert "Keine Daten über Personen" in page.partition("Microsoft-Neuigkeiten</b>")[2]
    assert "Mit Namen" in page


@pytest.mark.parametrize("language", list(Language))
def test_nothing_hostile_is_alive_on_any_page(language: Language) -> None:
    pages = [invitation_page(in_state(s), language, brand=HOSTILE) for s in InvitationState]
    pages += [
        answer_page(answer, invited(), language, brand=HOSTILE)
        for answer in ("declined", "failed", "other-tenant")
    ]

    for page in pages:
        assert "<script" not in page
        assert f'<html lang="{language}"' in page
        assert "{" not in page.partition("</style>")[2]


@pytest.mark.parametrize("state", list(InvitationState))
def test_consent_is_offered_until_it_is_verified(state: InvitationState) -> None:
    page = invitation_page(in_state(state), Language.DE, brand="Partner")

    assert ("/adminconsent" in page) is (state is not InvitationState.COMPLETED)


def test_what_is_missing_is_named_in_words() -> None:
    checking = changed(in_state(InvitationState.CHECKING), missing=("User.Read.All", "New.Read"))

    page = invitation_page(checking, Language.DE, brand="Partner")

    assert PERMISSIONS["User.Read.All"].de in page
    assert "New.Read" in page


def test_switzerland_reads_no_sharp_s() -> None:
    page = invitation_page(invited(german=German.SWITZERLAND), Language.DE, brand="Partner")

    assert "ß" not in page
    assert "ausserdem" in page


def test_nothing_runs_and_nothing_is_sent() -> None:
    assert "script-src" not in CONTENT_POLICY
    assert "default-src 'none'" in CONTENT_POLICY
    assert "form-action 'none'" in CONTENT_POLICY
