"""What areas may declare: files behind a redirect, single objects, refusals and limits of their own."""

import csv
import re
from collections.abc import AsyncIterator, Iterator
from io import StringIO

import aiohttp
import pytest

from dev.sandbox import Fault, FaultKind, Sandbox, contoso
from dev.sandbox.errors import not_found, not_licensed
from dev.sandbox.population import Population
from dev.sandbox.resources import Caller, Resource, Row
from dev.sandbox.throttle import Rate
from tests.dev import MONDAY, Asking

TENANT = contoso().tenant_id
ANY = frozenset({"Directory.Read.All"})
USAGE = "/reports/getUsage(period='D180')"
LINES: list[Row] = [
    {"User Principal Name": "ada@contoso.example", "Storage Used (Byte)": 5, "Is Deleted": False},
    {"User Principal Name": 'Ben "B", 2nd', "Storage Used (Byte)": None, "Is Deleted": True},
]


def lines(_population: Population, _caller: Caller, period: str) -> list[Row]:
    return [line | {"Report Period": period} for line in LINES]


def many(_population: Population, start: int) -> Iterator[tuple[int, Row]]:
    return ((n, {"User Principal Name": f"u{n}"}) for n in range(start, 2500))


def members(_population: Population, _caller: Caller, key: str) -> list[Row]:
    if key == "gone":
        raise not_found(key)
    return [] if key == "empty" else [{"id": f"{key}-{n}", "displayName": "x"} for n in range(3)]


def settings(*_asked: object) -> list[Row]:
    return [{"displayConcealedNames": True}]


def resource(path: str, **declared: object) -> Resource:
    shape: dict[str, object] = {"context": "x", "entity": "x", "permissions": ANY} | declared
    return Resource(path=re.compile(path), **shape)  # pyright: ignore[reportArgumentType]


TIME = [0.0]  # seconds that have passed
RESOURCES = (
    resource(r"/reports/getUsage\(period='(?P<id>D\d+)'\)", csv=True, rows=lines),
    resource(r"/reports/getMany\(\)", csv=True, walk=many),
    resource(r"/reports/getNone", csv=True, columns=("User Principal Name",)),
    resource(r"/groups/(?P<id>[^/]+)/members", rows=members, page=(2, 3)),
    resource(r"/settings", rows=settings, single=True),
    resource(r"/wrapped", rows=settings, single=True, wrapped=True),
    resource(r"/risks", needs_p2=True, unlicensed=not_licensed, rate=Rate(1, 1.0, says_when=False)),
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    TIME[0] = 0.0
    async with Sandbox(
        [contoso()], at=MONDAY, limits=True, clock=lambda: TIME[0], resources=RESOURCES
    ) as running:
        yield running


@pytest.fixture
async def graph(sandbox: Sandbox) -> AsyncIterator[Asking]:
    async with Asking(sandbox, TENANT) as client:
        yield client


async def place(graph: Asking, path: str = USAGE) -> str:
    """Where a report lies."""
    answer = await graph.get(path)
    assert answer.status == 302
    return answer.headers["Location"]


async def fetched(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, (await response.read()).decode()


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text[1:], newline="")))


async def test_a_usage_report_lies_behind_a_redirect(graph: Asking) -> None:
    status, text = await fetched(await place(graph))
    assert status == 200
    assert table(text) == [
        {
            "User Principal Name": "ada@contoso.example",
            "Storage Used (Byte)": "5",
            "Is Deleted": "False",
            "Report Period": "D180",
        },
        {
            "User Principal Name": 'Ben "B", 2nd',
            "Storage Used (Byte)": "",
            "Is Deleted": "True",
            "Report Period": "D180",
        },
    ]


async def test_a_function_is_found_with_its_signs_encoded_or_not(graph: Asking) -> None:
    for path in (USAGE, "/reports/getUsage(period=%27D7%27)", "/reports/getUsage%28period='D7'%29"):
        assert (await fetched(await place(graph, path)))[0] == 200


async def test_a_place_refuses_a_token_and_dies_after_some_minutes(graph: Asking) -> None:
    url = await place(graph)
    assert (await fetched(url, Authorization="Bearer x"))[0] == 401
    TIME[0] = 299.0
    assert (await fetched(url))[0] == 200
    TIME[0] = 301.0
    assert (await fetched(url))[0] == 403
    assert (await fetched(url + "x"))[0] == 403


async def test_a_large_report_and_one_without_lines(graph: Asking) -> None:
    _, text = await fetched(await place(graph, "/reports/getMany()"))
    assert [row["User Principal Name"] for row in table(text)] == [f"u{n}" for n in range(2500)]
    _, text = await fetched(await place(graph, "/reports/getNone"))
    assert text == "\ufeffUser Principal Name\r\n"


async def test_a_usage_report_takes_no_options_and_needs_its_permission(
    sandbox: Sandbox, graph: Asking
) -> None:
    assert (await graph.get(USAGE, {"$top": "5"})).code == "BadRequest"
    sandbox.change(TENANT, permissions=frozenset())
    assert (await graph.get(USAGE)).code == "Authorization_RequestDenied"


async def test_each_function_has_a_limit_of_its_own(sandbox: Sandbox, graph: Asking) -> None:
    for _ in range(14):
        await place(graph)
    answer = await graph.get("/reports/getUsage(period='D7')")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "600")
    assert sandbox.stats.limited == 1
    await place(graph, "/reports/getNone")


@pytest.mark.parametrize("kind", [FaultKind.TRUNCATED_BODY, FaultKind.CONNECTION_DROPPED])
@pytest.mark.parametrize("folder", ["", "/download"])
async def test_a_report_breaks_off(
    sandbox: Sandbox, graph: Asking, kind: FaultKind, folder: str
) -> None:
    sandbox.faults.add(Fault(kind=kind, path=folder + "/reports/getUsage", times=1))
    url = await place(graph)
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetched(url)


async def test_faults_are_ordered_for_the_download_alone(sandbox: Sandbox, graph: Asking) -> None:
    for kind in (FaultKind.ERROR_503, FaultKind.THROTTLED_SECONDS, FaultKind.HTML_BODY):
        sandbox.faults.add(Fault(kind=kind, path="/download", times=1))
    url = await place(graph)
    answers = [await fetched(url) for _ in range(4)]
    assert [status for status, _ in answers] == [503, 429, 200, 200]
    assert answers[2][1].startswith("<!DOCTYPE html>")


async def test_a_wrong_type_stands_in_the_first_line(sandbox: Sandbox, graph: Asking) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.WRONG_TYPE, path=USAGE))
    _, text = await fetched(await place(graph))
    assert [row["Storage Used (Byte)"] for row in table(text)] == ["perhaps", ""]


async def test_one_object_needs_no_id_and_may_be_wrapped(graph: Asking) -> None:
    assert (await graph.get("/settings")).body["displayConcealedNames"] is True
    assert (await graph.get("/wrapped")).body["value"] == {"displayConcealedNames": True}


async def test_children_are_listed_per_parent_in_pages_of_their_size(graph: Asking) -> None:
    path = "/groups/5/members"
    assert [row["id"] for row in await graph.rows(path, {})] == ["5-0", "5-1", "5-2"]
    assert len((await graph.get(path)).body["value"]) == 2
    assert (await graph.get(path, {"$top": "4"})).code == "BadRequest"
    assert (await graph.get("/groups/gone/members")).code == "Request_ResourceNotFound"


async def test_of_an_empty_collection_anything_may_be_selected(graph: Asking) -> None:
    answer = await graph.get("/groups/empty/members", {"$select": "id,displayName"})
    assert answer.body["value"] == []


async def test_a_licence_is_refused_in_the_words_of_the_service(
    sandbox: Sandbox, graph: Asking
) -> None:
    sandbox.change(TENANT, plan="BusinessBasic")
    answer = await graph.get("/risks")
    assert (answer.status, answer.code) == (403, "Forbidden")


async def test_a_limit_may_not_say_when_it_ends(graph: Asking) -> None:
    statuses = [(await graph.get("/risks")).status for _ in range(2)]
    assert statuses == [200, 429]
    assert "Retry-After" not in (await graph.get("/risks")).headers
    TIME[0] = 2.0
    assert (await graph.get("/risks")).status == 200
