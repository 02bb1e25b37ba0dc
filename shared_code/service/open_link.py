"""Opens a signed link: verified, not revoked, of a delivered run; and writes it down."""

from dataclasses import dataclass

from shared_code.core.errors import LinkExpired, LinkInvalid, LinkRevoked
from shared_code.core.link import Link, Opening, Outcome, download_name
from shared_code.core.ports import Archive, Clock, Ledger, Links, LinkSigner, Tenants
from shared_code.core.run import Artifact, Run
from shared_code.core.tenant import Tenant
from shared_code.service.files import MEMORY

# The whole body passes through the worker's memory; larger files are fetched from the store.
_LARGEST_BODY = 16 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Exactly one of `body` and `redirect` is set, neither for a HEAD request."""

    artifact: Artifact
    download_name: str
    body: bytes | None = None
    redirect: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Asking never uses a link up: mail scanners follow every address they see."""

    signer: LinkSigner
    links: Links
    ledger: Ledger
    tenants: Tenants
    archive: Archive
    clock: Clock

    async def front_page(self, token: str, method: str) -> str:
        """The file that a link without one leads to. Raises LinkError."""
        _, tenant = await self._verify(token, method)
        return f"report.{tenant.language}.html"

    async def open(self, token: str, file: str, method: str) -> Opened:
        """Raises LinkError, whatever is wrong."""
        link, tenant = await self._verify(token, method)
        run = await self._run(link)
        artifact = run.artifact(file) if file != MEMORY else None
        opened = await self._content(artifact, run, tenant, method) if artifact else None
        if opened is None:
            await self._record(link, method, "", Outcome.INVALID)
            raise LinkInvalid("no such file")
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

    async def _verify(self, token: str, method: str) -> tuple[Link, Tenant]:
        claimed = self.signer.verify(token)
        link = await self.links.get(claimed.tenant_id, claimed.jti)
        tenant = await self.tenants.get(claimed.tenant_id)
        if link is None or link.run_id != claimed.run_id:
            raise LinkInvalid("unknown link")
        if tenant is None or tenant.state.is_gone:
            raise LinkInvalid("tenant is no longer served")
        refused = self._refusal(link)
        if refused:
            await self._record(link, method, "", Outcome(refused))
            raise LinkRevoked("revoked") if refused is Outcome.REVOKED else LinkExpired("expired")
        return link, tenant

    def _refusal(self, link: Link) -> Outcome | None:
        if link.revoked:
            return Outcome.REVOKED
        return Outcome.EXPIRED if link.expires <= self.clock() else None

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
