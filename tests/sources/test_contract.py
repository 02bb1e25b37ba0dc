"""Our requests are those of Microsoft's SDK and of its contract, and documented answers are understood."""

import functools
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema.exceptions import ValidationError
from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.response.exceptions import InvalidData

from shared_code import datasets
from shared_code.core.dataset import Dataset, Origin
from shared_code.reports import registry
from shared_code.sources.graph.addresses import first_url
from shared_code.sources.graph.bodies import decode_page
from shared_code.sources.graph.csv_files import column_name
from shared_code.sources.graph.grants import APP_ROLE_ASSIGNMENTS, ORGANIZATION
from shared_code.sources.graph.licences import PLANS, SUBSCRIBED_SKUS

HERE = Path(__file__)
CONTRACT = HERE.parents[2].parent / "shared" / "contract"
BASE = "https://graph.microsoft.com/v1.0"
PARENT = "9a1d3e5c-0000-4000-8000-000000000001"

needs_contract = pytest.mark.skipif(
    not CONTRACT.is_dir(), reason="Microsoft's contract files are not beside this checkout"
)


def _all_datasets() -> Iterator[Dataset[Any]]:
    for module in pkgutil.iter_modules(datasets.__path__):
        names = vars(importlib.import_module(f"{datasets.__name__}.{module.name}"))
        yield from (value for value in names.values() if isinstance(value, Dataset))
    for report in registry().values():
        yield from report.needs
    yield SUBSCRIBED_SKUS


DATASETS = sorted({each.name: each for each in _all_datasets()}.values(), key=lambda d: d.name)
OF_GRAPH = [dataset for dataset in DATASETS if dataset.origin is Origin.TENANT]
each_dataset = pytest.mark.parametrize("dataset", OF_GRAPH, ids=lambda d: d.name)


def test_names_of_datasets_are_unique() -> None:
    assert len(DATASETS) == len(set(_all_datasets()))


@each_dataset
def test_a_licence_is_one_that_can_be_told_by_its_service_plans(dataset: Dataset[Any]) -> None:
    assert dataset.licence is None or dataset.licence in PLANS


@functools.cache
def sdk() -> GraphServiceClient:
    adapter = GraphRequestAdapter(AnonymousAuthenticationProvider())
    adapter.base_url = BASE
    return GraphServiceClient(request_adapter=adapter)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _builder(path: str) -> Any:
    """`/a/getB(c='x')/d` is `.a.get_b_with_c('x').d` of the SDK, `/a/{parent}` `.a.by_a_id(...)`."""
    builder: Any = sdk()
    for segment in path.strip("/").split("/"):
        if segment == "{parent}":
            [by_id] = [name for name in dir(builder) if name.startswith("by_")]
            builder = getattr(builder, by_id)(PARENT)
            continue
        name, _, parameters = segment.rstrip(")").partition("(")
        pairs = re.findall(r"(\w+)='?([^',]*)'?", parameters)
        suffix = "".join(f"_with_{_snake(pair[0])}" for pair in pairs[:1])
        found = getattr(builder, _snake(name) + suffix)
        builder = found(*(pair[1] for pair in pairs)) if pairs else found
    return builder


def _top_level(text: str) -> list[str]:
    return re.findall(r"(?:[^,(]|\([^)]*\))+", text)


def _sdk_url(dataset: Dataset[Any]) -> str:
    builder = _builder(dataset.path)
    members = vars(type(builder)).items()
    parameters = next((v for k, v in members if k.endswith("GetQueryParameters")), None)
    options: dict[str, Any] = {}
    for name, value in dataset.query(PARENT).items():
        is_list = name in ("$select", "$expand", "$orderby")
        options[name[1:]] = _top_level(value) if is_list else value
    if "top" in options:
        options["top"] = int(options["top"])
    assert parameters or not options, "takes no query options"
    query = parameters(**options) if parameters else None
    configuration = RequestConfiguration(query_parameters=query)
    request = builder.to_get_request_information(configuration)
    request.path_parameters["baseurl"] = BASE
    # Functions without parameters answer with and without their parentheses.
    url = request.url.removesuffix("()")
    # The one difference: the SDK encodes the $ of names too, which means the same.
    return re.sub(r"(?<=[?&])%24", "$", url)


@each_dataset
def test_the_first_url_is_the_one_microsofts_sdk_makes(dataset: Dataset[Any]) -> None:
    assert str(first_url(BASE, dataset, PARENT)) == _sdk_url(dataset)


@functools.cache
def contract() -> tuple[dict[str, Any], OpenAPI]:
    document = json.loads((CONTRACT / "openapi-v1.0-subset.json").read_text("utf-8"))
    document.pop("security", None)  # else each request must carry Authorization

    def text(body: bytes) -> str:
        return body.decode("utf-8-sig")  # usage reports are CSV with a byte-order mark

    plain = {"application/octet-stream": text, "text/csv": text}
    return document, OpenAPI.from_dict(
        document, config=Config(extra_media_type_deserializers=plain)
    )


def _request(path: str, query: dict[str, str] | None = None) -> MockRequest:
    return MockRequest("https://graph.microsoft.com", "get", f"/v1.0{path}", args=query or {})


def _path(dataset: Dataset[Any]) -> str:
    return dataset.path.replace("{parent}", PARENT)


def _operation(path: str) -> dict[str, Any]:
    """Of the most definite template; skips where the subset leaves the path out."""
    paths: dict[str, Any] = contract()[0]["paths"]
    found: list[tuple[int, str]] = []
    for template in paths:
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path):
            found.append((template.count("{"), template))
    if not found:
        pytest.skip(f"the contract's subset leaves out {path}")
    return paths[min(found)[1]]["get"]


@needs_contract
@each_dataset
def test_the_request_keeps_to_the_contract(dataset: Dataset[Any]) -> None:
    path, query = _path(dataset), dataset.query(PARENT)
    known = {p["name"] for p in _operation(path)["parameters"] if p["in"] == "query"}
    assert set(query) <= known
    contract()[1].validate_request(_request(path, query))


def _schema(name: str) -> dict[str, Any]:
    return contract()[0]["components"]["schemas"][name]


def _reference(shape: dict[str, Any]) -> str | None:
    """The name of the schema that a shape, or one of its alternatives, refers to."""
    parts = [shape, *shape.get("anyOf", []), *shape.get("oneOf", []), *shape.get("allOf", [])]
    found = (part["$ref"].rpartition("/")[2] for part in parts if "$ref" in part)
    return next(found, None)


def _properties(name: str) -> dict[str, Any]:
    """Also those that it inherits and those of the types derived from it."""
    schema = _schema(name)
    parts = [schema, *(part for part in schema.get("allOf", []) if "$ref" not in part)]
    found: dict[str, Any] = {each: {} for each in schema.get("x-pruned-navigation", [])}
    if parent := _reference(schema):
        found |= _properties(parent)
    for derived in schema.get("x-derived", {}).values():
        found |= _properties(derived.rpartition("/")[2])
    for part in parts:
        found |= part.get("properties", {})
    return found


def _answered(path: str) -> str:
    """The schema of a row."""
    shape = _operation(path)["responses"]["200"]["content"]["application/json"]["schema"]
    listed = shape.get("properties", {}).get("value", {}).get("items", {})
    return _reference(listed) or _reference(shape) or pytest.skip(f"no schema of {path}")


def _assert_described(shape: msgspec.inspect.Type, name: str, path: str) -> None:
    """Every field of a part stands in the schema; what the service adds starts with an @."""
    parts = shape.types if isinstance(shape, msgspec.inspect.UnionType) else (shape,)
    for part in parts:
        if isinstance(part, msgspec.inspect.VarTupleType):
            _assert_described(part.item_type, name, path)
        if isinstance(part, msgspec.inspect.StructType):
            _assert_fields(part.cls, name, path)


def _assert_fields(row: type[msgspec.Struct], name: str, path: str) -> None:
    known = _properties(name)
    shape = msgspec.inspect.type_info(row)
    assert isinstance(shape, msgspec.inspect.StructType)
    for field in shape.fields:
        wire = field.encode_name
        if wire.startswith("@") or wire in ("id", "parent"):
            continue
        assert wire in known, f"{path}: {name} has no {wire}"
        inner = _reference(known[wire]) or _reference(known[wire].get("items", {}))
        if inner and inner in contract()[0]["components"]["schemas"]:
            _assert_described(field.type, inner, path)


@needs_contract
@each_dataset
def test_every_field_stands_in_the_schema(dataset: Dataset[Any]) -> None:
    if dataset.key is not None:
        pytest.skip("a file")
    path = _path(dataset)
    _assert_fields(dataset.row, _answered(path), path)


@needs_contract
@each_dataset
def test_its_permissions_suffice(dataset: Dataset[Any]) -> None:
    told = _operation(_path(dataset))["x-ms-permissions-application"]
    least = {each["name"] for each in told["least"]}
    assert {*told["any"], *least} & set(dataset.permissions)


@needs_contract
@each_dataset
def test_columns_of_a_file_are_documented(dataset: Dataset[Any]) -> None:
    if dataset.key is None:
        pytest.skip("no file")
    function = re.sub(r"\W.*", "", dataset.path.rpartition("/")[2]).lower()
    sample = CONTRACT / "samples" / f"reports-{function}.csv"
    columns = {column_name(each) for each in sample.read_text("utf-8-sig").split(",")}
    assert column_name(dataset.key) in columns
    assert {f.name for f in msgspec.structs.fields(dataset.row)} - {"id"} <= columns


@functools.cache
def _documented() -> dict[str, list[str]]:
    """Sample files by path."""
    index = json.loads((CONTRACT / "samples" / "index.json").read_text("utf-8"))
    found: dict[str, list[str]] = {}
    for entry in index:
        if entry["version"] == "v1.0" and entry["method"] == "GET":
            files = [s["file"] for s in entry["samples"] if s["status"] == 200]
            found.setdefault(entry["path"], []).extend(files)
    return found


def samples(dataset: Dataset[Any]) -> list[Path]:
    files = (CONTRACT / "samples-valid" / name for name in _documented().get(dataset.path, []))
    return [file for file in files if file.suffix == ".json" and file.is_file()]


def _needs_id(dataset: Dataset[Any]) -> bool:
    return next(f.required for f in msgspec.structs.fields(dataset.row) if f.name == "id")


def _of(body: dict[str, Any]) -> list[dict[str, Any]]:
    value = body.get("value", body)
    return value if isinstance(value, list) else [value]


@needs_contract
@pytest.mark.parametrize("dataset", [*OF_GRAPH, ORGANIZATION], ids=lambda d: d.name)
def test_documented_answers_are_understood(dataset: Dataset[Any]) -> None:
    found = samples(dataset)
    if not found:
        pytest.skip(f"no documented answer of {dataset.path}")
    # Pages show what they please of an object; one without an id was cut by a $select of its own.
    bodies = [json.loads(sample.read_bytes()) for sample in found]
    whole = [body for body in bodies if not _needs_id(dataset) or all("id" in r for r in _of(body))]
    assert whole
    for body in whole:
        assert decode_page(dataset, msgspec.json.encode(body)).rows


@needs_contract
def test_documented_grants_are_understood() -> None:
    sample = CONTRACT / "samples-valid" / "serviceprincipal-approleassignments.json"
    assert decode_page(APP_ROLE_ASSIGNMENTS, sample.read_bytes()).rows


RECORDED = sorted((HERE.parents[1]).glob("**/recorded/*.json"))


@needs_contract
@pytest.mark.parametrize("file", RECORDED, ids=lambda f: "/".join(f.parts[-4:]))
def test_recorded_answers_keep_to_the_contract(file: Path) -> None:
    recorded = json.loads(file.read_text("utf-8"))
    if "path" not in recorded:
        pytest.skip("not an answer of Graph")
    if not recorded["path"].startswith("/"):
        pytest.skip("what the partner keeps")
    path = recorded["path"].replace("{parent}", PARENT)
    content = _operation(path)["responses"]["200"]["content"]
    if "application/json" not in content:
        pytest.skip("a usage report: columns are checked with its dataset")
    if not _answers_a_list(content):
        recorded["body"] = _one(recorded["body"])
    answer = MockResponse(
        msgspec.json.encode(recorded["body"]), status_code=200, content_type="application/json"
    )
    try:
        contract()[1].validate_response(_request(path, recorded.get("query")), answer)
    except InvalidData as error:
        reasons = getattr(error.__cause__, "schema_errors", ())
        if not reasons or not all(map(_is_tolerated, reasons)):
            raise


def _is_tolerated(error: ValidationError) -> bool:
    """Graph sends null where its description has none, and enums in another case (and new ones)."""
    if error.context:
        return any(map(_is_tolerated, error.context))
    return error.validator == "enum" or (error.validator == "type" and error.instance is None)


def _answers_a_list(content: dict[str, Any]) -> bool:
    return "value" in content["application/json"]["schema"].get("properties", {})


def _one(body: Any) -> Any:
    """Graph documents single objects bare."""
    value = body.get("value", body)
    return value[0] if isinstance(value, list) else value
