"""Reads host.json and the app settings, and resolves what bindings say in terms of them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

DEFAULT_CONNECTION = "AzureWebJobsStorage"
_OVERRIDE = "AzureFunctionsJobHost__"
_NAME = re.compile(r"%([^%]+)%")
_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?")
_ENCODINGS = ("base64", "none")


class SettingsError(Exception):
    """A setting or host.json keeps the host from starting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOptions:
    batch_size: int
    new_batch_threshold: int
    max_dequeue_count: int
    visibility_timeout: timedelta
    max_polling_interval: timedelta
    is_base64: bool

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> Self:
        encoding = str(section.get("messageEncoding", "base64")).lower()
        if encoding not in _ENCODINGS:
            raise SettingsError(f"host.json: messageEncoding {encoding!r} is unknown")
        batch_size = int(section.get("batchSize", 16))
        return cls(
            batch_size=batch_size,
            new_batch_threshold=int(section.get("newBatchThreshold", batch_size // 2)),
            max_dequeue_count=int(section.get("maxDequeueCount", 5)),
            visibility_timeout=span(section.get("visibilityTimeout", "00:00:00")),
            max_polling_interval=span(section.get("maxPollingInterval", "00:01:00")),
            is_base64=encoding == "base64",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOptions:
    route_prefix: str
    function_timeout: timedelta | None
    queues: QueueOptions

    @classmethod
    def read(cls, folder: Path, settings: Mapping[str, str]) -> Self:
        """host.json with the settings that override single values of it."""
        document = _document(folder / "host.json")
        for name, value in settings.items():
            if name.startswith(_OVERRIDE):
                _override(document, name.removeprefix(_OVERRIDE).split("__"), value)
        extensions = document.get("extensions", {})
        timeout = document.get("functionTimeout")
        return cls(
            route_prefix=extensions.get("http", {}).get("routePrefix", "api").strip("/"),
            function_timeout=span(timeout) if timeout and timeout != "-1" else None,
            queues=QueueOptions.read(extensions.get("queues", {})),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """The app settings, as bindings refer to them."""

    values: Mapping[str, str]

    def resolve(self, text: str) -> str:
        return _NAME.sub(lambda match: self._require(match[1]), text)

    def _require(self, name: str) -> str:
        if name not in self.values:
            raise SettingsError(f"'%{name}%' does not resolve to a value: no setting {name}")
        return self.values[name]

    def connection(self, name: str) -> str:
        """The connection string a binding's `connection` stands for."""
        name = self.resolve(name) if name else DEFAULT_CONNECTION
        # The host looks for the prefixed name first.
        for candidate in (f"AzureWebJobs{name}", name):
            if self.values.get(candidate):
                return self.values[candidate]
        if any(setting.startswith(f"{name}__") for setting in self.values):
            raise SettingsError(f"{name}: the local host needs a connection string, no identity")
        raise SettingsError(f"no setting {name}, which a binding names as its connection")

    def is_disabled(self, function: str) -> bool:
        return self.values.get(f"AzureWebJobs.{function}.Disabled", "").lower() in ("true", "1")


def span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise SettingsError(f"host.json: {text!r} is not a time span like 00:01:00")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_settings(file: Path) -> dict[str, str]:
    """The Values of a file like local.settings.json."""
    values = _document(file).get("Values", {})
    wrong = [name for name, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise SettingsError(f"{file.name}: values must be text: {', '.join(wrong)}")
    return values


def _document(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"no {file}") from error
    except ValueError as error:
        raise SettingsError(f"{file} is not JSON: {error}") from error


def _override(document: dict[str, Any], path: list[str], value: str) -> None:
    for section in path[:-1]:
        document = document.setdefault(section, {})
    document[path[-1]] = value
