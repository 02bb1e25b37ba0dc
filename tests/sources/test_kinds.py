"""What a dataset may be besides a listing: one object, or the children of each of its parents."""

from typing import Any

import msgspec
import pytest

from shared_code.core.dataset import Child, Dataset, Parents, Row
from shared_code.core.errors import ContractBroken, PermissionMissing
from shared_code.core.text import Text
from tests.sources.stage import CONTOSO, PEOPLE, Answer, Stage, Staged, page, raw, refusal, workload


class Settings(Row, frozen=True, kw_only=True):
    id: str = ""
    display_concealed_names: bool | None = None


class Setting(Child, frozen=True, kw_only=True):
    display_name: str | None = None


def dataset[R: Row](path: str, row: type[R], **declared: Any) -> Dataset[R]:
    return Dataset(
        name=row.__name__.lower(),
        title=Text(de="x", en="x"),
        path=path,
        row=row,
        permissions=("Directory.Read.All",),
        workload=workload("directory"),
        **declared,
    )


SETTINGS = dataset("/admin/reportSettings", Settings, selects=False)
MEMBERS = dataset(
    "/groups/{parent}/members",
    Setting,
    page_size=2,
    parents=Parents(dataset=PEOPLE, keys=lambda people: (person.id for person in people)),
)
BY_IDS = dataset(
    "/users", Setting, filter="id in ({parent})", parents=Parents(dataset=PEOPLE, keys=list[str])
)


async def read[R: Row](stage: Stage, wanted: Dataset[R], parent: str | None = None) -> list[R]:
    pages = stage.source.pages(CONTOSO, wanted, parent=parent)
    return [row async for each in pages for row in each.rows]


@pytest.mark.parametrize(
    "body",
    [
        b'{"@odata.context": "x", "displayConcealedNames": true}',
        b'{"value": {"displayConcealedNames": true}}',
        b'{"@odata.context": "x", "value": {"displayConcealedNames": true, "new": [1]}}',
    ],
)
async def test_one_object_needs_no_id_and_is_read_wrapped_and_bare(body: bytes) -> None:
    async with Staged(raw(body)) as stage:
        assert await read(stage, SETTINGS) == [Settings(display_concealed_names=True)]
        assert stage.stub.paths == ["/v1.0/admin/reportSettings"]


@pytest.mark.parametrize("body", [b"[]", b'"x"', b'{"value": "x"}', b'{"value": 5}'])
async def test_what_is_no_object_is_not_taken_for_one(body: bytes) -> None:
    async with Staged(raw(body)) as stage:
        with pytest.raises(ContractBroken):
            await read(stage, SETTINGS)


async def test_one_object_that_is_not_there_is_an_error_and_not_empty() -> None:
    async with Staged(refusal(404, "Request_ResourceNotFound")) as stage:
        with pytest.raises(ContractBroken, match=r"^settings: answered 404"):
            await read(stage, SETTINGS)


async def test_children_are_asked_for_by_their_parent_and_know_it() -> None:
    async with Staged(page("1", following="/v1.0/a"), page("2")) as stage:
        rows = await read(stage, MEMBERS, "group-1")
        assert [(row.parent, row.id) for row in rows] == [("group-1", "1"), ("group-1", "2")]
        assert stage.stub.paths == [
            "/v1.0/groups/group-1/members?$select=id,displayName&$top=2",
            "/v1.0/a",
        ]


async def test_parents_may_stand_in_a_filter() -> None:
    async with Staged(page("1")) as stage:
        [row] = await read(stage, BY_IDS, "'1','2'")
        assert row.parent == "'1','2'"
        assert stage.stub.paths == [
            "/v1.0/users?$filter=id%20in%20%28%271%27%2C%272%27%29&$select=id,displayName"
        ]


@pytest.mark.parametrize("parent", ["../users", "a?b#c", "a b/%2e"])
async def test_a_parent_never_changes_the_path(parent: str) -> None:
    async with Staged(page()) as stage:
        await read(stage, MEMBERS, parent)
        [path] = stage.stub.paths
        assert path.startswith("/v1.0/groups/")
        assert path.endswith("/members?$select=id,displayName&$top=2")
        assert path.count("/") == 4


async def test_a_child_may_be_one_object() -> None:
    body = msgspec.json.encode({"@odata.context": "x", "id": "1", "displayName": "Ada"})
    async with Staged(raw(body)) as stage:
        assert await read(stage, MEMBERS, "1") == [Setting(id="1", parent="1", display_name="Ada")]


@pytest.mark.parametrize("answers", [(), (page("1", following="/v1.0/a"),)])
async def test_a_parent_that_was_deleted_meanwhile_has_no_more_children(
    answers: tuple[Answer, ...],
) -> None:
    async with Staged(*answers, refusal(404, "Request_ResourceNotFound")) as stage:
        assert len(await read(stage, MEMBERS, "group-1")) == len(answers)


async def test_another_refusal_of_one_parent_is_one_of_all() -> None:
    async with Staged(refusal(403, "Authorization_RequestDenied")) as stage:
        with pytest.raises(PermissionMissing):
            await read(stage, MEMBERS, "group-1")
