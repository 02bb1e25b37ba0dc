from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from dev.sandbox import Sandbox, contoso, fabrikam
from dev.sandbox.permissions import GRAPH_APP_ID, ROLE_IDS, STANDARD_PERMISSIONS
from tests.dev import APP_ID, GUESTS, MONDAY, SIGN_INS, Answer, Asking

TENANT = contoso().tenant_id


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    large = contoso(members=1500, guests=1200)
    basic = fabrikam(plan="BusinessBasic")
    async with Sandbox([large, basic], at=MONDAY) as running:
        yield running


@pytest.fixture
async def graph(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, TENANT) as client:
        yield client


@pytest.fixture
async def basic(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, fabrikam().tenant_id) as client:
        yield client


def refused(answer: Answer, status: int, code: str) -> bool:
    return (answer.status, answer.code) == (status, code)


async def test_exactly_the_selected_properties_come_back_and_always_the_id(graph: Asking) -> None:
    answer = await graph.get("/users", GUESTS | {"$select": "displayName,mail", "$top": "3"})
    assert [set(row) for row in answer.body["value"]] == [{"id", "displayName", "mail"}] * 3


async def test_all_pages_together_show_every_guest_once(sandbox: Sandbox, graph: Asking) -> None:
    rows = await graph.rows("/users", SIGN_INS | {"$top": "500"})
    expected = [guest.id for _, guest in sandbox.population(TENANT).guests()]
    assert [row["id"] for row in rows] == expected


async def test_without_a_filter_members_and_guests_come(graph: Asking) -> None:
    rows = await graph.rows("/users", {"$select": "userType", "$top": "999"})
    assert [row["userType"] for row in rows].count("Member") == 1500
    assert {row["userType"] for row in rows} == {"Member", "Guest"}


async def test_a_page_has_a_hundred_rows_unless_asked_otherwise(graph: Asking) -> None:
    assert len((await graph.get("/users", GUESTS)).body["value"]) == 100
    assert len((await graph.get("/users", GUESTS | {"$top": "999"})).body["value"]) == 999


async def test_a_guest_who_never_signed_in_has_no_sign_in_activity(graph: Asking) -> None:
    rows = await graph.rows("/users", SIGN_INS | {"$top": "500"})
    silent = [row for row in rows if "signInActivity" not in row]
    assert 0 < len(silent) < len(rows) / 10
    assert all(row.get("signInActivity", 1) is not None for row in rows)


async def test_sponsors_are_expanded_with_id_and_name_only(graph: Asking) -> None:
    options = GUESTS | {"$select": "id", "$expand": "sponsors($select=id,displayName)"}
    rows = (await graph.get("/users", options)).body["value"]
    assert all(set(row) == {"id", "sponsors"} for row in rows)
    found = [sponsor for row in rows for sponsor in row["sponsors"]]
    assert {frozenset(s) for s in found} == {frozenset({"@odata.type", "id", "displayName"})}
    assert any(not row["sponsors"] for row in rows)


@pytest.mark.parametrize(
    ("path", "options", "code"),
    [
        ("/users", {"$select": "id,shoeSize"}, "BadRequest"),
        ("/users", {"$expand": "shoes"}, "BadRequest"),
        ("/users", {"$frobnicate": "1"}, "BadRequest"),
        ("/users", {"$top": "1000"}, "BadRequest"),
        ("/users", SIGN_INS | {"$top": "501"}, "BadRequest"),
        ("/users", {"$filter": "shoeSize eq '44'"}, "Request_UnsupportedQuery"),
        ("/users", {"$filter": "userType ne 'Guest'"}, "Request_UnsupportedQuery"),
        ("/users", {"$orderby": "displayName"}, "Request_UnsupportedQuery"),
        ("/users", {"$skip": "5"}, "Request_UnsupportedQuery"),
        ("/users", {"$skiptoken": "no-token"}, "Directory_ExpiredPageToken"),
        ("/organization", {"$select": "shoeSize"}, "BadRequest"),
        ("/shoes", {}, "BadRequest"),
    ],
)
async def test_what_graph_does_not_know_is_refused(
    graph: Asking, path: str, options: dict[str, str], code: str
) -> None:
    assert refused(await graph.get(path, options), 400, code)


async def test_a_count_needs_the_consistency_level(sandbox: Sandbox, graph: Asking) -> None:
    total = sandbox.population(TENANT).guest_count
    options = GUESTS | {"$count": "true", "$top": "1"}
    assert "@odata.count" not in (await graph.get("/users", options)).body
    counted = await graph.get("/users", options, ConsistencyLevel="eventual")
    assert counted.body["@odata.count"] == total
    assert refused(await graph.get("/users/$count", GUESTS), 400, "Request_BadRequest")
    alone = await graph.get("/users/$count", GUESTS, ConsistencyLevel="eventual")
    assert int(alone.raw) == total


async def test_a_listing_under_way_keeps_the_instant_it_began_at(
    sandbox: Sandbox, graph: Asking
) -> None:
    expected = [guest.id for _, guest in sandbox.population(TENANT).guests()]
    rows: list[str] = []
    async for page in graph.pages("/users", GUESTS | {"$select": "id", "$top": "400"}):
        rows += [row["id"] for row in page.body["value"]]
        sandbox.at = MONDAY + timedelta(weeks=30)
    assert rows == expected


async def test_two_slashes_before_a_path_are_accepted(graph: Asking) -> None:
    assert (await graph.get("//users", {"$top": "1"})).status == 200


async def test_answers_are_compressed_only_for_who_accepts_that(graph: Asking) -> None:
    packed = await graph.get("/users", {"$top": "5"}, **{"Accept-Encoding": "gzip"})
    plain = await graph.get("/users", {"$top": "5"}, **{"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.body == plain.body


async def test_without_p1_sign_in_activity_is_refused_and_the_rest_is_not(basic: Asking) -> None:
    answer = await basic.get("/users", SIGN_INS)
    assert refused(answer, 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")
    assert (await basic.get("/users", GUESTS | {"$select": "id"})).status == 200


async def test_without_p2_eligible_roles_are_refused(graph: Asking, basic: Asking) -> None:
    path = "/roleManagement/directory/roleEligibilityScheduleInstances"
    assert refused(await basic.get(path), 400, "AadPremiumLicenseRequired")
    assert (await graph.get(path)).body["value"]


async def test_a_lapsed_trial_is_listed_but_not_enabled(basic: Asking) -> None:
    states = [sku["capabilityStatus"] for sku in (await basic.get("/subscribedSkus")).body["value"]]
    assert states == ["Enabled", "Suspended"]


@pytest.mark.parametrize(
    ("permission", "path", "options"),
    [
        ("User.Read.All", "/users", GUESTS),
        ("AuditLog.Read.All", "/users", SIGN_INS),
        ("RoleManagement.Read.Directory", "/roleManagement/directory/roleAssignments", {}),
        ("RoleManagement.Read.Directory", "/roleManagement/directory/roleDefinitions", {}),
        ("Directory.Read.All", "/subscribedSkus", {}),
        ("Directory.Read.All", "/organization", {}),
        ("Directory.Read.All", "/servicePrincipals", {}),
    ],
)
async def test_a_missing_permission_refuses_the_paths_that_need_it(
    sandbox: Sandbox, graph: Asking, permission: str, path: str, options: dict[str, str]
) -> None:
    assert (await graph.get(path, options)).status == 200
    sandbox.change(TENANT, permissions=STANDARD_PERMISSIONS - {permission})
    assert refused(await graph.get(path, options), 403, "Authorization_RequestDenied")


async def test_granted_permissions_are_readable_from_our_service_principal(graph: Asking) -> None:
    listed = await graph.get("/servicePrincipals", {"$filter": f"appId eq '{APP_ID}'"})
    [ours] = listed.body["value"]
    by_id = await graph.get(f"/servicePrincipals/{ours['id']}/appRoleAssignments")
    by_app = await graph.get(f"/servicePrincipals(appId='{APP_ID}')/appRoleAssignments")
    granted = {row["appRoleId"] for row in by_id.body["value"]}
    assert granted == {ROLE_IDS[name] for name in STANDARD_PERMISSIONS}
    assert by_id.body["value"] == by_app.body["value"]
    of_graph = await graph.get(f"/servicePrincipals(appId='{GRAPH_APP_ID}')", {"$select": "id"})
    assert {row["resourceId"] for row in by_id.body["value"]} == {of_graph.body["id"]}


async def test_an_unknown_service_principal_is_not_found(graph: Asking) -> None:
    answer = await graph.get(f"/servicePrincipals/{TENANT}")
    assert refused(answer, 404, "Request_ResourceNotFound")


async def test_role_assignments_show_their_principal_only_when_asked(graph: Asking) -> None:
    path = "/roleManagement/directory/roleAssignments"
    plain = (await graph.get(path)).body["value"]
    expanded = (await graph.get(path, {"$expand": "principal"})).body["value"]
    assert all("principal" not in row for row in plain)
    assert all(row["principal"]["id"] == row["principalId"] for row in expanded)


async def test_the_eleventh_sign_in_request_of_a_minute_is_throttled_over_all_tenants() -> None:
    now = [0.0]
    customers = [contoso(guests=5), fabrikam()]
    async with (
        Sandbox(customers, at=MONDAY, limits=True, clock=lambda: now[0]) as sandbox,
        Asking(sandbox, customers[0].tenant_id) as first,
        Asking(sandbox, customers[1].tenant_id) as second,
    ):
        for client in [first, second] * 5:
            assert (await client.get("/users", SIGN_INS)).status == 200
        over = await first.get("/users", SIGN_INS)
        assert (over.status, over.headers["Retry-After"]) == (429, "60")
        assert (await first.get("/users", GUESTS)).status == 200
        now[0] = 61.0
        assert (await first.get("/users", SIGN_INS)).status == 200
    assert (sandbox.stats.limited, sandbox.sign_in_peak) == (1, 11)


async def test_without_limits_nothing_is_throttled_but_the_peak_is_counted(
    sandbox: Sandbox, graph: Asking
) -> None:
    for _ in range(12):
        assert (await graph.get("/users", SIGN_INS | {"$top": "1"})).status == 200
    assert (sandbox.stats.limited, sandbox.sign_in_peak) == (0, 12)
    assert sandbox.stats.requests[TENANT, "/users"] == 12
