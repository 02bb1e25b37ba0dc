"""Audit: who did what to a tenant or its links, in the service or through it; only appended to."""

from datetime import datetime
from enum import StrEnum

import msgspec

from shared_code.core.tenant import TenantId


class Act(StrEnum):
    """What was done, or refused. New ones may come; none is ever renamed."""

    INVITED = "invited"
    CONSENT_GIVEN = "consent-given"
    CONSENT_REFUSED = "consent-refused"
    CALLBACK_REFUSED = "callback-refused"
    ACTIVATED = "activated"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CHANGED = "changed"
    READINESS_CHANGED = "readiness-changed"
    DELEGATION_ENDING = "delegation-ending"
    OFFBOARDING_BEGUN = "offboarding-begun"
    OFFBOARDED = "offboarded"
    RETENTION_APPLIED = "retention-applied"
    RUN_ORDERED = "run-ordered"
    DIGEST_REPEATED = "digest-repeated"
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    LINK_ISSUED = "link-issued"
    LINK_REVOKED = "link-revoked"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`actor`: an object id, or a word from below - never a name; `subject`: an id or a word
    of ours. Never a token, a link or an address."""

    tenant_id: TenantId
    at: datetime
    act: Act
    actor: str
    subject: str = ""
    detail: str = ""


# Who acts where nobody signed in.
SERVICE = "service"
ANONYMOUS = "anonymous"
ENGINEER = "engineer"  # at a command line, with the keys of the storage account
