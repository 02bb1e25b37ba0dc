"""For each success that docs/openapi.yaml promises: a request that is answered with it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

from msgspec.structs import replace

from shared_code.core.ports import Claim
from shared_code.core.queue_message import encode_message
from shared_code.core.run import Artifact, RunState
from shared_code.core.tenant import LinkOptions, Tenant, TenantId, TenantState
from shared_code.core.upkeep import Chore, UpkeepRequest
from shared_code.service.assess import draft_of
from shared_code.service.invite import offer_of
from tests.functions.browsing import HTML, Browser, query_of, signed_in
from tests.functions.house import CONTOSO, NORTHWIND, PARTNER, REPORT, House

# Nobody else's: what engineers do to it concerns no other test.
TENANT = TenantId("5c0ffee5-1234-4abc-8def-0123456789ab")
DRAFT = {"de": "Wir prüfen das.", "en": "We check this.", "recommendation": "check"}
CHANGE = {
    "subscriptions": {"guest-users": {"retention": 12}},
    "privacy": {
        "usage": {"mode": "named", "approved_by": "Betriebsrat", "approved_on": "2026-11-02"}
    },
    "contacts": [{"address": "it@tailspin.example", "reports": ["guest-users"]}],
    "options": {"admin-roles": {"most_global": 5}},
    "links": {"sign_in_required": True, "allowed_opens": 20},
}


OFFER = {
    "tenant": NORTHWIND,
    "customer": "Northwind Traders",
    "subscriptions": {REPORT: {}},
    "contacts": [{"address": "it@northwind.example", "reports": [REPORT]}],
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`values` stand in the address; without headers an engineer asks."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] | None = None
    body: object = None


type Example = Callable[[House], Awaitable[Asked]]

EXAMPLES: dict[tuple[str, int], Example] = {}


def example(operation: str, status: int) -> Callable[[Example], Example]:
    def kept(made: Example) -> Example:
        EXAMPLES[operation, status] = made
        return made

    return kept


async def known(
    house: House, state: TenantState = TenantState.ACTIVE, *, tenant_id: TenantId = TENANT
) -> Tenant:
    """The tenant, whatever was done to it before."""
    tenant = Tenant(
        id=tenant_id, customer="Tailspin Spielwaren KG", domain="tailspin.example", state=state
    )
    await house.services.tenants.save(tenant)
    return tenant


def engineer(house: House) -> dict[str, str]:
    return house.bearer(tid=PARTNER, roles=["Reports.Engineer"])


@example("list_tenants", 200)
@example("all_evidence", 200)
@example("own_portal", 200)
async def _everything(house: House) -> Asked:
    await house.delivered()
    return Asked()


@example("list_audit", 200)
@example("list_links", 200)
@example("tenant_evidence", 200)
@example("list_reports", 200)
@example("portal_page", 200)
@example("audit_page", 200)
async def _of_contoso(house: House) -> Asked:
    await house.token(await house.delivered())
    return Asked(values={"id": CONTOSO})


@example("get_readiness", 200)
@example("probe_now", 200)
async def _probed(house: House) -> Asked:
    await house.services.readiness.probe(CONTOSO)
    return Asked(values={"id": CONTOSO})


@example("change_tenant", 200)
async def _changed(house: House) -> Asked:
    await known(house)
    return Asked(values={"id": TENANT}, body=CHANGE)


@example("suspend_tenant", 200)
async def _active(house: House) -> Asked:
    await known(house)
    return Asked(values={"id": TENANT})


@example("resume_tenant", 200)
async def _suspended(house: House) -> Asked:
    await known(house, TenantState.SUSPENDED)
    return Asked(values={"id": TENANT})


@example("offboard_tenant", 202)
async def _confirmed(house: House) -> Asked:
    tenant_id = (await known(house, tenant_id=TenantId(str(uuid4())))).id
    return Asked(values={"id": tenant_id}, body={"confirm": tenant_id})


@example("offboard_tenant", 200)
@example("get_proof", 200)
@example("proof_page", 200)
async def _offboarded(house: House) -> Asked:
    asked = await _confirmed(house)
    tenant_id, begun = TenantId(asked.values["id"]), house.services.planner.clock()
    await house.services.offboarding.begin(tenant_id, by="engineer")
    message = encode_message(UpkeepRequest(chore=Chore.OFFBOARD, tenant_id=tenant_id))
    for _ in range(2):
        await house.services.proofs.change(
            tenant_id, lambda proof: proof.__replace__(resumes=begun)
        )
        assert (await house.app.queue("upkeep", message)).ok
    return asked


@example("issue_link", 201)
async def _run(house: House) -> Asked:
    return Asked(values={"id": CONTOSO, "run": (await house.delivered()).id})


@example("revoke_link", 204)
async def _link(house: House) -> Asked:
    token = await house.token(await house.delivered())
    return Asked(values={"jti": token.split(".")[4]})


@example("put_assessment", 200)
async def _draft(house: House) -> Asked:
    return Asked(values={"id": "mc777001"}, body=DRAFT)


@example("get_assessment", 200)
@example("delete_assessment", 204)
async def _assessed(house: House) -> Asked:
    await house.services.assessing.write("MC777001", draft_of(json.dumps(DRAFT).encode()))
    return Asked(values={"id": "MC777001"})


@example("invite", 201)
async def _offer(house: House) -> Asked:
    return Asked(body=OFFER)


async def invitation(house: House) -> str:
    """The state of a new one."""
    offer = offer_of(json.dumps(OFFER).encode())
    sent = await house.services.inviting.invite(offer, created_by="engineer")
    return house.seen(sent.address.rpartition("/")[2])


@example("onboarding_page", 200)
async def _invited(house: House) -> Asked:
    return Asked(values={"state": await invitation(house)}, headers={})


@example("consent_callback", 200)
async def _declined(house: House) -> Asked:
    return Asked(query={"state": await invitation(house), "error": "access_denied"}, headers={})


@example("consent_callback", 303)
async def _consented(house: House) -> Asked:
    said = {"state": await invitation(house), "tenant": NORTHWIND, "admin_consent": "True"}
    return Asked(query=said, headers={})


@example("open_link", 302)
@example("open_link_head", 302)
@example("open_file", 200)
@example("open_file_head", 200)
async def _opened(house: House) -> Asked:
    token = await house.token(await house.delivered())
    return Asked(values={"token": token, "file": "report.de.html"}, headers={})


@example("open_file", 302)
async def _large(house: House) -> Asked:
    """As if it had been filed: what is redirected to is not looked at."""
    order, ledger = house.due(weeks_ago=90), house.services.ledger
    artifact = Artifact(
        name="report.csv",
        path=f"{CONTOSO}/large/report.csv",
        media_type="text/csv",
        size=17_000_000,
        sha256="",
    )
    claim = await ledger.claim(order, lease=timedelta(minutes=1))
    if isinstance(claim, Claim):
        run = replace(claim.run, state=RunState.DELIVERED, artifacts=(artifact,))
        await ledger.settle(claim, run)
    run = await house.kept(order)
    assert run
    return Asked(values={"token": await house.token(run), "file": artifact.name}, headers={})


@example("open_link", 303)
@example("open_link_head", 303)
@example("open_file", 303)
@example("open_file_head", 303)
async def _closed(house: House) -> Asked:
    token = await house.token(await house.delivered(NORTHWIND))
    await house.services.tenants.change(
        NORTHWIND, lambda known: replace(known, links=LinkOptions(sign_in_required=True))
    )
    return Asked(values={"token": token, "file": "report.de.html"}, headers={})


@example("own_portal", 303)
@example("portal_page", 303)
@example("archive_page", 303)
@example("audit_page", 303)
@example("proof_page", 303)
async def _not_signed_in(house: House) -> Asked:
    return Asked(values={"id": CONTOSO, "month": "2026-01"}, headers={"Accept": HTML})


@example("archive_page", 200)
@example("newest_report", 303)
@example("archived_file", 303)
async def _archived(house: House) -> Asked:
    run = await house.delivered()
    values = {
        "id": CONTOSO,
        "month": f"{run.end:%Y-%m}",
        "report": REPORT,
        "end": f"{run.end:%Y%m%dT%H%M%SZ}",
        "file": "report.de.html",
    }
    browser = await signed_in(house)
    return Asked(values=values, headers={"Cookie": f"session={browser.cookies['session']}"})


@example("sign_in_callback", 303)
async def _back(house: House) -> Asked:
    browser = Browser(house)
    back = await browser.choose(await browser.begin())
    [(name, value)] = browser.cookies.items()
    return Asked(query=query_of(back), headers={"Cookie": f"{name}={value}"})


@example("sign_in", 303)
@example("sign_out", 200)
@example("health", 200)
@example("health_head", 200)
async def _anybody(house: House) -> Asked:
    return Asked(headers={})


def address(path: str, asked: Asked) -> str:
    for name, value in asked.values.items():
        path = path.replace(f"{{{name}}}", value)
    return f"{path}?{urlencode(asked.query)}" if asked.query else path
