"""Sign-in of people at the built-in pages: OpenID Connect, authorization code with PKCE and nonce."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from shared_code.core.audit import Act, Entry
from shared_code.core.caller import Caller
from shared_code.core.errors import NotAllowed, NotSignedIn
from shared_code.core.ports import Audit, Clock, IdTokens, Seal, SignInCodes, Tenants
from shared_code.core.sign_in import Pending, own_path
from shared_code.core.tenant import TenantId
from shared_code.service.debounce import Debounce
from shared_code.service.present import present

# Absolute: a role that is taken away counts until then at the latest.
SESSION = timedelta(hours=8)
PENDING = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Begun:
    """`address` is Entra's; `sealed` goes into a cookie that `state` names."""

    address: str
    state: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Admitted:
    session: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSignIn:
    """Keeps nothing: what a sign-in needs until it is over stands in the browser, sealed."""

    login_url: str
    client_id: str
    public_url: str
    partner_tenant: TenantId
    sessions: Seal
    pending: Seal
    codes: SignInCodes
    id_tokens: IdTokens
    tenants: Tenants
    audit: Audit
    clock: Clock
    _debounce: Debounce = field(default_factory=Debounce)

    def begin(self, to: str, *, choose_account: bool = False) -> Begun:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": redirect_uri(self.public_url),
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **({"prompt": "select_account"} if choose_account else {}),
        }
        begun = Pending(state=state, nonce=nonce, verifier=verifier, to=own_path(to))
        return Begun(
            f"{self._entra('authorize')}?{urlencode(query)}",
            state,
            self.pending.close(begun, lifetime=PENDING),
        )

    async def finish(self, *, state: str, code: str, sealed: str) -> Admitted:
        """Raises NotSignedIn, UpstreamError, and NotAllowed for whoever has nothing to see here."""
        begun = self.pending.open(sealed, Pending)
        if not (code and hmac.compare_digest(begun.state.encode(), state.encode())):
            raise NotSignedIn("this browser began no such sign-in")
        token = await self.codes.redeem(code, verifier=begun.verifier)
        caller = await self.id_tokens.signed_in(token, nonce=begun.nonce)
        await self._admit(caller)
        return Admitted(self.sessions.close(caller, lifetime=SESSION), begun.to)

    def caller(self, session: str) -> Caller:
        """Raises NotSignedIn."""
        return self.sessions.open(session, Caller)

    @property
    def sign_out_address(self) -> str:
        """Entra's: also ends the sign-in at everything else in this browser."""
        return f"{self._entra('logout')}?{urlencode({'post_logout_redirect_uri': f'{self.public_url}/signout'})}"

    async def _admit(self, caller: Caller) -> None:
        tenant_id = caller.tenant_id
        is_served = caller.is_engineer or await present(self.tenants, tenant_id) is not None
        if is_served and caller.may_read(caller.tenant_id):
            role = "engineer" if caller.is_engineer else "reader"
            await self._record(caller, Act.SIGNED_IN, caller.tenant_id, detail=role)
            return
        # Anybody at Microsoft can come this far: only the partner reads about strangers.
        told = caller.tenant_id if is_served else self.partner_tenant
        detail = "no role" if is_served else "tenant not served"
        # A stranger makes as many accounts as he likes; a tenant's own people are told apart.
        who = caller.object_id if is_served else ""
        if self._debounce.passes(caller.tenant_id, who, at=self.clock()):
            await self._record(caller, Act.SIGN_IN_REFUSED, told, detail=detail)
        raise NotAllowed("no role here")

    async def _record(self, caller: Caller, act: Act, told: TenantId, *, detail: str) -> None:
        entry = Entry(
            tenant_id=told,
            at=self.clock(),
            act=act,
            actor=caller.object_id,
            subject=caller.tenant_id,
            detail=detail,
        )
        await self.audit.record(entry)

    def _entra(self, endpoint: str) -> str:
        return f"{self.login_url}/organizations/oauth2/v2.0/{endpoint}"


def redirect_uri(public_url: str) -> str:
    """What the app registration has to name."""
    return f"{public_url}/signin/callback"
