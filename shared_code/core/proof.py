"""Proof: what was deleted of a tenant whose service ended, how much, when and on whose word."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from shared_code.core.tenant import TenantId


class Phase(StrEnum):
    """How far a deletion got; it only ever goes forward."""

    FIRST = "first"  # everything there is
    WAITING = "waiting"  # for what was under way when it began
    LAST = "last"  # what that left
    CLOSING = "closing"  # only the tenant's own row is left
    CLOSED = "closed"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """How many things of one kind there were, and when they were written."""

    count: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Counts and instants by kind; nothing of what was in it. A tenant that came back and went
    again has several, numbered from one.

    Each kind is counted before it is deleted: whoever goes on after an interruption finds the
    count, and deletes the rest.
    """

    tenant_id: TenantId
    number: int
    begun: datetime
    begun_by: str  # object id of the engineer
    phase: Phase = Phase.FIRST
    deleted: dict[str, Found] = {}
    late: dict[str, Found] = {}  # what came while it was under way
    resumes: datetime | None = None  # not before then, while it waits
    closed: datetime | None = None

    @property
    def is_closed(self) -> bool:
        return self.phase is Phase.CLOSED

    @property
    def counted(self) -> Mapping[str, Found]:
        """In the phase at hand."""
        return self.late if self.phase is Phase.LAST else self.deleted

    def counting(self, kind: str, found: Found) -> "Proof":
        """The first count stands."""
        counts = {kind: found} | dict(self.counted)
        if self.phase is Phase.LAST:
            return replace(self, late=counts)
        return replace(self, deleted=counts)
