"""Runs where nothing but a package is found, and uses it: `in_package.py COMMAND ARGUMENT ...`."""

import asyncio
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.o_data_errors.o_data_error import ODataError

from shared_code.core.delivery import Mail
from shared_code.core.tenant import TenantId
from shared_code.core.text import German, Language
from shared_code.mail.graph_mail import GraphMailer
from shared_code.rendering.language import Voice
from shared_code.reports.guest_users import REPORT
from shared_code.service.files import MEMORY, Filing, make_files
from shared_code.settings import read_settings
from shared_code.sources.graph.connections import Connections
from shared_code.sources.graph.credentials import SandboxIssuer
from shared_code.sources.graph.directory import GraphDirectory
from shared_code.sources.graph.sdk import Refused, open_sdk
from shared_code.sources.graph.tokens import Tokens
from shared_code.wiring.build import build, now

MAIL = Mail(
    marker="package/1",
    recipient="it@contoso.example",
    subject="Alles in Ordnung",
    html="<p>Alles in Ordnung</p>",
    text="Alles in Ordnung",
)


def modules() -> list[str]:
    """Imports whatever the product has."""
    names = ["function_app"]
    for folder in ("functions", "shared_code"):
        package = importlib.import_module(folder)
        found = pkgutil.walk_packages(package.__path__, f"{folder}.")
        names += [folder, *(module.name for module in found)]
    return [str(importlib.import_module(name).__file__) for name in names]


async def control_plane(url: str, tenant: str, partner: str) -> Mapping[str, Any]:
    """Reads a tenant's directory and sends a mail, as production does."""
    connections = Connections()
    issuer = SandboxIssuer(connections, base_url=url, app_id="app", secret="sandbox", clock=now)
    tokens = Tokens(issuer, clock=now)
    directory = GraphDirectory(tokens, app_id="app", base_url=url, clock=now)
    mailer = GraphMailer(
        tokens,
        tenant_id=TenantId(partner),
        sender="reports@partner.example",
        base_url=url,
        clock=now,
    )
    enterprise = await directory.enterprise(TenantId(tenant))
    before = await mailer.was_sent(MAIL.marker)
    await mailer.send(MAIL)
    after = await mailer.was_sent(MAIL.marker)
    refused = await _refused(url, await tokens.token(TenantId(tenant)))
    await connections.close()
    return {
        "name": enterprise.name,
        "permissions": sorted(enterprise.permissions),
        "was_sent": [before, after],
        "refused": refused,
    }


async def _refused(url: str, token: str) -> list[Any]:
    async def known() -> str:
        return token

    async with open_sdk(known, url) as sdk:
        try:
            await sdk.read(sdk.granted("00000000-0000-4000-8000-000000000000"))
        except Refused as error:
            return [error.status, *error.codes]
    return []


def error() -> Mapping[str, Any]:
    """All that an answer of Graph's about an error can hold."""
    answer = {
        "error": {
            "code": "Request_BadRequest",
            "message": "Invalid",
            "target": "filter",
            "details": [{"code": "Detail", "message": "More", "target": "$filter"}],
            "innerError": {"code": "Inner", "date": "2026-11-23T05:00:00", "request-id": "r"},
        }
    }
    node = JsonParseNodeFactory().get_root_parse_node(
        "application/json", json.dumps(answer).encode()
    )
    main = node.get_object_value(ODataError).error
    assert main is not None
    assert main.details is not None
    assert main.inner_error is not None
    return {
        "codes": [main.code, main.details[0].code, main.inner_error.additional_data["code"]],
        "request": main.inner_error.request_id,
    }


async def made(out: str) -> list[str]:
    """Every file of one report, filed as a run files it, and then fetched."""
    from tests.reports.runs import CONTOSO, Runs, recorded  # noqa: PLC0415 - lent to this one

    services = build(read_settings(os.environ))
    await services.prepare()
    producer = services.producer
    with ExitStack() as resources:
        report = Runs(Path(out), resources).produce(REPORT, recorded(REPORT))
        spool = resources.enter_context(producer.folder.open())
        filing = Filing(CONTOSO.id, REPORT.name, report.run_id, uuid4().hex)
        files = await make_files(report, spool, producer.archive, filing, producer.renderings)
    names = [file.name for file in files if file.name != MEMORY]
    for file in files:
        body = await producer.archive.read(file.path)
        await asyncio.to_thread(Path(out, file.name).write_bytes, body)
    await services.close()
    return names


def words() -> list[str]:
    """Numbers, dates and months in every German and in English."""
    moment = datetime(2026, 1, 23, 5, tzinfo=UTC)
    voices = [Voice(Language.EN, "Europe/Vienna")]
    voices += [Voice(Language.DE, "Europe/Vienna", german) for german in German]
    return [
        " ".join([voice.number(1234567), voice.moment(moment), voice.month(moment)])
        for voice in voices
    ]


def loaded() -> list[str | None]:
    import function_app  # noqa: PLC0415 - needs settings

    return [function.get_function_name() for function in function_app.app.get_functions()]


COMMANDS = {
    "modules": modules,
    "control_plane": lambda *told: asyncio.run(control_plane(*told)),
    "error": error,
    "made": lambda *told: asyncio.run(made(*told)),
    "words": words,
    "loaded": loaded,
}

if __name__ == "__main__":
    json.dump(COMMANDS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
