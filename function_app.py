"""The function app as the host loads it: settings checked, then the blueprints of functions/."""

from azure.functions import AuthLevel

from functions import (
    assessments,
    deliveries,
    lifecycle,
    links,
    onboarding,
    pages,
    portal,
    readiness,
    runs,
    schedules,
    sign_in,
    tenants,
    upkeep,
)
from functions.defects import GuardedApp
from shared_code.telemetry.logs import structure_logs
from shared_code.wiring import check_settings

structure_logs()

# With wrong settings nothing is indexed and no message is taken: it waits instead of failing.
check_settings()

app = GuardedApp(http_auth_level=AuthLevel.ANONYMOUS)
for module in (
    schedules,
    runs,
    deliveries,
    links,
    portal,
    pages,
    onboarding,
    readiness,
    sign_in,
    assessments,
    tenants,
    lifecycle,
    upkeep,
):
    app.register_functions(module.blueprint)
