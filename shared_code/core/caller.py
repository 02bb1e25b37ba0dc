"""Caller: who asks the portal's API, as the verified access token says."""

from dataclasses import dataclass

from shared_code.core.tenant import TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """`object_id` goes into the audit; it says nothing to anybody outside the caller's tenant."""

    tenant_id: TenantId
    object_id: str
    is_reader: bool
    is_engineer: bool

    def may_read(self, tenant_id: TenantId) -> bool:
        """Customers see their own tenant, the partner's engineers all."""
        return self.is_engineer or (self.is_reader and self.tenant_id == tenant_id)
