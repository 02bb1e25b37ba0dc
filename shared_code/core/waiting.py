"""Waiting: messages in queues, and those that nobody could work off, as an engineer sees them."""

from datetime import datetime

import msgspec


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """`count` is about how many messages there are, hidden ones too; `oldest` is of the visible ones."""

    queue: str
    count: int
    oldest: datetime | None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Bodies hold ids and instants only."""

    id: str
    queue: str
    body: bytes
    queued: datetime | None
    tries: int


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kept: datetime


POISON = "-poison"
