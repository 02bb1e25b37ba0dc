"""Issues and revokes signed links to delivered runs."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from shared_code.core.audit import Act, Entry
from shared_code.core.caller import Caller
from shared_code.core.errors import NotAllowed
from shared_code.core.link import Link
from shared_code.core.ports import Audit, Clock, Links, LinkSigner
from shared_code.core.run import Run

# Anything else comes from somebody who tries; too long an address would be Azure's error, not a miss.
_JTI = re.compile(r"[A-Za-z0-9_-]{1,64}")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Issued:
    """A link and its address; `address` ends in the token and opens the run's front page."""

    link: Link
    run: Run
    address: str

    def address_of(self, name: str) -> str:
        return f"{self.address}/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """`public_url` is where the function app answers, without a slash at the end."""

    signer: LinkSigner
    links: Links
    audit: Audit
    clock: Clock
    public_url: str

    async def issue(
        self, runs: Sequence[Run], *, lifetime: timedelta, created_by: str
    ) -> Sequence[Issued]:
        """One link per run; all runs are of one tenant and delivered."""
        links = [self._link(run, lifetime, created_by) for run in runs]
        return await self._issued(links, runs, fresh=links, created_by=created_by)

    async def listed(
        self, runs: Sequence[Run], *, lifetime: timedelta, created_by: str
    ) -> Sequence[Issued]:
        """As `issue`; whoever asks again within half the lifetime gets the same links, but for
        those that were revoked: they are named after who asked, the time and the run."""
        if not runs:
            return []
        now = self.clock()
        begun = now - (now - _EPOCH) % (lifetime / 2)
        prefix = _digest(created_by, begun.isoformat())
        known = {o.jti: o for o in await self.links.starting(runs[0].tenant_id, prefix)}

        def link_to(run: Run) -> Link:
            jti, fresh = f"{prefix}-{_digest(run.id)}", self._link(run, lifetime, created_by)
            if jti not in known:
                return replace(fresh, jti=jti, expires=begun + lifetime)
            return fresh if known[jti].revoked else known[jti]

        links = [link_to(run) for run in runs]
        fresh = [link for link in links if link.jti not in known]
        return await self._issued(links, runs, fresh=fresh, created_by=created_by)

    async def _issued(
        self, links: Sequence[Link], runs: Sequence[Run], *, fresh: Sequence[Link], created_by: str
    ) -> Sequence[Issued]:
        await self.links.add(fresh)
        await self._record_issued(fresh, created_by)
        return [
            Issued(link, run, f"{self.public_url}/r/{self.signer.sign(link)}")
            for link, run in zip(links, runs, strict=True)
        ]

    def _link(self, run: Run, lifetime: timedelta, created_by: str) -> Link:
        now = self.clock().replace(microsecond=0)
        return Link(
            # Engineers type it: a hyphen in front would be an option.
            jti=secrets.token_hex(16),
            tenant_id=run.tenant_id,
            run_id=run.id,
            report=run.report,
            period_end=run.end,
            expires=now + lifetime,
            created=now,
            created_by=created_by,
        )

    async def revoke(self, jti: str, caller: Caller) -> bool:
        """False if there is no such link in what the caller may see.

        Raises NotAllowed for who may see nothing at all.
        """
        if not caller.may_read(caller.tenant_id):
            raise NotAllowed("no role here")
        link = await self._visible(jti, caller) if _JTI.fullmatch(jti) else None
        if link is None:
            return False
        if link.revoked is None:
            await self.links.revoke(link.tenant_id, jti, at=self.clock())
            await self._record(link, Act.LINK_REVOKED, caller.object_id, detail=link.report)
        return True

    async def _record_issued(self, links: Sequence[Link], created_by: str) -> None:
        """Many at once are one act: a list was looked at. Each has a row of its own besides."""
        if len(links) == 1:
            await self._record(links[0], Act.LINK_ISSUED, created_by, detail=links[0].report)
        elif links:
            words = f"{len(links)} links for a list"
            await self._record(links[0], Act.LINK_ISSUED, created_by, subject="list", detail=words)

    async def _record(
        self, link: Link, act: Act, actor: str, *, subject: str | None = None, detail: str
    ) -> None:
        entry = Entry(
            tenant_id=link.tenant_id,
            at=self.clock(),
            act=act,
            actor=actor,
            subject=subject or link.jti,
            detail=detail,
        )
        await self.audit.record(entry)

    async def _visible(self, jti: str, caller: Caller) -> Link | None:
        if caller.is_engineer:
            return await self.links.find(jti)
        return await self.links.get(caller.tenant_id, jti)


def _digest(*words: str) -> str:
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:24]
