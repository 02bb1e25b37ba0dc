"""Entra's page for admin consent: shows what is asked for, grants it, and leads back."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from markupsafe import Markup

from dev.sandbox.permissions import STANDARD_PERMISSIONS
from dev.sandbox.population import Customer

_NEEDED = ("client_id", "redirect_uri", "scope", "state")
_SCOPE = "https://graph.microsoft.com/.default"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_STYLE = """
body{margin:4rem auto;max-width:36rem;padding:0 1rem;font:16px/1.6 system-ui,sans-serif}
code{overflow-wrap:anywhere}
"""


class Consent:
    """Nobody signs in; `accept=1` or `decline=1` is the button that the admin presses."""

    def __init__(self, customers: Mapping[str, Customer], grant: Callable[[str], None]) -> None:
        self._customers = customers
        self._grant = grant

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["tenant"].lower()
        customer = next((c for c in self._customers.values() if name in names_of(c)), None)
        query = request.query
        if customer is None or not all(query.get(each) for each in _NEEDED):
            raise web.HTTPBadRequest(text="AADSTS900144: tenant or parameters are missing")
        if query["scope"] != _SCOPE or not urlsplit(query["redirect_uri"]).netloc:
            raise web.HTTPBadRequest(text="AADSTS70011: scope or redirect address is not valid")
        if query.get("decline"):
            raise _back(
                query,
                error="access_denied",
                error_description="AADSTS65004: The resource owner denied the request.",
            )
        if query.get("accept"):
            self._grant(customer.tenant_id)
            raise _back(
                query, admin_consent="True", tenant=customer.tenant_id, scope=query["scope"]
            )
        return _page(customer, request)


def names_of(customer: Customer) -> frozenset[str]:
    return frozenset({customer.tenant_id, customer.domain, customer.initial_domain})


def _back(query: Mapping[str, str], **said: str) -> web.HTTPFound:
    return web.HTTPFound(f"{query['redirect_uri']}?{urlencode({**said, 'state': query['state']})}")


def _page(customer: Customer, request: web.Request) -> web.Response:
    asked = Markup("").join(
        Markup("<li><code>{}</code></li>").format(name) for name in sorted(STANDARD_PERMISSIONS)
    )
    accept, decline = (
        request.rel_url.update_query({button: "1"}) for button in ("accept", "decline")
    )
    text = Markup(
        '<!DOCTYPE html><html lang="de"><meta charset="utf-8"><title>Zustimmung</title>'
        "<style>{style}</style><h1>{customer}</h1><p>Diese Anwendung bittet um:</p>"
        '<ul>{asked}</ul><p><a href="{accept}">Akzeptieren</a> · '
        '<a href="{decline}">Abbrechen</a></p></html>'
    ).format(
        style=Markup(_STYLE),  # noqa: S704
        customer=customer.name,
        asked=asked,
        accept=accept,
        decline=decline,
    )
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
    return web.Response(text=text, content_type="text/html", headers=headers)
