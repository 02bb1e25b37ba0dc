"""How every command ends: exit codes, one line instead of a traceback, nothing secret in it."""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
)

from ops.session import Options, RefusedError, Session, object_id, opened
from shared_code.core.errors import (
    ConfigurationError,
    ConsentMissing,
    FieldInvalid,
    OrderRefused,
    UpstreamDown,
)
from tests.ops.stage import CONTOSO, REPORT, VALUES, House, ops

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
        (ResourceNotFoundError(ADDRESS), 3),
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


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OrderRefused("it is delivered"), "error: it is delivered\n"),
        (FieldInvalid("digest", "not five cron fields"), "error: digest: not five cron fields\n"),
        (ConsentMissing("tenant t"), "error: ConsentMissing: tenant t\n"),
    ],
)
def test_a_refusal_is_a_sentence_and_of_other_errors_the_name_is_one(
    error: Exception, line: str
) -> None:
    @asynccontextmanager
    async def failing(_options: Options) -> AsyncGenerator[Session]:
        raise error
        yield

    assert ops("tenants", "list", opening=failing).error == line


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


@pytest.mark.parametrize(
    "words",
    [
        ("sla", "--hours", "inf"),
        ("sla", "--hours", "1e300"),
        ("tenants", "onboard", CONTOSO, "--since", "0001-01-01T00:00+10:00"),
        ("runs", "again", CONTOSO, REPORT, "9999-12-31T23:00-10:00"),
    ],
)
def test_what_no_calendar_has_is_a_mistake_in_usage(words: tuple[str, ...]) -> None:
    assert ops(*words).code == 2


@pytest.mark.parametrize("words", [("sla", "--tenant", ""), ("runs", "list", "--tenant", "")])
def test_a_variable_of_a_script_that_is_empty_does_not_mean_all_tenants(
    words: tuple[str, ...],
) -> None:
    house = House()
    house.serve()

    assert house.ops(*words).code == 1


@pytest.mark.parametrize("since", ["2016-01-01T00:00Z", "2100-01-01T00:00Z"])
def test_nobody_is_served_since_another_year_by_a_slip_of_the_pen(since: str) -> None:
    ended = House().ops("tenants", "onboard", CONTOSO, "--since", since)

    assert ended.code == 1
    assert ended.error.startswith("error: since: more than")


def test_who_forgot_the_settings_is_told_how_to_name_them() -> None:
    ended = ops("tenants", "list")

    assert ended.code == 3
    assert "--settings or OPS_SETTINGS names a file" in ended.error


def test_help_tells_the_exit_codes() -> None:
    ended = ops("--help")

    assert ended.code == 0
    assert "Exit codes" in ended.output


class SignedIn:
    """As after `az login`."""

    def __init__(self, claims: dict[str, str]) -> None:
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        self._token = AccessToken(f"head.{body}.signature", 0)

    async def get_token(self, *scopes: str, **_options: object) -> AccessToken:
        return self._token

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...


@pytest.mark.parametrize(
    ("claims", "actor"), [({"oid": "0e11", "name": "Megan"}, "0e11"), ({}, "engineer")]
)
async def test_the_audit_names_the_object_id_of_who_signed_in(
    claims: dict[str, str], actor: str
) -> None:
    assert await object_id(SignedIn(claims)) == actor
    assert await object_id(None) == "engineer"


@pytest.fixture
def keyless(tmp_path: Path) -> Path:
    """Settings of a function app in Azure, without what lies in the vault."""
    kept = ("LINK_KEYS", "PSEUDONYM_KEY", "REPORTS_STORAGE")
    values = {name: value for name, value in VALUES.items() if name not in kept}
    for name in ("blob", "queue", "table"):
        values[f"REPORTS_STORAGE__{name}ServiceUri"] = f"https://reports.{name}.contoso.example"
    return Path(written(tmp_path, json.dumps({"Values": values})))


async def test_who_signs_nothing_needs_no_keys(keyless: Path) -> None:
    options = Options(keyless, as_me=True)

    async with opened(options, sign_in=lambda: SignedIn({"oid": "0e11"})) as session:
        assert session.actor == "0e11"
        with pytest.raises(ConfigurationError, match="LINK_KEYS"):
            session.require_keys()


def test_without_a_sign_in_of_ones_own_keys_are_required(keyless: Path) -> None:
    ended = ops("tenants", "list", "--settings", str(keyless))

    assert ended.code == 3
    assert "LINK_KEYS is missing" in ended.error
