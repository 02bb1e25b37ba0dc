"""Condition: what a reader may know of how ready a tenant is, and of our access to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shared_code.core.gdap import Delegation, Relationship
from shared_code.core.readiness import Lack, Readiness
from shared_code.core.report import ReportType
from shared_code.core.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a reader may know of a tenant's readiness; None before the first probe."""

    tenant: Tenant
    reports: Sequence[ReportType]  # those that the tenant ordered
    readiness: Readiness | None
    is_for_engineer: bool
    at: datetime
    delegation: Delegation | None = None
    partner: Delegation | None = None  # for engineers: whether the partner's tenant could be read

    @property
    def unreachable(self) -> Lack | None:
        problem = self.readiness.unreachable if self.readiness else None
        return Lack.of([problem])[0] if problem else None

    def lacks(self, report: ReportType) -> Sequence[Lack]:
        return Lack.of(self.readiness.problems_of(report)) if self.readiness else ()

    @property
    def ending(self) -> Sequence[Relationship]:
        """Delegated access that ends soon, or did."""
        zone = ZoneInfo(self.tenant.time_zone)
        return self.delegation.ending(self.at, zone) if self.delegation else ()
