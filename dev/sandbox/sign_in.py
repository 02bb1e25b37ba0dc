"""Sign-in of people: a page to choose who to be, codes that are good once, ID tokens as Entra's."""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from aiohttp import web
from markupsafe import Markup
from yarl import URL

from dev.sandbox.client_proofs import ClientProofs, Refusal
from dev.sandbox.errors import login_error

if TYPE_CHECKING:
    from dev.sandbox.server import Sandbox

PARTNER = "0a17e8c4-5b1d-4f0e-9a6c-7d2b3c4e5f60"
_STRANGER = "11111111-2222-4333-8444-555555555555"
_CODE_SECONDS = 600
_LOOPBACK = ("127.0.0.1", "localhost")
_ASKED = ("client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge")
_STYLE = """
body{margin:4rem auto;max-width:36rem;padding:0 1rem;font:17px/1.6 system-ui,sans-serif;color:#1a2027}
a{display:block;margin:.6rem 0;padding:.7rem 1rem;border:1px solid #c4ccd6;border-radius:8px;color:inherit;text-decoration:none}
a:hover{background:#eef2f6}
"""


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    tenant_id: str
    roles: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.tenant_id}~{'+'.join(self.roles)}"


@dataclass(frozen=True, slots=True)
class _Code:
    person: Person
    asked: Mapping[str, str]
    until: float


class SignIn:
    def __init__(self, sandbox: "Sandbox", *, partner: str, secret: str | None) -> None:
        self._sandbox = sandbox
        self._partner = partner
        self._secret = secret
        self.proofs = ClientProofs()
        self._codes: dict[str, _Code] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/{tenant}/oauth2/v2.0/authorize", self.authorize),
            web.get("/{tenant}/oauth2/v2.0/logout", self.log_out),
        ]

    def people(self) -> dict[str, Person]:
        """By key: an admin of each customer, an engineer, and two who may see nothing."""
        customers = list(self._sandbox.customers.values())
        admins = [
            Person(f"Admin von {c.name}", c.tenant_id, ("Reports.Reader",)) for c in customers
        ]
        others = [
            Person("Techniker des Partners", self._partner, ("Reports.Engineer",)),
            *(Person(f"Benutzer von {c.name} ohne Rolle", c.tenant_id, ()) for c in customers[:1]),
            Person("Admin eines fremden Tenants", _STRANGER, ("Reports.Reader",)),
        ]
        return {person.key: person for person in [*admins, *others]}

    async def authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        redirect = URL(asked.get("redirect_uri", ""))
        is_whole = all(asked.get(name) for name in _ASKED)
        is_code = (asked.get("response_type"), asked.get("code_challenge_method")) == (
            "code",
            "S256",
        )
        if not (is_whole and is_code and redirect.host in _LOOPBACK):
            return web.Response(status=400, text="AADSTS900144: The request is not complete.")
        chosen = self.people().get(asked.pop("person", ""))
        if chosen is None:
            return self._choice(request)
        code = token_urlsafe(48)
        self._codes[code] = _Code(chosen, asked, time.monotonic() + _CODE_SECONDS)
        answer = redirect.update_query({"code": code, "state": asked["state"]})
        return web.Response(status=302, headers={"Location": str(answer)})

    def _choice(self, request: web.Request) -> web.Response:
        links = Markup("").join(
            Markup('<a href="{}">{}</a>').format(
                str(request.rel_url.update_query({"person": person.key})), person.name
            )
            for person in self.people().values()
        )
        page = Markup(
            '<!DOCTYPE html><html lang="de"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            "<title>Anmelden</title><style>{style}</style><h1>Anmelden als</h1>"
            "<p>An dieser Stelle steht sonst die Anmeldung von Microsoft Entra ID.</p>{links}</html>"
        ).format(style=Markup(_STYLE), links=links)  # noqa: S704 - our own text
        return web.Response(text=page, content_type="text/html")

    async def redeem(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        refusal = self._client_refusal(form, token_url=f"{self._sandbox.origin}{request.path}")
        if refusal:
            return _refused(401, refusal[0], "invalid_client", refusal[1])
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or form.get("grant_type") != "authorization_code":
            return _refused(400, 54005, "invalid_grant", "The code was already redeemed.")
        if code.until < time.monotonic():
            return _refused(400, 70008, "invalid_grant", "The code has expired.")
        if not _belongs(code, form):
            return _refused(400, 501481, "invalid_grant", "The code verifier does not match.")
        return web.json_response({"token_type": "Bearer", "id_token": self._id_token(code)})

    def _client_refusal(self, form: Mapping[str, str], *, token_url: str) -> Refusal | None:
        if self.proofs.knows(form.get("client_id", "")):
            return self.proofs.refusal(form, token_url=token_url)
        shown = form.get("client_secret") or form.get("client_assertion")
        if not shown or self._secret not in (None, shown):
            return 7000215, "Invalid client secret provided."
        return None

    def _id_token(self, code: _Code) -> str:
        person = code.person
        return self._sandbox.issue(
            tid=person.tenant_id,
            roles=list(person.roles),
            aud=code.asked["client_id"],
            nonce=code.asked["nonce"],
            oid=str(uuid5(NAMESPACE_URL, person.key)),
            azp=None,
        )

    async def log_out(self, request: web.Request) -> web.Response:
        back = URL(request.query.get("post_logout_redirect_uri", ""))
        if back.host not in _LOOPBACK:
            return web.Response(text="Abgemeldet.")
        return web.Response(status=302, headers={"Location": str(back)})


def _belongs(code: _Code, form: Mapping[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    same = all(form.get(name) == code.asked[name] for name in ("client_id", "redirect_uri"))
    return same and challenge == code.asked["code_challenge"]


def _refused(status: int, number: int, error: str, text: str) -> web.Response:
    return web.json_response(login_error(number, error, text), status=status)
