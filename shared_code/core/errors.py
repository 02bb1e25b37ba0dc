"""Everything that can go wrong, sorted by who acts.

ReportingError
├── TenantError              the customer acts; the run is blocked
│   ├── ConsentMissing
│   ├── ApplicationDisabled
│   ├── AccessBlocked
│   └── TenantGone
├── DatasetError             the report goes out with a gap
│   ├── PermissionMissing
│   ├── LicenceMissing
│   └── FeatureOff
├── UpstreamError            Microsoft; wait and come back
│   ├── Throttled
│   ├── UpstreamDown
│   ├── PageTokenExpired
│   └── BudgetSpent
├── ContractBroken           we act: an answer does not have the promised shape
├── LinkError                the reader sees one uniform page
│   ├── LinkInvalid
│   ├── LinkExpired
│   ├── LinkUsedUp
│   ├── LinkRevoked
│   └── LinkClosed
├── SignInError              the portal answers 401 or 403
│   ├── NotSignedIn
│   └── NotAllowed
├── NotPermitted             whoever asked: the tenant's state does not allow it
├── FieldInvalid             whoever asked: a value that cannot be, or a field that there is none
├── MailError                a digest to one contact
│   ├── MailRefused          an engineer or the customer acts: it will never be accepted
│   └── MailUnclear          nobody answered: it may have been sent
├── DeliveryWaits            a digest is not complete yet; come back at `until`
├── OrderRefused             an engineer: this run must not be made, the message says why
├── RunHeld                  another worker produces the run; come back at `until`
├── LeaseLost                another worker took the run over
├── TypesetterMissing        we act: reports go out without their PDF
├── MessageMalformed         we act: a queue message nobody can read
├── NotInvitable             an engineer acts: the tenant is suspended or offboarded, or just invited
└── ConfigurationError       an engineer acts, at start

Messages carry dataset and tenant id, never a token, a link or a person's name.
"""

from datetime import datetime
from enum import StrEnum


class ReportingError(Exception):
    """Root of all errors this service raises on purpose."""


class TenantError(ReportingError):
    """The tenant as a whole cannot be read until the customer does something."""


class ConsentMissing(TenantError):
    """Entra does not know the application in this tenant: consent was never given or withdrawn."""


class ApplicationDisabled(TenantError):
    """The enterprise application exists in the tenant but was switched off there."""


class AccessBlocked(TenantError):
    """A conditional-access policy of the tenant blocks the application."""


class TenantGone(TenantError):
    """The tenant was deleted or never existed."""


class Reason(StrEnum):
    """Why a dataset could not be read."""

    PERMISSION = "permission"
    LICENCE = "licence"
    FEATURE = "feature"
    ACCESS = "access"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    CONTRACT = "contract"

    @property
    def is_for_customer(self) -> bool:
        """The customer can mend it; otherwise Microsoft or we."""
        return self in (Reason.PERMISSION, Reason.LICENCE, Reason.FEATURE, Reason.ACCESS)


class DatasetError(ReportingError):
    """One dataset could not be read; `detail` names the permission or licence, never a person."""

    def __init__(self, dataset: str, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{dataset}: {reason.value}" + (f" ({detail})" if detail else ""))
        self.dataset = dataset
        self.reason = reason
        self.detail = detail


class PermissionMissing(DatasetError):
    """Graph answered 403: the application permission is not granted in this tenant."""

    def __init__(self, dataset: str, permission: str) -> None:
        super().__init__(dataset, Reason.PERMISSION, permission)


class LicenceMissing(DatasetError):
    """The tenant owns no licence that includes this dataset."""

    def __init__(self, dataset: str, licence: str) -> None:
        super().__init__(dataset, Reason.LICENCE, licence)


class FeatureOff(DatasetError):
    """The service behind the dataset is not set up in the tenant."""

    def __init__(self, dataset: str, feature: str = "") -> None:
        super().__init__(dataset, Reason.FEATURE, feature)


class UpstreamError(ReportingError):
    """Microsoft did not answer this time; the same request may succeed later."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Throttled(UpstreamError):
    """Too many requests; `retry_after` are seconds to wait, longer than a sleep is worth."""


class UpstreamDown(UpstreamError):
    """Server errors or dropped connections beyond the budget of short retries."""


class PageTokenExpired(UpstreamError):
    """The next-page link died; only the first page can be asked again."""


class BudgetSpent(UpstreamError):
    """Collecting takes longer than one invocation may; the rest follows in the next one."""


class ContractBroken(ReportingError):
    """An answer does not have the promised shape; names dataset and field, never a value."""

    def __init__(self, dataset: str, problem: str) -> None:
        super().__init__(f"{dataset}: {problem}")
        self.dataset = dataset


class LinkError(ReportingError):
    """A report link is not honoured; readers learn nothing more than that."""


class LinkInvalid(LinkError):
    """Forged, damaged, unknown, or for something else."""


class LinkExpired(LinkError):
    """Genuine, but past its time."""


class LinkRevoked(LinkError):
    """Genuine, but taken back."""


class LinkUsedUp(LinkError):
    """Genuine, but opened as often as the tenant allows."""


class LinkClosed(LinkError):
    """Genuine, but the tenant wants a sign-in, and this one may not read it."""


class SignInError(ReportingError):
    """The caller of the portal's API is refused."""


class NotSignedIn(SignInError):
    """No access token, or one that is not valid here (401)."""


class NotAllowed(SignInError):
    """A valid access token that does not permit this (403)."""


class NotPermitted(ReportingError):
    """The tenant is not in a state in which this can be done; the message says in which it is."""


class FieldInvalid(ReportingError):
    """`field` of what was sent is wrong; neither it nor the message repeats a value."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class MailError(ReportingError):
    """A digest to one contact; never names an address."""


class MailRefused(MailError):
    """Microsoft does not accept it, and would not later; the message is its error code."""


class MailUnclear(MailError):
    """The connection or the gateway failed after the mail was handed over."""


class DeliveryWaits(ReportingError):
    """Runs, another worker or Microsoft are waited for, at least until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"delivery waits until {until.isoformat()}")
        self.until = until


class OrderRefused(ReportingError):
    """A run that must not be ordered; the message says why, and what to do instead."""


class RunHeld(ReportingError):
    """Another worker produces this run, at least until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"run held until {until.isoformat()}")
        self.until = until


class LeaseLost(ReportingError):
    """Another worker took the run over; what this one made is not delivered."""


class TypesetterMissing(ReportingError):
    """There is nothing to typeset a PDF with."""


class MessageMalformed(ReportingError):
    """A queue message that does not decode."""


class NotInvitable(ReportingError):
    """The tenant's state has to change before it can be invited."""


class ConfigurationError(ReportingError):
    """Settings are missing or wrong; names the settings, never their values."""
