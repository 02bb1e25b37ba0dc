"""How every command ends: exit codes, one line instead of a traceback, nothing secret in it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
)

from ops.session import Options, RefusedError, Session
from shared_code.core.errors import (
    ConfigurationError,
    ConsentMissing,
    OrderRefused,
    UpstreamDown,
)
from tests.ops.stage import VALUES, ops

ADDRESS = "https://store.contoso.example/links(PartitionKey='p',RowKey='secret')"


def forbidden() -> HttpResponseError:
    error = HttpResponseError(ADDRESS)
    error.status_code = 403
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError("no"), 1),
        (OrderRefused("no"), 1),
        (ConsentMissing("tenant t"), 1),
        (ConfigurationError("LINK_KEYS is missing"), 3),
        (ClientAuthenticationError(ADDRESS), 3),
        (forbidden(), 3),
        (UpstreamDown("graph"), 4),
        (ServiceRequestError(ADDRESS), 4),
        (HttpResponseError(ADDRESS), 4),
        (TimeoutError(), 4),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_code(error: Exception, code: int) -> None:
    @asynccontextmanager
    async def failing(_options: Options) -> AsyncGenerator[Session]:
        raise error
        yield

    ended = ops("tenants", "list", "--json", opening=failing)

    assert (ended.code, ended.output) == (code, "")
    assert ended.error.startswith("error: ")
    assert ended.error.count("\n") == 1
    assert "secret" not in ended.error


def written(folder: Path, text: str) -> str:
    file = folder / "settings.json"
    file.write_text(text, "utf-8")
    return str(file)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Values": {"LINK_KEYS": 1}}', '{"Values": {}}'])
def test_settings_that_are_none_are_named_and_never_quoted(tmp_path: Path, text: str) -> None:
    ended = ops("tenants", "list", "--settings", written(tmp_path, text))

    assert (ended.code, ended.output) == (3, "")
    assert ended.error.count("\n") == 1


def test_settings_that_are_not_there_are_named(tmp_path: Path) -> None:
    ended = ops("tenants", "list", "--settings", str(tmp_path / "none.json"))

    assert ended.code == 3
    assert "none.json: cannot be read" in ended.error


def test_ones_own_sign_in_needs_addresses_and_not_keys(tmp_path: Path) -> None:
    settings = written(tmp_path, json.dumps({"Values": VALUES}))

    ended = ops("tenants", "list", "--as-me", "--settings", settings)

    assert ended.code == 3
    assert "--as-me" in ended.error


@pytest.mark.parametrize(
    "words",
    [
        ("nothing",),
        ("tenants", "list", "--state", "gone"),
        ("tenants", "onboard"),
        ("runs", "list", "--limit", "0"),
        ("assess", "write", "MC900301", "--de", "x"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_in_usage(words: tuple[str, ...]) -> None:
    ended = ops(*words)

    assert (ended.code, ended.output) == (2, "")


def test_help_tells_the_exit_codes() -> None:
    ended = ops("--help")

    assert ended.code == 0
    assert "Exit codes" in ended.output
