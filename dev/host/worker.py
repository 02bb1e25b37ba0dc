"""Indexes and invokes a function app with the worker library that runs it in production."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Self
from uuid import uuid4

import azure_functions_runtime.handle_event as worker
from azure_functions_runtime.bindings.datumdef import Datum
from azure_functions_runtime.bindings.meta import load_binding_registry
from azure_functions_runtime.native_invocation import invocation_request_native
from azure_functions_runtime.utils.threadpool import (
    start_threadpool_executor,
    stop_threadpool_executor,
)

type Binding = Mapping[str, Any]


class AppError(Exception):
    """The function app cannot be loaded as it stands."""


class _Message:
    """Stands in for the protobuf messages, of which indexing needs nothing but the fields."""

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)


class _BindingInfo(_Message):
    undefined, out, inout = 0, 1, 2  # FunctionRpc.proto: Direction and DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an invocation ended in; error and trace are set when ok is False."""

    ok: bool
    returned: Datum | None = None
    error: str | None = None
    trace: str | None = None

    @property
    def summary(self) -> str:
        return "ok" if self.ok else "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP function's response; 500 without a body when the function failed."""

    ok: bool
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Sequence[SimpleCookie] = ()
    error: str | None = None
    trace: str | None = None

    @property
    def summary(self) -> str:
        return str(self.status)


class FunctionsApp:
    """One function app per process: the worker's function registry is module-level."""

    _opened: ClassVar["FunctionsApp | None"] = None

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).resolve()
        self.timeout: timedelta | None = None
        if FunctionsApp._opened is not None:
            raise AppError(f"this process has already loaded {FunctionsApp._opened.folder}")
        _require_script(self.folder)
        sys.path.insert(0, str(self.folder))
        load_binding_registry()
        start_threadpool_executor()
        self._functions = _index(self.folder)
        FunctionsApp._opened = self

    @classmethod
    def open(cls, folder: Path | str) -> "FunctionsApp":
        """The app already loaded from this folder, or a new one: what tests share."""
        opened = FunctionsApp._opened
        if opened is None or opened.folder != Path(folder).resolve():
            return cls(folder)
        start_threadpool_executor()
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        stop_threadpool_executor()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._functions)

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Exactly what the host receives, with %SETTING% still unresolved."""
        return tuple(json.loads(text) for text in self._functions[name].raw_bindings)

    def trigger(self, name: str) -> Binding:
        return next(b for b in self.bindings(name) if b["type"].endswith("Trigger"))

    async def invoke(
        self, name: str, datum: Datum, metadata: Mapping[str, Datum] | None = None
    ) -> Outcome:
        seconds = self.timeout.total_seconds() if self.timeout else None
        invocation = invocation_request_native(
            str(uuid4()),
            self._functions[name].function_id,
            [(self.trigger(name)["name"], datum)],
            dict(metadata or {}),
        )
        try:
            ok, returned, _, error, trace = await asyncio.wait_for(invocation, seconds)
        except TimeoutError:
            # The worker reports what a function raises, so this one is the host's.
            return Outcome(ok=False, error=f"functionTimeout: not done after {seconds} s")
        return Outcome(ok=ok, returned=returned, error=error, trace=trace)

    async def timer(
        self,
        name: str,
        *,
        past_due: bool = False,
        last: datetime | None = None,
        next_: datetime | None = None,
    ) -> Outcome:
        status = {"Last": _iso(last), "Next": _iso(next_), "LastUpdated": _iso(last)}
        request = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status,
            "IsPastDue": past_due,
        }
        return await self.invoke(name, Datum(json.dumps(request), "json"))

    async def queue(
        self,
        name: str,
        body: str,
        *,
        dequeue_count: int = 1,
        message_id: str | None = None,
        inserted: datetime | None = None,
        expires: datetime | None = None,
        next_visible: datetime | None = None,
    ) -> Outcome:
        metadata = {
            "Id": _text(message_id or str(uuid4())),
            "DequeueCount": _text(str(dequeue_count)),
            "PopReceipt": _text("local"),
        }
        times = {
            "InsertionTime": inserted,
            "ExpirationTime": expires,
            "NextVisibleTime": next_visible,
        }
        metadata |= {k: Datum(json.dumps(t.isoformat()), "json") for k, t in times.items() if t}
        return await self.invoke(name, _text(body), metadata)

    async def http(
        self,
        name: str,
        *,
        method: str = "GET",
        url: str = "http://localhost/",
        headers: Mapping[str, str] | None = None,
        route: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        request = {
            "method": _text(method),
            "url": _text(url),
            "headers": _texts(headers),
            "params": _texts(route),
            "query": _texts(query),
            "body": Datum(body, "bytes"),
        }
        return _answer(await self.invoke(name, Datum(request, "http")))


def _require_script(folder: Path) -> None:
    # Production finds no functions and says nothing when the script is missing.
    script = os.environ.get("PYTHON_SCRIPT_FILE_NAME", "function_app.py")
    if not (folder / script).is_file():
        raise AppError(f"no {script} in {folder}")


def _index(folder: Path) -> dict[str, Any]:
    worker.protos = SimpleNamespace(
        BindingInfo=_BindingInfo,
        RpcFunctionMetadata=type("RpcFunctionMetadata", (_Message,), {}),
        RpcRetryOptions=type("RpcRetryOptions", (_Message,), {}),
    )
    worker.load_function_metadata(str(folder), caller_info="worker_init_request")
    return {f.name: f for f in worker._metadata_result or []}  # noqa: SLF001


def _answer(outcome: Outcome) -> Answer:
    if not outcome.ok:
        return Answer(ok=False, status=500, error=outcome.error, trace=outcome.trace)
    if outcome.returned is None:
        return Answer(ok=True, status=204)
    if outcome.returned.type != "http":
        text = {"Content-Type": "text/plain; charset=utf-8"}
        return Answer(ok=True, status=200, body=_bytes(outcome.returned), headers=text)
    response = outcome.returned.value
    return Answer(
        ok=True,
        status=int(response["status_code"].value),
        headers={name: value.value for name, value in response["headers"].items()},
        cookies=tuple(response["cookies"] or ()),
        body=_bytes(response["body"]),
    )


def _bytes(datum: Datum) -> bytes:
    return datum.value.encode() if isinstance(datum.value, str) else bytes(datum.value)


def _text(value: str) -> Datum:
    return Datum(value, "string")


def _texts(values: Mapping[str, str] | None) -> dict[str, Datum]:
    return {name: _text(value) for name, value in (values or {}).items()}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
