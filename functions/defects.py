"""What the host is told of a defect: classes and places, never words, which may quote a tenant."""

import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from shared_code.core.errors import ReportingError

_MOST_FRAMES = 8


class Defect(Exception):
    """Stands for an error whose own words stay here. The host tries the message again."""


@contextmanager
def without_words() -> Generator[None]:
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
