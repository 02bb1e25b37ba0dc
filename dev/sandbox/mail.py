"""The partner's mailbox: takes mails as Graph's sendMail does, keeps them, and lists what was sent."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

import msgspec
from aiohttp import web

from dev.sandbox.errors import GraphError, bad_query, upstream

_SEND = re.compile(r"/users/(?P<mailbox>[^/]+)/sendMail")
_SENT = re.compile(r"/users/(?P<mailbox>[^/]+)/mailFolders/sentitems/messages")
_WANTED = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ?ep/id eq '(?P<id>[^']+)' and ep/value eq '(?P<value>[^']+)'\)",
    re.IGNORECASE,
)


class Mishap(StrEnum):
    GATEWAY_TIMEOUT = "gateway_timeout"
    CONNECTION_DROPPED = "connection_dropped"


@dataclass
class Mailbox:
    """`sent` as Graph's messages, oldest first; `posts` counts attempts, refused ones too.

    `mishaps` befall the next mails after they were taken.
    """

    tenant_id: str
    sent: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    mishaps: list[Mishap] = field(default_factory=list[Mishap])
    posts: int = 0

    def to(self, address: str) -> list[dict[str, Any]]:
        return [mail for mail in self.sent if _recipient(mail) == address]

    def count(self, method: str, path: str) -> None:
        self.posts += method == "POST" and _SEND.fullmatch(path) is not None

    async def answer(self, request: web.Request, path: str) -> web.StreamResponse:
        if request.method == "POST" and _SEND.fullmatch(path):
            return await self._send(request)
        if request.method == "GET" and _SENT.fullmatch(path):
            return self._list(request.query.get("$filter", ""))
        raise GraphError(404, "ErrorItemNotFound", "The specified object was not found.")

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = msgspec.json.decode(await request.read(), type=dict[str, Any])
        message = body.get("message") or body.get("Message")
        if not message or not _recipient(message):
            raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
        self.sent.append({"id": uuid4().hex, **message})
        mishap = self.mishaps.pop(0) if self.mishaps else None
        if mishap is Mishap.GATEWAY_TIMEOUT:
            raise upstream(504)
        if mishap is Mishap.CONNECTION_DROPPED and request.transport is not None:
            request.transport.close()
        return web.Response(status=202)

    def _list(self, text: str) -> web.Response:
        wanted = _WANTED.fullmatch(text)
        if wanted is None:
            raise bad_query("The filter is not supported.")
        found = [
            {"id": mail["id"]}
            for mail in self.sent
            for ep in mail.get("singleValueExtendedProperties", ())
            if (ep["id"], ep["value"]) == (wanted["id"], wanted["value"])
        ]
        return web.Response(
            body=msgspec.json.encode({"value": found[:1]}), content_type="application/json"
        )


def _recipient(message: dict[str, Any]) -> str:
    recipients = message.get("toRecipients") or [{}]
    return recipients[0].get("emailAddress", {}).get("address", "")
