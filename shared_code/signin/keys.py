"""Signing keys of Entra: fetched off the event loop, kept for an hour, never by two callers at once."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK, PyJWKClient, PyJWKSet, PyJWTError

from shared_code.core.errors import UpstreamDown

_KEPT = 3600.0
# Anybody can send tokens with invented key ids; only this often do they cause a request.
_UNKNOWN_EVERY = 60.0
_FAILED_EVERY = 5.0
_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`issuer` is for whom it signs, every tenant where `{tenantid}` stands; None: not said."""

    key: PyJWK
    issuer: str | None

    def signs(self, issuer: str, *, tenant_id: str) -> bool:
        return self.issuer is None or self.issuer.replace("{tenantid}", tenant_id) == issuer


class SigningKeys:
    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        # Without its caches: they know neither a failed attempt nor a crowd of callers.
        self._client = PyJWKClient(url, cache_jwk_set=False, cache_keys=False, timeout=_TIMEOUT)
        self._clock = clock
        self._keys: Mapping[str, SigningKey] = {}
        self._fetched = float("-inf")
        self._tried = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> SigningKey | None:
        """None if Entra does not sign with it. Raises UpstreamDown if nobody can say."""
        if self._needs_fetch(kid):
            async with self._lock:
                if self._needs_fetch(kid):
                    await self._fetch()
        if self._is_stale():
            raise UpstreamDown("the keys of Entra cannot be fetched")
        return self._keys.get(kid)

    def _is_stale(self) -> bool:
        return self._clock() >= self._fetched + _KEPT

    def _needs_fetch(self, kid: str) -> bool:
        since = self._clock() - self._tried
        if self._is_stale():
            return since >= _FAILED_EVERY
        return kid not in self._keys and since >= _UNKNOWN_EVERY

    async def _fetch(self) -> None:
        try:
            fetched = _keys_in(await asyncio.to_thread(self._client.fetch_data))
        except (PyJWTError, OSError, ValueError):
            # What was fetched before stays good until its hour is over.
            return
        finally:
            # Not before: until then other callers wait for this answer.
            self._tried = self._clock()
        self._keys = fetched
        self._fetched = self._clock()


def _keys_in(document: dict[str, Any]) -> dict[str, SigningKey]:
    """Raises PyJWTError if there is none."""
    usable = {key.key_id: key for key in PyJWKSet.from_dict(document).keys if key.key_id}
    issuers = {each.get("kid"): each.get("issuer") for each in document["keys"]}
    return {kid: SigningKey(key, issuers[kid]) for kid, key in usable.items()}
