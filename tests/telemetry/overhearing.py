"""A sandbox that remembers what it told: names, ids, addresses, texts, tokens and links."""

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

from aiohttp import web

from dev.sandbox import Sandbox

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SHORTEST = 6


class Overhearing(Sandbox):
    def __init__(self, *customers: Any, **options: Any) -> None:
        super().__init__(*customers, **options)
        self.told: set[str] = set()

    def secrets(self) -> set[str]:
        """Also of what goes out in pieces: everybody who lives here."""
        people: set[str | None] = set()
        for tenant_id in self.customers:
            population = self.population(tenant_id)
            members = [population.member(n) for n in range(population.customer.members)]
            for each in (*members, *(guest for _, guest in population.guests())):
                people |= {each.id, each.display_name, each.mail, each.user_principal_name}
        words = self.told | {word for word in people if word}
        return {w for w in words if len(w) >= _SHORTEST} - {*self.customers}

    def _application(self) -> web.Application:
        application = super()._application()
        application.on_response_prepare.append(self._hear)
        return application

    async def _hear(self, request: web.Request, response: web.StreamResponse) -> None:
        self.told.add(request.headers.get("Authorization", "").removeprefix("Bearer "))
        for value in request.query.values():
            self.told.add(value)
        location = response.headers.get("Location", "")
        self.told |= {location, location.rpartition("/")[2]}
        body = response.body if isinstance(response, web.Response) else None
        if isinstance(body, bytes):
            with suppress(ValueError):
                self.told |= set(_telling(json.loads(_plain(body))))


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def _telling(value: object, key: str = "") -> Iterator[str]:
    """Texts, ids, addresses and tokens; words of Graph's own have neither blanks nor signs."""
    if isinstance(value, dict):
        for name, each in cast("dict[str, object]", value).items():
            yield from _telling(each, name)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _telling(each, key)
    elif isinstance(value, str) and (
        key.endswith(("token", "displayName", "Name"))
        or _ID.fullmatch(value)
        or any(sign in value for sign in (" ", "@", "://"))
    ):
        yield value
