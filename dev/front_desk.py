"""Onboards customers as it is done: an engineer invites over the API, an admin reads, consents, comes back."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

_CONSENT = re.compile(r'href="(http[^"]+/adminconsent\?[^"]+)"')


class NotOnboardedError(Exception):
    """Some step of the way did not answer as it should."""


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """`api` is where the host answers, `engineer` an access token of the partner's."""

    api: str
    engineer: str

    async def onboard(self, offer: Mapping[str, Any]) -> None:
        async with aiohttp.ClientSession() as session:
            page = await self._page(session, await self._invite(session, offer))
            found = _CONSENT.search(page)
            if found is None:
                raise NotOnboardedError("the page of the invitation has no way to consent")
            # Entra leads back to the call-back, and that to the page of the invitation.
            await self._page(session, f"{html.unescape(found[1])}&accept=1")

    async def _invite(self, session: aiohttp.ClientSession, offer: Mapping[str, Any]) -> str:
        headers = {"Authorization": f"Bearer {self.engineer}"}
        async with session.post(
            f"{self.api}/api/invitations", json=offer, headers=headers
        ) as answer:
            sent = await answer.json(content_type=None)
            if answer.status != 201:  # noqa: PLR2004
                raise NotOnboardedError(f"invitation: {sent.get('detail')}")
            return sent["address"]

    async def _page(self, session: aiohttp.ClientSession, address: str) -> str:
        async with session.get(address) as answer:
            if answer.status != 200:  # noqa: PLR2004
                raise NotOnboardedError(f"a page of onboarding answers {answer.status}")
            return await answer.text()
