"""Throttling classes of Microsoft Graph, as its throttling-limits page of 2025-07 has them."""

from shared_code.core.dataset import Limit, Workload

# Resource units per 10 s: 3,500 for a tenant under 50 users, the smallest bucket; a listing with
# $select costs 1. Requests in flight, not this number, bound us long before.
DIRECTORY = Workload(name="directory", limits=(Limit(requests=3500, seconds=10),))

# Counted per application over ALL tenants, and per application and tenant.
SIGN_IN_ACTIVITY = Workload(
    name="sign-in-activity",
    limits=(
        Limit(requests=10, seconds=60, over_all_tenants=True),
        Limit(requests=10, seconds=60),
    ),
)

# Sign-ins, audits and reports on authentication methods.
AUDIT_REPORTS = Workload(
    name="audit-reports",
    limits=(
        Limit(requests=122, seconds=10, over_all_tenants=True),
        Limit(requests=5, seconds=10),
    ),
)

# For all applications of a tenant together; a 429 says nothing of when to come back.
IDENTITY_PROTECTION = Workload(name="identity-protection", limits=(Limit(requests=1, seconds=1),))

# Message centre and service health together, per application and tenant.
SERVICE_COMMUNICATIONS = Workload(
    name="service-communications",
    limits=(Limit(requests=240, seconds=60), Limit(requests=800, seconds=3600)),
)


def usage_report(function: str) -> Workload:
    """CSV files are counted for each function alone: getMailboxUsageDetail and so on."""
    return Workload(name=f"usage-{function}", limits=(Limit(requests=14, seconds=600),))
