"""What a refusal of Entra's token endpoint means, by its error codes; never by text."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from shared_code.core.errors import (
    AccessBlocked,
    ApplicationDisabled,
    ConfigurationError,
    ConsentMissing,
    ReportingError,
    TenantGone,
    Throttled,
    UpstreamDown,
)
from shared_code.core.tenant import TenantId

type ErrorClass = type[
    ConsentMissing | ApplicationDisabled | TenantGone | AccessBlocked | ConfigurationError
]

_MEANING: Mapping[ErrorClass, tuple[int, ...]] = {
    ConsentMissing: (700016, 7000229, 65001, 650051, 650052, 650056),
    ApplicationDisabled: (7000112, 70001),
    TenantGone: (90002, 900023, 5000224),
    AccessBlocked: (53003,),
    # Federated credential, secret, certificate, in this order.
    ConfigurationError: (
        *(70021, 700211, 700212, 700213),
        *(7000215, 7000216, 7000218, 7000222),
        *(700027, 700030, 7000213, 7000214),
    ),
}
_BY_CODE = {code: meaning for meaning, codes in _MEANING.items() for code in codes}
# Microsoft warns that codes change; `error` is what is left for those nobody has listed.
_BY_ERROR: Mapping[str, ErrorClass] = {
    "unauthorized_client": ConsentMissing,
    "invalid_client": ConfigurationError,
}
_THROTTLED = 90055


@dataclass(frozen=True, slots=True)
class LoginRefusal:
    error: str
    codes: tuple[int, ...]
    status: int


class _Body(msgspec.Struct):
    error: str = ""
    error_codes: tuple[int, ...] = ()


def read_login_refusal(status: int, body: bytes | str) -> LoginRefusal:
    try:
        answer = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeError):
        answer = _Body()
    return LoginRefusal(answer.error[:40], answer.error_codes, status)


def login_error(tenant_id: TenantId, refusal: LoginRefusal) -> ReportingError:
    """Unknown means: try again, and look at it if it stays."""
    codes = " ".join(f"AADSTS{code}" for code in refusal.codes)
    words = f"sign-in to {tenant_id}: {codes or refusal.error or refusal.status}"
    if _THROTTLED in refusal.codes or refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(words)
    if (
        refusal.error == "temporarily_unavailable"
        or refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        return UpstreamDown(words)
    known = [_BY_CODE[code] for code in refusal.codes if code in _BY_CODE]
    meaning = known[0] if known else _BY_ERROR.get(refusal.error)
    return meaning(words) if meaning else UpstreamDown(words)
