"""A tenant's state follows its consent: withdrawn when Entra refuses us, active when it lets us in again."""

from shared_code.core.errors import ApplicationDisabled, ConsentMissing, ReportingError
from shared_code.core.ports import Tenants
from shared_code.core.tenant import Tenant, TenantState


async def refused(tenants: Tenants, tenant: Tenant, error: ReportingError) -> None:
    """A tenant that never gave its consent does not withdraw it."""
    if tenant.is_served and isinstance(error, ConsentMissing | ApplicationDisabled):
        await turn(tenants, tenant, TenantState.CONSENT_WITHDRAWN)


async def admitted(tenants: Tenants, tenant: Tenant) -> None:
    if tenant.state is TenantState.CONSENT_WITHDRAWN:
        await turn(tenants, tenant, TenantState.ACTIVE)


async def turn(tenants: Tenants, tenant: Tenant, state: TenantState) -> bool:
    """False if an engineer changed it meanwhile: who was offboarded stays so."""
    return await tenants.set_state(tenant.id, state, was=tenant.state)
