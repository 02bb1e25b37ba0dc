"""What is told of a defect: classes and places in the log and to the host, never words, which may
quote a tenant; to who asked only that there is one. And how each HTTP function answered."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import azure.functions as func

from functions.answers import failed
from shared_code.core.errors import ReportingError

_log = logging.getLogger(__name__)

_MOST_FRAMES = 8

type _Function = Callable[..., Awaitable[Any]]


class Defect(Exception):
    """Stands for an error whose own words stay here. The host tries the message again."""


class GuardedApp(func.FunctionApp):
    """Guards every function that it is given, so that none can be forgotten."""

    def get_functions(self) -> list[Any]:
        functions = super().get_functions()
        for function in functions:
            guard = _answering if function.is_http_function() else _raising
            guarded = guard(function.get_user_function(), function.get_function_name() or "")
            function._func = guarded  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return functions


def _raising(function: _Function, _: str) -> _Function:
    @wraps(function)
    async def guarded(**bound: object) -> None:
        with _without_words():
            await function(**bound)

    return guarded


def _answering(function: _Function, name: str) -> _Function:
    @wraps(function)
    async def guarded(req: func.HttpRequest) -> func.HttpResponse:
        try:
            with _without_words():
                answer: func.HttpResponse = await function(req)
        except Defect as defect:
            _log.error("defect: %s", defect)
            answer = failed(req)
        # The host tells neither addresses, which are secrets, nor then statuses (host.json).
        _log.info("answered function=%s status=%d", name, answer.status_code)
        return answer

    return guarded


@contextmanager
def _without_words() -> Generator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the host would log all of it
        raise Defect("; caused by ".join(map(_described, _chain(error)))) from None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _described(error: BaseException) -> str:
    # Ours are written to be logged.
    words = f"{error}, " if isinstance(error, ReportingError) else ""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    places = " < ".join(_place(frame) for frame in reversed(frames))
    return f"{type(error).__name__}: {words}at {places}"


def _place(frame: traceback.FrameSummary) -> str:
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"
