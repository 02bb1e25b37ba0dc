"""What a refusal of Graph means, by status and code; never by message, which changes."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from shared_code.core.dataset import Dataset
from shared_code.core.errors import (
    ConsentMissing,
    ContractBroken,
    DatasetError,
    FeatureOff,
    LicenceMissing,
    PageTokenExpired,
    PermissionMissing,
    Reason,
    ReportingError,
    Throttled,
    UpstreamDown,
)
from shared_code.core.tenant import TenantId
from shared_code.sources.graph.bodies import error_codes
from shared_code.sources.graph.retrying import MayPass

_NO_PREMIUM = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
_NO_PREMIUM_2 = "AadPremiumLicenseRequired"
_PAGE_TOKEN_EXPIRED = "Directory_ExpiredPageToken"  # noqa: S105 - an error code
# The token is good but the tenant has no service principal of ours to judge it by.
_NO_IDENTITY = "Authorization_IdentityNotFound"
# Usage reports of a tenant that is new or has none of the services yet; the rest of Graph knows it
# (microsoft-graph-docs #2241, #5738, Microsoft365-Analytics-Insights #316).
_NO_SUCH_TENANT = "UnknownTenantId"
_NO_PERMISSION = frozenset(
    {
        "Authorization_RequestDenied",
        # Reports of sign-ins and audits (microsoft-graph-docs-contrib #8997, microsoft-graph-docs #2789).
        "Authentication_MSGraphPermissionMissing",
        "Authentication_ApplicationHasNoDirectoryReadAccess",
        # Role management (microsoft-graph-docs-contrib #17).
        "PermissionScopeNotGranted",
    }
)
PASSING = frozenset({408, 425, 500, 502, 503, 504, 509})
_LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than 200; `codes` outermost first, `retry_after` in seconds."""

    status: int
    codes: tuple[str, ...]
    retry_after: float | None

    @property
    def denies_premium(self) -> bool:
        """Graph says the tenant has no premium licence, which is now and then wrong."""
        return self.status == HTTPStatus.FORBIDDEN and _NO_PREMIUM in self.codes

    @property
    def denies_something(self) -> bool:
        """Forbidden, for a reason that Graph keeps to its message: licence, block, or another.

        Identity protection says so to a tenant without licence.
        """
        is_told = self.denies_premium or self.denies_identity or _NO_PERMISSION & set(self.codes)
        return self.status == HTTPStatus.FORBIDDEN and not is_told

    @property
    def denies_identity(self) -> bool:
        return _NO_IDENTITY in self.codes

    @property
    def words(self) -> str:
        return " ".join((str(self.status), *self.codes))


def read_refusal(status: int, retry_after: str | None, body: bytes, *, now: datetime) -> Refusal:
    return Refusal(status, error_codes(body), seconds_to_wait(retry_after, now))


def seconds_to_wait(retry_after: str | None, now: datetime) -> float | None:
    """Whole seconds or an HTTP date; anything else counts as missing."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_WAIT)


def error_of(refusal: Refusal, tenant_id: TenantId, dataset: Dataset[Any]) -> Exception:
    """The error to raise: MayPass where another attempt may succeed."""
    words = f"{dataset.name} of {tenant_id}: {refusal.words}"
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = refusal.retry_after
        return MayPass(lambda seconds: Throttled(words, retry_after=seconds), wait=wait)
    if refusal.status in PASSING or _is_conflict_to_wait_for(refusal):
        return down(words, wait=refusal.retry_after)
    return _lasting(refusal, words, dataset)


def down(words: str, *, wait: float | None = None) -> MayPass:
    return MayPass(lambda seconds: UpstreamDown(words, retry_after=seconds), wait=wait)


def _is_conflict_to_wait_for(refusal: Refusal) -> bool:
    return refusal.status == HTTPStatus.CONFLICT and refusal.retry_after is not None


def _lasting(refusal: Refusal, words: str, dataset: Dataset[Any]) -> ReportingError:
    codes = set(refusal.codes)
    if _PAGE_TOKEN_EXPIRED in codes:
        return PageTokenExpired(words)
    if _NO_PREMIUM_2 in codes:
        return LicenceMissing(dataset.name, dataset.licence or "Microsoft Entra ID P2")
    if refusal.denies_identity:
        return ConsentMissing(words)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        # A fresh token was refused too. Nothing says that the customer could mend it.
        return UpstreamDown(words)
    if refusal.status == HTTPStatus.FORBIDDEN:
        return _forbidden(refusal, dataset)
    is_unknown = _NO_SUCH_TENANT in codes
    broken = ContractBroken(dataset.name, f"answered {refusal.words}")
    return FeatureOff(dataset.name) if is_unknown else broken


def _forbidden(refusal: Refusal, dataset: Dataset[Any]) -> DatasetError:
    if _NO_PERMISSION & set(refusal.codes):
        return PermissionMissing(dataset.name, ", ".join(dataset.permissions))
    if refusal.denies_premium:
        return LicenceMissing(dataset.name, dataset.licence or "Microsoft Entra ID P1")
    # Among them AccessDenied, as conditional access has it for one service; a block of the whole
    # application shows at sign-in already (AADSTS53003, AccessBlocked).
    return DatasetError(dataset.name, Reason.ACCESS, " ".join(refusal.codes[:2]))
