"""Opens a signed link: verified, not revoked, of a delivered run; and writes it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared_code.core.caller import Caller
from shared_code.core.errors import (
    LinkClosed,
    LinkError,
    LinkExpired,
    LinkInvalid,
    LinkRevoked,
    LinkUsedUp,
    NotSignedIn,
)
from shared_code.core.link import Link, Opening, Outcome, download_name
from shared_code.core.ports import Archive, Clock, Ledger, Links, LinkSigner, Tenants
from shared_code.core.run import Artifact, Run
from shared_code.core.tenant import Tenant
from shared_code.service.debounce import Debounce
from shared_code.service.files import MEMORY
from shared_code.service.present import present

# The whole body passes through the worker's memory; larger files are fetched from the store.
_LARGEST_BODY = 16 * 2**20

# Whoever opened a page may fetch the files beside it: they are the same use of the link.
_SAME_USE = timedelta(hours=1)

_REFUSALS: Mapping[Outcome, type[LinkError]] = {
    Outcome.EXPIRED: LinkExpired,
    Outcome.REVOKED: LinkRevoked,
    Outcome.USED_UP: LinkUsedUp,
    Outcome.NOT_ALLOWED: LinkClosed,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Exactly one of `body` and `redirect` is set, neither for a HEAD request."""

    artifact: Artifact
    download_name: str
    body: bytes | None = None
    redirect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Asking never uses a link up: mail scanners follow every address they see.

    Where a tenant allows so many opens only, each delivery of a page is one; HEAD and the
    redirect to the page are none, but a scanner that reads the page itself is.
    """

    signer: LinkSigner
    links: Links
    ledger: Ledger
    tenants: Tenants
    archive: Archive
    clock: Clock
    _debounce: Debounce = field(default_factory=Debounce)

    async def front_page(self, token: str, method: str, caller: Caller | None = None) -> str:
        """The file that a link without one leads to. Raises LinkError and NotSignedIn."""
        _, tenant = await self._verify(token, method, caller)
        return f"report.{tenant.language}.html"

    async def open(
        self, token: str, file: str, method: str, caller: Caller | None = None
    ) -> Opened:
        """Raises LinkError, whatever is wrong, and NotSignedIn where the tenant wants a sign-in."""
        link, tenant = await self._verify(token, method, caller, file)
        run = await self._run(link)
        artifact = run.artifact(file) if file != MEMORY else None
        opened = await self._content(artifact, run, tenant, method) if artifact else None
        if opened is None:
            await self._note(link, method, Outcome.INVALID)
            raise LinkInvalid("no such file")
        if method != "HEAD" and not await self._use(link, tenant, file):
            raise await self._refused(link, method, Outcome.USED_UP)
        await self._record(link, method, file, Outcome.OPENED)
        return opened

    async def _content(
        self, artifact: Artifact, run: Run, tenant: Tenant, method: str
    ) -> Opened | None:
        """None if the file was deleted, as old ones are."""
        name = download_name(
            period_end=run.end,
            customer=tenant.customer,
            report=run.report,
            artifact=artifact.name,
        )
        if method == "HEAD":
            return Opened(artifact=artifact, download_name=name)
        if artifact.size > _LARGEST_BODY:
            address = await self.archive.redirect(
                artifact.path, file_name=name, media_type=artifact.media_type
            )
            if address:
                return Opened(artifact=artifact, download_name=name, redirect=address)
        try:
            body = await self.archive.read(artifact.path)
        except FileNotFoundError:
            return None
        return Opened(artifact=artifact, download_name=name, body=body)

    async def _verify(
        self, token: str, method: str, caller: Caller | None, file: str = ""
    ) -> tuple[Link, Tenant]:
        claimed = self.signer.verify(token)
        link = await self.links.get(claimed.tenant_id, claimed.jti)
        tenant = await present(self.tenants, claimed.tenant_id)
        if link is None or link.run_id != claimed.run_id:
            raise LinkInvalid("unknown link")
        if tenant is None:
            raise LinkInvalid("tenant is no longer served")
        refusal = self._refusal(link, tenant) or await self._used_up(link, tenant, file)
        if refusal is None and tenant.links.sign_in_required:
            if caller is None:
                raise NotSignedIn("the tenant wants a sign-in")
            refusal = None if caller.may_read(tenant.id) else Outcome.NOT_ALLOWED
        if refusal:
            raise await self._refused(link, method, refusal)
        return link, tenant

    async def _refused(self, link: Link, method: str, outcome: Outcome) -> LinkError:
        await self._note(link, method, outcome)
        return _REFUSALS[outcome](outcome)

    async def _note(self, link: Link, method: str, outcome: Outcome) -> None:
        if self._debounce.passes(link.jti, outcome, at=self.clock()):
            await self._record(link, method, "", outcome)

    def _refusal(self, link: Link, tenant: Tenant) -> Outcome | None:
        if link.revoked:
            return Outcome.REVOKED
        return Outcome.EXPIRED if link.end(tenant.links) <= self.clock() else None

    async def _used_up(self, link: Link, tenant: Tenant, file: str) -> Outcome | None:
        allowed = tenant.links.allowed_opens
        if allowed is None:
            return None
        used = await self.links.used(link.tenant_id, link.jti)
        is_over = len(used) >= allowed and not self._is_same_use(used, file)
        return Outcome.USED_UP if is_over else None

    async def _use(self, link: Link, tenant: Tenant, file: str) -> bool:
        """False if others used the link up meanwhile."""
        allowed = tenant.links.allowed_opens
        if allowed is None:
            return True
        used = await self.links.used(link.tenant_id, link.jti)
        if self._is_same_use(used, file):
            return True
        now = self.clock()
        for number in range(len(used), allowed):
            if await self.links.use(link, number, at=now):
                return True
        return False

    def _is_same_use(self, used: Sequence[datetime], file: str) -> bool:
        """A file beside a page that was opened just now."""
        is_beside = bool(file) and not file.endswith(".html")
        return is_beside and bool(used) and max(used) > self.clock() - _SAME_USE

    async def _run(self, link: Link) -> Run:
        run = await self.ledger.find(link.tenant_id, link.report, link.period_end)
        if run is None or run.id != link.run_id or not run.state.is_delivered:
            raise LinkInvalid("no delivered run")
        return run

    async def _record(self, link: Link, method: str, file: str, outcome: Outcome) -> None:
        opening = Opening(
            jti=link.jti,
            tenant_id=link.tenant_id,
            run_id=link.run_id,
            at=self.clock(),
            method=method,
            file=file,
            outcome=outcome,
        )
        await self.links.record(opening)
