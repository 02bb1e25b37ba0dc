"""Faults to order: which tenant, which path, what goes wrong, how often, from which request on."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    # at the token endpoint
    CONSENT_WITHDRAWN = "consent_withdrawn"
    APPLICATION_MISSING = "application_missing"
    APPLICATION_DISABLED = "application_disabled"
    TENANT_GONE = "tenant_gone"
    LOGIN_TRANSIENT = "login_transient"
    LOGIN_CONDITIONAL_ACCESS = "login_conditional_access"
    SECRET_EXPIRED = "secret_expired"  # noqa: S105 - the name of a fault
    # a whole answer of Graph replaced by an error
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - the name of a fault
    PERMISSION_MISSING = "permission_missing"
    LICENCE_MISSING = "licence_missing"
    CONDITIONAL_ACCESS = "conditional_access"
    THROTTLED_SECONDS = "throttled_seconds"
    THROTTLED_DATE = "throttled_date"
    THROTTLED_SILENT = "throttled_silent"
    ERROR_500 = "error_500"
    ERROR_502 = "error_502"
    ERROR_503 = "error_503"
    ERROR_504 = "error_504"
    PAGE_TOKEN_EXPIRED = "page_token_expired"  # noqa: S105 - the name of a fault
    # a good answer damaged
    EMPTY_PAGE = "empty_page"
    REPEATED_LINK = "repeated_link"
    WRONG_TYPE = "wrong_type"
    TRUNCATED_BODY = "truncated_body"
    HTML_BODY = "html_body"
    CONNECTION_DROPPED = "connection_dropped"
    # on top of any other
    LATENCY = "latency"


AT_LOGIN = frozenset(list(FaultKind)[:7])


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    kind: FaultKind
    tenant: str | None = None  # None: every tenant
    path: str = ""  # a prefix such as "/users"; not looked at for login faults
    times: int | None = None  # None: for ever
    after: int = 0  # so many matching requests pass first
    seconds: float = 1.0  # Retry-After, or the latency


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0

    def matches(self, tenant: str, path: str, *, continued: bool) -> bool:
        fault = self.fault
        if fault.tenant not in (None, tenant) or not path.startswith(fault.path):
            return False
        return continued or fault.kind is not FaultKind.PAGE_TOKEN_EXPIRED

    def fires(self) -> bool:
        turn = self.seen - self.fault.after
        self.seen += 1
        return turn >= 0 and (self.fault.times is None or turn < self.fault.times)


class Faults:
    """The faults a sandbox has been told to show."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        self._armed.append(_Armed(fault))

    def clear(self) -> None:
        self._armed.clear()

    def at_login(self, tenant: str) -> list[Fault]:
        candidates = [a for a in self._armed if a.fault.kind in AT_LOGIN]
        return [a.fault for a in candidates if a.fault.tenant in (None, tenant) and a.fires()]

    def at_graph(self, tenant: str, path: str, *, continued: bool) -> list[Fault]:
        """At most one fault, and all latencies; `continued` says the request carries a page token."""
        found: list[Fault] = []
        for armed in self._armed:
            if armed.fault.kind in AT_LOGIN or not armed.matches(tenant, path, continued=continued):
                continue
            latency = armed.fault.kind is FaultKind.LATENCY
            taken = any(fault.kind is not FaultKind.LATENCY for fault in found)
            if (latency or not taken) and armed.fires():
                found.append(armed.fault)
        return found
