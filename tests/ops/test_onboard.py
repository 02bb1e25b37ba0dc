"""The engineers' command that takes a tenant into service."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from dev.azurite import Azurite
from dev.sandbox import Sandbox, fabrikam, northwind
from dev.sandbox.faults import FaultKind
from dev.stage import stage_settings
from shared_code.core.tenant import TenantId
from shared_code.settings import read_settings
from shared_code.wiring import build

ROOT = Path(__file__).resolve().parents[2]
TENANT = TenantId(fabrikam().tenant_id)


async def onboard(settings: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ops.onboard", *words, "--settings", str(settings)]
    return await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=False
    )


async def test_a_tenant_with_consent_is_served_and_missing_permissions_are_named(
    azurite: Azurite, tmp_path: Path
) -> None:
    few = fabrikam(permissions=frozenset({"User.Read.All", "Directory.Read.All"}))
    async with Sandbox([few]) as sandbox:
        values = stage_settings(sandbox, azurite, 7071)
        file = tmp_path / "local.settings.json"
        file.write_text(json.dumps({"Values": values}))

        words = ("--reports", "guest-users", "--language", "en", "--customer", "Fabrikam")
        ended = await onboard(file, TENANT.upper(), *words)

        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout.splitlines() == [
            "Fabrikam (fabrikam.com) is active",
            "missing: AuditLog.Read.All",
            "missing: RoleManagement.Read.Directory",
        ]
        services = build(read_settings(values))
        tenant = await services.tenants.get(TENANT)
        await services.close()
        assert tenant
        assert (tenant.language, list(tenant.subscriptions)) == ("en", ["guest-users"])


async def test_without_consent_nothing_is_written_and_the_reason_is_named(
    azurite: Azurite, tmp_path: Path
) -> None:
    withdrawn = northwind(login_fault=FaultKind.CONSENT_WITHDRAWN)
    withdrawn = northwind(login_fault=FaultKind.CONSENT_WITHDRAWN)
    async with Sandbox([withdrawn]) as sandbox:
        values = stage_settings(sandbox, azurite, 7071)
        file = tmp_path / "local.settings.json"
        file.write_text(json.dumps({"Values": values}))

        ended = await onboard(file, withdrawn.tenant_id)

        assert ended.returncode == 1
        assert ended.stderr.startswith("ConsentMissing: ")
        services = build(read_settings(values))
        assert await services.tenants.get(TenantId(withdrawn.tenant_id)) is None
        await services.close()


async def test_what_is_no_time_zone_is_refused(azurite: Azurite, tmp_path: Path) -> None:
    async with Sandbox([fabrikam()]) as sandbox:
        file = tmp_path / "local.settings.json"
        file.write_text(json.dumps({"Values": stage_settings(sandbox, azurite, 7071)}))

        ended = await onboard(file, TENANT, "--time-zone", "Europe/Wien")

        assert ended.returncode == 1
        assert "time zone" in ended.stderr
