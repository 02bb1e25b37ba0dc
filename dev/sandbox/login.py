"""The token endpoint, with Entra's refusals."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from dev.sandbox.errors import (
    FORM_INCOMPLETE,
    GRANT_UNKNOWN,
    LOGIN_ERRORS,
    SECRET_WRONG,
    login_error,
)
from dev.sandbox.faults import FaultKind, Faults
from dev.sandbox.population import Customer
from dev.sandbox.resources import Caller
from dev.sandbox.tokens import GraphTokens

type Refusal = tuple[int, str, int, str]


class Login:
    """Issues Graph tokens to whoever shows the sandbox's secret; without one, any secret will do."""

    def __init__(
        self,
        customers: Mapping[str, Customer],
        *,
        faults: Faults,
        tokens: GraphTokens,
        secret: str | None,
        partner: str | None = None,
    ) -> None:
        self._customers = customers
        self._faults = faults
        self._tokens = tokens
        self._secret = secret
        self._partner = partner

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        tenant = request.match_info["tenant"].lower()
        refusal = self._refusal(tenant, form)
        if refusal is not None:
            status, error, code, text = refusal
            return _json(login_error(code, error, text), status=status)
        token = self._tokens.issue(Caller(tenant, form["client_id"]), self._roles(tenant))
        lifetime = self._tokens.lifetime
        return _json(
            {
                "token_type": "Bearer",
                "expires_in": lifetime,
                "ext_expires_in": lifetime,
                "access_token": token,
            }
        )

    def _roles(self, tenant: str) -> frozenset[str]:
        customer = self._customers.get(tenant)
        return customer.permissions - customer.lagging if customer else frozenset()

    def _refusal(self, tenant: str, form: Mapping[str, str]) -> Refusal | None:
        customer = self._customers.get(tenant)
        if tenant == self._partner:
            return self._refused_form(form)
        if customer is None:
            return LOGIN_ERRORS[FaultKind.TENANT_GONE]
        for fault in self._faults.at_login(tenant):
            return LOGIN_ERRORS[fault.kind]
        if customer.login_fault is not None:
            return LOGIN_ERRORS[customer.login_fault]
        return self._refused_form(form)

    def _refused_form(self, form: Mapping[str, str]) -> Refusal | None:
        if form.get("grant_type") != "client_credentials":
            return GRANT_UNKNOWN
        if not form.get("client_id") or not form.get("scope"):
            return FORM_INCOMPLETE
        shown = form.get("client_secret") or form.get("client_assertion")
        if not shown or self._secret not in (None, shown):
            return SECRET_WRONG
        return None


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json"
    )
