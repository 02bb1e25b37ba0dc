"""The sandbox's answers, checked against the OpenAPI description of Microsoft Graph."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from dev.sandbox import Fault, FaultKind, Sandbox, contoso
from tests.dev import APP_ID, GUESTS, MONDAY, Answer, Asking

FOLDER = Path(__file__).parents[2].parent / "shared" / "contract"
DESCRIPTION = FOLDER / "openapi-v1.0-subset.json"
TENANT = contoso().tenant_id
GUEST_FIELDS = (
    "id,displayName,mail,userPrincipalName,accountEnabled,companyName,externalUserState,"
    "externalUserStateChangeDateTime,createdDateTime,signInActivity"
)
PATTERNS = [
    ("/users", GUESTS | {"$select": GUEST_FIELDS, "$top": "500"}),
    ("/users", GUESTS | {"$select": "id", "$expand": "sponsors($select=id,displayName)"}),
    ("/users", {"$filter": "userType eq 'Member'", "$select": "id,department", "$top": "999"}),
    ("/users", {}),
    ("/roleManagement/directory/roleAssignments", {"$expand": "principal"}),
    ("/roleManagement/directory/roleAssignments", {}),
    ("/roleManagement/directory/roleDefinitions", {}),
    ("/roleManagement/directory/roleEligibilityScheduleInstances", {"$expand": "principal"}),
    ("/organization", {}),
    ("/organization", {"$select": "id,displayName,verifiedDomains"}),
    ("/subscribedSkus", {}),
    ("/subscribedSkus", {"$select": "skuId,capabilityStatus,servicePlans"}),
    ("/servicePrincipals", {"$filter": f"appId eq '{APP_ID}'"}),
    ("/admin/serviceAnnouncement/messages", {"$top": "100"}),
    ("/admin/serviceAnnouncement/messages", {"$select": "id,title,services,body"}),
    ("/admin/serviceAnnouncement/issues", {"$top": "100"}),
    ("/admin/serviceAnnouncement/issues", {"$select": "id,title,status,posts"}),
]


class Contract:
    """Loaded once per process: that takes seconds."""

    def __init__(self) -> None:
        document = json.loads(DESCRIPTION.read_text("utf-8"))
        # Else every request of the description would have to carry Authorization.
        document.pop("security", None)
        self._api = OpenAPI.from_dict(document)
        self._paths = document["paths"]

    def check(self, path: str, options: dict[str, str], answer: Answer, template: str = "") -> None:
        request = MockRequest("https://graph.microsoft.com", "get", f"/v1.0{path}", args=options)
        if answer.status == 200:
            self._api.validate_request(request)
            known = {p["name"] for p in self._paths[template or path]["get"]["parameters"]}
            assert options.keys() <= known
        response = MockResponse(
            answer.raw,
            status_code=answer.status,
            headers=dict(answer.headers),
            content_type="application/json",
        )
        self._api.validate_response(request, response)


@pytest.fixture(scope="session")
def contract() -> Contract:
    if not DESCRIPTION.exists():
        pytest.skip("the OpenAPI description of Graph lies outside this checkout and is not there")
    return Contract()


@pytest.fixture(params=[False, True], ids=["plain", "hostile"])
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    customer = contoso(members=30, guests=150, hostile=request.param)
    async with Sandbox([customer], at=MONDAY) as running:
        yield running


@pytest.fixture
async def graph(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, TENANT) as client:
        yield client


@pytest.mark.parametrize(("path", "options"), PATTERNS)
async def test_every_answer_keeps_graphs_own_description(
    contract: Contract, graph: Asking, path: str, options: dict[str, str]
) -> None:
    answer = await graph.get(path, options)
    assert answer.body["value"]
    contract.check(path, options, answer)


async def test_the_page_behind_a_next_link_keeps_the_description(
    contract: Contract, graph: Asking
) -> None:
    first = await graph.get("/users", GUESTS)
    second = await graph.get(first.body["@odata.nextLink"])
    contract.check("/users", GUESTS, second)


async def test_the_granted_roles_of_a_service_principal_keep_the_description(
    contract: Contract, graph: Asking
) -> None:
    listed = await graph.get("/servicePrincipals", {"$filter": f"appId eq '{APP_ID}'"})
    path = f"/servicePrincipals/{listed.body['value'][0]['id']}"
    template = "/servicePrincipals/{servicePrincipal-id}"
    contract.check(path, {}, await graph.get(path), template)
    granted = await graph.get(f"{path}/appRoleAssignments")
    contract.check(f"{path}/appRoleAssignments", {}, granted, f"{template}/appRoleAssignments")


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.TOKEN_REFUSED,
        FaultKind.PERMISSION_MISSING,
        FaultKind.LICENCE_MISSING,
        FaultKind.CONDITIONAL_ACCESS,
        FaultKind.THROTTLED_SECONDS,
        FaultKind.THROTTLED_SILENT,
        FaultKind.ERROR_500,
        FaultKind.ERROR_503,
    ],
)
async def test_errors_have_graphs_shape(
    contract: Contract, sandbox: Sandbox, graph: Asking, kind: FaultKind
) -> None:
    sandbox.faults.add(Fault(kind=kind))
    contract.check("/users", GUESTS, await graph.get("/users", GUESTS))
