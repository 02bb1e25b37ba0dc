"""Errors in the words of Graph and of Entra's token endpoint."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from dev.sandbox.faults import FaultKind


class GraphError(Exception):
    """Answered instead of a page."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    def body(self, client_request_id: str | None = None) -> dict[str, Any]:
        number = str(uuid4())
        inner = {
            "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": number,
            "client-request-id": client_request_id or number,
        }
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}


def bad_query(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)


def unsupported_query(message: str) -> GraphError:
    return GraphError(400, "Request_UnsupportedQuery", message)


def expired_page_token() -> GraphError:
    return GraphError(
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )


def token_refused(message: str = "Lifetime validation failed, the token is expired.") -> GraphError:
    return GraphError(401, "InvalidAuthenticationToken", message)


def permission_missing() -> GraphError:
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def licence_missing() -> GraphError:
    return GraphError(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    )


def p2_missing() -> GraphError:
    return GraphError(
        400, "AadPremiumLicenseRequired", "The tenant needs an AAD Premium 2 license."
    )


def not_licensed() -> GraphError:
    """In the words of identity protection."""
    return GraphError(403, "Forbidden", "Your tenant is not licensed for this feature.")


def not_found(key: str) -> GraphError:
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried "
        "reference-property objects are not present.",
    )


def conditional_access() -> GraphError:
    return GraphError(
        403,
        "AccessDenied",
        "AADSTS53003: Access has been blocked by Conditional Access policies.",
    )


def throttled(retry_after: str | None) -> GraphError:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return GraphError(429, "TooManyRequests", "Please retry again later.", headers)


def upstream(status: int, retry_after: str | None = None) -> GraphError:
    codes = {500: "InternalServerError", 502: "BadGateway", 503: "serviceNotAvailable"}
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return GraphError(
        status, codes.get(status, "UnknownError"), "The service is unavailable.", headers
    )


# kind: status, error, AADSTS code, text
LOGIN_ERRORS: dict[FaultKind, tuple[int, str, int, str]] = {
    FaultKind.CONSENT_WITHDRAWN: (
        400,
        "unauthorized_client",
        7000229,
        "The client application is missing service principal in the tenant.",
    ),
    FaultKind.APPLICATION_MISSING: (
        400,
        "unauthorized_client",
        700016,
        "Application was not found in the directory.",
    ),
    FaultKind.APPLICATION_DISABLED: (
        401,
        "unauthorized_client",
        7000112,
        "Application is disabled.",
    ),
    FaultKind.TENANT_GONE: (400, "invalid_request", 90002, "Tenant not found."),
    FaultKind.LOGIN_TRANSIENT: (
        503,
        "temporarily_unavailable",
        90033,
        "A transient error has occurred. Please try again.",
    ),
    FaultKind.LOGIN_CONDITIONAL_ACCESS: (
        400,
        "invalid_grant",
        53003,
        "Access has been blocked by Conditional Access policies.",
    ),
    FaultKind.SECRET_EXPIRED: (
        401,
        "invalid_client",
        7000222,
        "The provided client secret keys are expired.",
    ),
}
SECRET_WRONG = (401, "invalid_client", 7000215, "Invalid client secret provided.")
FORM_INCOMPLETE = (400, "invalid_request", 900144, "The request body must contain client_id.")
GRANT_UNKNOWN = (400, "unsupported_grant_type", 70003, "The grant type is not supported.")


def login_error(code: int, error: str, text: str) -> dict[str, Any]:
    trace, correlation = str(uuid4()), str(uuid4())
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return {
        "error": error,
        "error_description": (
            f"AADSTS{code}: {text} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {moment}"
        ),
        "error_codes": [code],
        "timestamp": moment,
        "trace_id": trace,
        "correlation_id": correlation,
    }
