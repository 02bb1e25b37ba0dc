"""Link: a signed, expiring, revocable right to open the files of one run; Opening: its audit."""

import re
from datetime import datetime
from enum import StrEnum

import msgspec

from shared_code.core.run import RunId
from shared_code.core.tenant import LinkOptions, TenantId


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """`jti` names the link in the audit and in the API; it opens nothing by itself."""

    jti: str
    tenant_id: TenantId
    run_id: RunId
    report: str
    period_end: datetime
    expires: datetime
    created: datetime
    created_by: str  # object id of the caller
    revoked: datetime | None = None

    def end(self, wanted: LinkOptions) -> datetime:
        """A tenant may want links to end sooner than they were issued for."""
        return min(
            self.expires, self.created + wanted.lifetime(default=self.expires - self.created)
        )


class LinkState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    USED_UP = "used-up"


class LinkClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says by itself."""

    jti: str
    tenant_id: TenantId
    run_id: RunId
    expires: datetime


class Outcome(StrEnum):
    OPENED = "opened"
    EXPIRED = "expired"
    REVOKED = "revoked"
    INVALID = "invalid"
    USED_UP = "used-up"
    NOT_ALLOWED = "not-allowed"


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """One request with a genuine token. No address, no user agent: who reads is not recorded."""

    jti: str
    tenant_id: TenantId
    run_id: RunId
    at: datetime
    method: str
    file: str
    outcome: Outcome

    @property
    def is_read(self) -> bool:
        """A file was handed out, not merely asked about."""
        return self.outcome is Outcome.OPENED and self.method == "GET"


def download_name(*, period_end: datetime, customer: str, report: str, artifact: str) -> str:
    """`2026-11-22_contoso_guest-users_de.xlsx`: safe in every file system and header."""
    plain = re.sub(r"[^a-z0-9]+", "-", customer.lower()).strip("-") or "customer"
    *language, ending = artifact.split(".")[1:]
    stem = "_".join([f"{period_end:%Y-%m-%d}", plain[:40], report, *language])
    return f"{stem}.{ending}"
