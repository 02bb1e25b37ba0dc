"""Session: the services a command works with, on whose sign-in, and how every command ends."""

import asyncio
import base64
import json
import os
import secrets
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import msgspec
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)

from ops.answers import printable
from ops.azure_cli import azure_cli
from shared_code.core.audit import ENGINEER
from shared_code.core.errors import (
    ConfigurationError,
    FieldInvalid,
    NotInvitable,
    NotPermitted,
    OrderRefused,
    ReportingError,
    UpstreamError,
)
from shared_code.settings import Settings, read_settings
from shared_code.wiring.app import Services
from shared_code.wiring.build import build

_STORAGE = "https://storage.azure.com/.default"
_FORBIDDEN = 403


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    REFUSED = 1  # there is no such thing, or it must not be done
    USAGE = 2
    CONFIGURATION = 3  # settings, or who signed in
    UNAVAILABLE = 4  # storage or Microsoft did not answer; later it may


class RefusedError(Exception):
    """Says in one sentence why nothing was done."""


@dataclass(frozen=True, slots=True)
class Session:
    """`actor` is whom the audit names: an object id, never a name."""

    services: Services
    actor: str
    can_sign: bool = True

    def require_keys(self) -> None:
        """Raises ConfigurationError where a link would open nothing."""
        if not self.can_sign:
            raise ConfigurationError("LINK_KEYS is missing: links and invitations are signed")


@dataclass(frozen=True, slots=True)
class Options:
    """What every command takes."""

    settings: Path | None = None
    as_me: bool = False


_KEYS = ("LINK_KEYS", "PSEUDONYM_KEY")


def _stand_in() -> str:
    return f"none:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


type Opening = Callable[[Options], AbstractAsyncContextManager[Session]]


@asynccontextmanager
async def opened(
    options: Options, *, sign_in: Callable[[], AsyncTokenCredential] | None = None
) -> AsyncGenerator[Session]:
    """The services of these settings. Raises ConfigurationError."""
    values = _values(options.settings)
    # Keys stay in the vault: engineers who sign nothing need none. Pseudonyms only runs make.
    stand_ins = {name: _stand_in() for name in _KEYS if options.as_me and not values.get(name)}
    settings = _read({**values, **stand_ins}, options)
    is_local = settings.storage.connection_string is not None
    if options.as_me and is_local:
        raise ConfigurationError("--as-me needs storage addresses; REPORTS_STORAGE has keys")
    credentials = (sign_in or azure_cli)() if options.as_me else nullcontext()
    async with credentials as credential:
        services = build(settings, credential=credential)
        try:
            if is_local:
                # In Azure the template does it, and engineers need no right to.
                await services.prepare()
            yield Session(services, await object_id(credential), "LINK_KEYS" not in stand_ins)
        finally:
            await services.close()


def ended[T](work: Coroutine[Any, Any, T]) -> tuple[Exit, T | None]:
    """Runs it to its end; what went wrong is one line, without a traceback."""
    try:
        return Exit.OK, asyncio.run(work)
    except _EXPECTED as error:
        code, line = _told(error)
        print(f"error: {printable(line)}", file=sys.stderr)
        return code, None


_EXPECTED = (RefusedError, ReportingError, AzureError, TimeoutError, OSError)
# Of any other error of ours the name says what happened.
_SAY_ALL = (RefusedError, FieldInvalid, NotInvitable, NotPermitted, OrderRefused)


def _told(error: BaseException) -> tuple[Exit, str]:
    if isinstance(error, _SAY_ALL):
        return Exit.REFUSED, str(error)
    if isinstance(error, ConfigurationError):
        return Exit.CONFIGURATION, str(error)
    if isinstance(error, ReportingError):
        code = Exit.UNAVAILABLE if isinstance(error, UpstreamError) else Exit.REFUSED
        return code, f"{type(error).__name__}: {error}"
    return _told_of_storage(error)


def _told_of_storage(error: BaseException) -> tuple[Exit, str]:
    """Without the SDK's words: they quote addresses, and links' ids are in them."""
    if isinstance(error, ClientAuthenticationError):
        return Exit.CONFIGURATION, "not signed in: run `az login` and ask again with --as-me"
    if isinstance(error, HttpResponseError) and error.status_code == _FORBIDDEN:
        return Exit.CONFIGURATION, "storage refuses this sign-in: it lacks a role there"
    if isinstance(error, ResourceNotFoundError):
        return Exit.CONFIGURATION, "storage lacks what the service keeps there: the right account?"
    return Exit.UNAVAILABLE, f"storage does not answer ({type(error).__name__})"


def _read(values: Mapping[str, str], options: Options) -> Settings:
    try:
        return read_settings(values)
    except ConfigurationError as error:
        if options.settings is not None:
            raise
        raise ConfigurationError(f"{error}; --settings or OPS_SETTINGS names a file") from None


def _values(settings: Path | None) -> Mapping[str, str]:
    """Raises ConfigurationError."""
    if settings is None:
        return os.environ
    try:
        return msgspec.json.decode(settings.read_bytes(), type=_SettingsFile).Values
    except OSError as error:
        raise ConfigurationError(f"{settings}: cannot be read") from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f'{settings}: not {{"Values": {{...}}}}') from error


class _SettingsFile(msgspec.Struct):
    Values: dict[str, str]


async def object_id(credential: AsyncTokenCredential | None) -> str:
    """As the engineer's own token says; nobody is let in because of it."""
    if credential is None:
        return ENGINEER
    token = await credential.get_token(_STORAGE)
    body = token.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims.get("oid") or ENGINEER
