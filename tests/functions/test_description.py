"""docs/openapi.yaml describes the app: every route and method, and nothing that is not there."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.functions.description import described, operations
from tests.functions.house import ROOT, House

pytestmark = pytest.mark.asyncio(loop_scope="session")


def _triggers(house: House) -> dict[tuple[str, str], str]:
    triggers = {name: house.app.trigger(name) for name in house.app.names}
    return {
        (method, f"/{trigger['route']}"): name
        for name, trigger in triggers.items()
        if trigger["type"] == "httpTrigger"
        for method in trigger["methods"]
    }


async def test_it_is_a_valid_description() -> None:
    OpenAPIV31SpecValidator(described()).validate()  # pyright: ignore[reportArgumentType]


async def test_every_route_is_described_and_nothing_else(house: House) -> None:
    assert set(operations()) == set(_triggers(house))


async def test_operations_are_called_as_the_functions_are(house: House) -> None:
    functions = _triggers(house)
    for (method, path), operation in operations().items():
        called = operation["operationId"].removesuffix("_head" if method == "HEAD" else "")
        assert called == functions[method, path]


async def test_every_part_of_an_address_is_described() -> None:
    for (_, path), operation in operations().items():
        shared = described()["paths"][path].get("parameters", [])
        given = [_resolved(each) for each in (*shared, *operation.get("parameters", []))]
        assert {p["name"] for p in given if p["in"] == "path"} == set(re.findall(r"{(\w+)}", path))


async def test_the_api_takes_access_tokens_alone_and_a_cookie_nowhere() -> None:
    for (method, path), operation in operations().items():
        wanted = [] if path == "/api/health" else [{"entra": []}]
        if path.startswith("/api/"):
            assert operation["security"] == wanted, (method, path)


async def test_every_example_is_as_its_schema_says() -> None:
    examples = list(_examples(described()))
    components = described()["components"]

    assert len(examples) > 10
    for schema, example in examples:
        Draft202012Validator({**schema, "components": components}).validate(example)


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    target: Any = node
    while "$ref" in target:
        place = target["$ref"].removeprefix("#/").split("/")
        target = described()
        for step in place:
            target = target[step]
    return target


def _examples(node: Any) -> Any:
    if isinstance(node, dict):
        if "schema" in node:
            if "example" in node:
                yield node["schema"], node["example"]
            for each in node.get("examples", {}).values():
                yield node["schema"], each["value"]
        for each in node.values():
            yield from _examples(each)
    elif isinstance(node, list):
        for each in node:
            yield from _examples(each)


async def test_every_address_that_the_pages_for_engineers_print_is_described() -> None:
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    printed = set(re.findall(r"\$API(/[^\s`\"|)]*)", text))

    assert len(printed) > 3
    assert {path.replace("$TENANT", "{id}") for path in printed} <= set(described()["paths"])
