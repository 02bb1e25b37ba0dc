"""Cookies of the sign-in: for this host alone, out of every script's reach."""

from datetime import timedelta
from hashlib import sha256

import azure.functions as func

from functions.answers import header
from shared_code.wiring import services

SESSION = "session"


def pending(state: str) -> str:
    """Several sign-ins may be under way in one browser, one per page that a mail opened.

    Hashed, as what comes back may be anything and a name may not.
    """
    return f"signin-{sha256(state.encode()).hexdigest()[:16]}"


def read(req: func.HttpRequest, name: str) -> str:
    """Empty if there is none."""
    sent = (part.strip().partition("=") for part in (header(req, "Cookie") or "").split(";"))
    return next((value for found, _, value in sent if found == _name(name)), "")


def write(
    response: func.HttpResponse, name: str, value: str, lifetime: timedelta = timedelta()
) -> func.HttpResponse:
    """Without a lifetime it goes."""
    kept = f"Max-Age={int(lifetime.total_seconds())}"
    rules = f"Path=/; {kept}; HttpOnly; SameSite=Lax{'; Secure' if _is_secure() else ''}"
    response.headers.add("Set-Cookie", f"{_name(name)}={value}; {rules}")  # pyright: ignore[reportAttributeAccessIssue]
    return response


def _name(name: str) -> str:
    # Browsers take the prefix from whoever is sure to be this host, and only over https.
    return f"__Host-{name}" if _is_secure() else name


def _is_secure() -> bool:
    return services().browser_sign_in.public_url.startswith("https:")
