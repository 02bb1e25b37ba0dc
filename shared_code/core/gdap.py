"""GDAP: the partner's delegated access to tenants, granted for at most two years.

Reports do not run over it, the application's consent carries them; the partner's people do.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from shared_code.core.readiness import Cause
from shared_code.core.tenant import TenantId

_WAITING = frozenset({"created", "approvalpending", "approved", "activating"})
_EXPIRED = "expired"
_TAKEN_BACK = frozenset({"terminated", "terminating", "terminationrequested"})

# For so long after the end readers are told; afterwards it was meant to end.
_TOLD_AFTER_END = 30


class Stage(StrEnum):
    """How near the end is; each is worth one warning, in this order."""

    SIXTY = "60-days"
    THIRTY = "30-days"
    ENDED = "ended"


class Relationship(msgspec.Struct, frozen=True, kw_only=True):
    """`roles` are role template ids; `extends`: Microsoft prolongs it without anybody's approval."""

    id: str
    tenant_id: TenantId
    name: str = ""
    status: str = ""
    ends: datetime | None = None
    extends: bool = False
    roles: tuple[str, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status.casefold() in {_EXPIRED, *_TAKEN_BACK}

    @property
    def is_live(self) -> bool:
        return not self.is_over and self.status.casefold() not in _WAITING

    @property
    def is_taken_back(self) -> bool:
        """Somebody wanted it to end."""
        return self.status.casefold() in _TAKEN_BACK

    def days_left(self, at: datetime, zone: ZoneInfo) -> int | None:
        """Calendar days there, 0 on its last one; None without an end."""
        if self.ends is None:
            return None
        return (_day(self.ends, zone) - _day(at, zone)).days

    def stage(self, at: datetime, zone: ZoneInfo) -> Stage | None:
        """None while nobody needs to act."""
        if self.is_over:
            return Stage.ENDED
        days = self.days_left(at, zone)
        if days is None or self.extends or not self.is_live:
            return None
        if days < 0:
            return Stage.ENDED
        return Stage.THIRTY if days <= 30 else Stage.SIXTY if days <= 60 else None  # noqa: PLR2004

    def is_covered(self, others: "Iterable[Relationship]") -> bool:
        """Another one that ends later grants all of it."""
        return any(
            o.is_live and set(self.roles) <= set(o.roles) and _later(o, self) for o in others
        )


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """A warning given; a relationship that was prolonged earns new ones."""

    id: str
    stage: Stage
    ends: datetime | None


class Delegation(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a tenant; of the partner's own, why nothing could be read there."""

    tenant_id: TenantId
    checked: datetime
    problem: Cause | None = None
    detail: str = ""
    relationships: tuple[Relationship, ...] = ()
    warned: tuple[Warned, ...] = ()

    def ending(self, at: datetime, zone: ZoneInfo) -> Sequence[Relationship]:
        """Those whose end the customer should be told of, the sooner the first."""
        warned = {(each.id, each.ends) for each in self.warned}
        told = [r for r in self.relationships if (r.id, r.ends) in warned and not r.is_taken_back]
        near = {
            r.id: days
            for r in told
            if (days := r.days_left(at, zone)) is not None
            and days >= -_TOLD_AFTER_END
            and not r.is_covered(self.relationships)
        }
        return sorted((r for r in told if r.id in near), key=lambda r: near[r.id])


def _later(one: Relationship, other: Relationship) -> bool:
    if one.id == other.id:
        return False
    if one.ends is None or other.ends is None:
        return one.ends is None and other.ends is not None
    return (one.ends, one.id) > (other.ends, other.id)


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
