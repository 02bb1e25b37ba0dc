"""Tenants that are there: neither unknown nor being deleted."""

from shared_code.core.ports import Tenants
from shared_code.core.tenant import Tenant, TenantId


async def present(tenants: Tenants, tenant_id: TenantId) -> Tenant | None:
    """None for a tenant there is not, or no longer."""
    tenant = await tenants.get(tenant_id)
    return None if tenant is None or tenant.state.is_gone else tenant
